using System.Text;
using System.Text.Json;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>A server over HTTP/1.1, asked on the caller's thread.</summary>
/// <param name="gate">Held by whoever uses the link while another thread may open it.</param>
internal sealed class HttpLink(EngineConfig config, EngineAddress address, Lock gate) : IServerLink
{
    /// <summary>Descriptions of models are a few kilobytes.</summary>
    private const int DescriptionBytesMost = 1024 * 1024;

    private readonly HttpReply _reply = new();
    private RemoteLink? _link;

    public bool IsOpen => _link is { IsOpen: true };

    public void Open()
    {
        lock (gate)
        {
            if (IsOpen)
            {
                return;
            }
        }

        var link = RemoteLink.Open(config, address, ServerSocket.LimitMs);
        lock (gate)
        {
            _link?.Dispose();
            _link = link;
        }
    }

    public void Close()
    {
        lock (gate)
        {
            _link?.Dispose();
            _link = null;
        }
    }

    public void Dispose() => Close();

    public void RequireReady(double limitMs)
    {
        Get($"{address.Prefix}/v2/health/ready", limitMs);
        if (!_reply.IsOk)
        {
            throw new RemoteFaultException($"it is not ready ({_reply.Words}); does it speak the Open Inference Protocol (KServe v2)?");
        }
    }

    public ModelTold Describe(EngineStageConfig stage, double limitMs)
    {
        Get(PathOf(stage), limitMs);
        if (!_reply.IsOk)
        {
            return ModelTold.Absent(stage, _reply.Words);
        }

        try
        {
            using var document = JsonDocument.Parse(_reply.Body.ToArray());
            return new ModelTold(null, Told(document.RootElement, "inputs"), Told(document.RootElement, "outputs"));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return ModelTold.Garbled(stage, fault);
        }
    }

    public IServerRun Prepare(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs) =>
        new Prepared(this, new InferRequest(address, PathOf(stage), config.Tensors, inputs, outputs));

    private static TensorTold[] Told(JsonElement model, string kind) =>
        model.TryGetProperty(kind, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(t =>
            new TensorTold(t.GetProperty("name").GetString() ?? "", t.GetProperty("datatype").GetString() ?? "",
                [.. t.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())]))] : [];

    /// <summary>The path of a model at the server.</summary>
    private string PathOf(EngineStageConfig stage)
    {
        string version = stage.Version is { } named ? $"/versions/{Uri.EscapeDataString(named)}" : "";
        return $"{address.Prefix}/v2/models/{Uri.EscapeDataString(stage.Model)}{version}";
    }

    private void Get(string path, double limitMs) => Exchange(link =>
    {
        link.Until(limitMs);
        link.Send(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: application/json\r\n\r\n"));
        _reply.Read(link, DescriptionBytesMost);
    });

    private void Exchange(Action<RemoteLink> ask)
    {
        try
        {
            ask(Connection);
            CloseAfterLast();
        }
        catch (RemoteFaultException)
        {
            Close();
            throw;
        }
    }

    private RemoteLink Connection => _link ?? throw new RemoteFaultException("it closed the connection") { IsClosed = true };

    private void CloseAfterLast()
    {
        if (_reply.IsLast)
        {
            Close();
        }
    }

    private sealed class Prepared(HttpLink link, InferRequest request) : IServerRun
    {
        public int BytesOut => request.ByteCount;

        public int BytesIn { get; private set; }

        public void Run(double limitMs)
        {
            BytesIn = 0;
            try
            {
                request.Run(link.Connection, link._reply, limitMs);
                BytesIn = link._reply.ByteCount;
                link.CloseAfterLast();
            }
            catch (RemoteFaultException)
            {
                // What was late would come before the next answer.
                link.Close();
                throw;
            }
        }
    }
}
