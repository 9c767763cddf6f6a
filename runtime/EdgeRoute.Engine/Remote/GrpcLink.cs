using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>A server over gRPC.</summary>
/// <param name="gate">Held by whoever uses the link while another thread may open it.</param>
internal sealed class GrpcLink(EngineConfig config, EngineAddress address, Lock gate) : IServerLink
{
    /// <summary>Descriptions of models are a few kilobytes.</summary>
    private const int DescriptionBytesMost = 1024 * 1024;

    private readonly GrpcMethod _live = GrpcMethod.Of(address, "ServerLive", DescriptionBytesMost);
    private readonly GrpcMethod _ready = GrpcMethod.Of(address, "ServerReady", DescriptionBytesMost);
    private readonly GrpcMethod _describe = GrpcMethod.Of(address, "ModelMetadata", DescriptionBytesMost);
    private GrpcConnection? _connection;

    public bool IsOpen => _connection is { IsOpen: true };

    public void Open()
    {
        lock (gate)
        {
            if (IsOpen)
            {
                return;
            }
        }

        var connection = GrpcConnection.Open(config, address);
        try
        {
            RequireGrpc(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        lock (gate)
        {
            _connection?.Dispose();
            _connection = connection;
        }
    }

    public void Close()
    {
        lock (gate)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    public void Dispose() => Close();

    public void RequireReady(double limitMs)
    {
        var connection = Connection;
        Call(connection, _ready, [], limitMs);
        if (connection.Refusal is not null || !IsTrue(connection.Answer))
        {
            throw new RemoteFaultException($"it is not ready ({connection.Refusal ?? "it says so"}); does it speak the Open Inference "
                + "Protocol (KServe v2)?");
        }
    }

    public ModelTold Describe(EngineStageConfig stage, double limitMs)
    {
        var connection = Connection;
        Call(connection, _describe, GrpcMessages.AskForModel(stage), limitMs);
        try
        {
            return connection.Refusal is { } refusal ? ModelTold.Absent(stage, refusal) : GrpcMessages.ReadModel(connection.Answer);
        }
        catch (FormatException fault)
        {
            return ModelTold.Garbled(stage, fault);
        }
    }

    public IServerRun Prepare(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs) =>
        new Prepared(this, address, stage, inputs, outputs);

    private GrpcConnection Connection => _connection ?? throw new RemoteFaultException("it closed the connection") { IsClosed = true };

    /// <summary>The first call shows what is spoken at the other end.</summary>
    private void RequireGrpc(GrpcConnection connection)
    {
        try
        {
            Call(connection, _live, [], ServerSocket.LimitMs);
        }
        catch (RemoteFaultException fault) when (!fault.IsLate && fault.InnerException is not null)
        {
            throw new RemoteFaultException("it does not speak gRPC; is that port its gRPC port, and TLS as the address says? "
                + $"({fault.Message})", inner: fault);
        }
    }

    private static void Call(GrpcConnection connection, GrpcMethod method, ReadOnlySpan<byte> message, double limitMs)
    {
        connection.Begin(message.Length, limitMs);
        connection.Add(message);
        connection.Make(method, limitMs);
    }

    private static bool IsTrue(ReadOnlySpan<byte> answer)
    {
        try
        {
            return GrpcMessages.IsTrue(answer);
        }
        catch (FormatException fault)
        {
            throw new RemoteFaultException($"its answer is no answer of the protocol ({fault.Message})", inner: fault);
        }
    }

    private sealed class Prepared : IServerRun
    {
        private readonly GrpcLink _link;
        private readonly GrpcMethod _infer;
        private readonly IReadOnlyList<RemoteTensor> _inputs, _outputs;
        private readonly byte[] _head;
        private readonly bool[] _isRead;

        public Prepared(GrpcLink link, EngineAddress address, EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs,
            IReadOnlyList<RemoteTensor> outputs)
        {
            (_link, _inputs, _outputs) = (link, inputs, outputs);
            _infer = GrpcMethod.Of(address, "ModelInfer", InferRequest.ReplyBytesMost(outputs));
            _head = GrpcMessages.AskToRun(stage, inputs, outputs);
            _isRead = new bool[outputs.Count];
        }

        public int BytesOut { get; private set; }

        public int BytesIn { get; private set; }

        public void Run(double limitMs)
        {
            (BytesOut, BytesIn) = (0, 0);
            var connection = _link.Connection;
            try
            {
                long start = Environment.TickCount64;
                Write(connection, limitMs);
                connection.Make(_infer, limitMs - (Environment.TickCount64 - start));
            }
            finally
            {
                (BytesOut, BytesIn) = (connection.CallBytesOut, connection.CallBytesIn);
            }

            if (connection.Refusal is { } refusal)
            {
                throw new RemoteFaultException($"it refused to run the model ({refusal})");
            }

            try
            {
                GrpcMessages.ReadOutputs(connection.Answer, _outputs, _isRead);
            }
            catch (FormatException fault)
            {
                throw new RemoteFaultException($"its answer is no answer of the protocol ({fault.Message})", inner: fault);
            }
        }

        private void Write(GrpcConnection connection, double limitMs)
        {
            Span<byte> rawHead = stackalloc byte[GrpcMessages.RawHeadBytesMost];
            int length = _head.Length;
            for (int i = 0; i < _inputs.Count; i++)
            {
                _inputs[i].Fill();
                length += GrpcMessages.WriteRawHead(rawHead, _inputs[i].Bytes.Length) + _inputs[i].Bytes.Length;
            }

            connection.Begin(length, limitMs);
            connection.Add(_head);
            for (int i = 0; i < _inputs.Count; i++)
            {
                connection.Add(rawHead[..GrpcMessages.WriteRawHead(rawHead, _inputs[i].Bytes.Length)]);
                connection.Add(_inputs[i].Bytes);
            }
        }
    }
}
