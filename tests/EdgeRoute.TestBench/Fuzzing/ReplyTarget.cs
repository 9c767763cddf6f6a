using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.TestBench.Fuzzing;

/// <summary>
/// What an inference server answers, over a real connection: to a run of a model, and to the question what the model is like. The
/// bytes come whole and the connection ends, so that nobody waits.
/// </summary>
internal sealed class ReplyTarget : IDisposable
{
    /// <summary>What the kernel takes without a reader.</summary>
    private const int BytesMost = 60_000;

    private const int LimitMs = 5_000;

    private const string InBinary = """
        {"outputs":[{"name":"boxes","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}},
        {"name":"ids","datatype":"INT64","shape":[2],"parameters":{"binary_data_size":16}}]}
        """;

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly EngineStageConfig _stage = new("stage", "pack", "model", null);
    private readonly RemoteTensor[] _inputs, _outputs;
    private readonly HttpLink _link;
    private readonly IServerRun _run;

    public ReplyTarget()
    {
        _ = OrtLibrary.Load(configuredPath: null);
        _server.Start();
        var address = new EngineAddress("127.0.0.1", ((IPEndPoint)_server.LocalEndpoint).Port, false, "");
        _inputs = [new RemoteTensor("x", OrtTensor.Allocate(OrtElementType.Float, [1, 2]))];
        _outputs =
        [
            new RemoteTensor("boxes", OrtTensor.Allocate(OrtElementType.Float, [1, 3])),
            new RemoteTensor("ids", OrtTensor.Allocate(OrtElementType.Int64, [2])),
        ];
        _link = new HttpLink(new EngineConfig("fuzz", address.ToString()), address, new Lock());
        _run = _link.Prepare(_stage, _inputs, _outputs);
    }

    public static IEnumerable<byte[]> Seeds =>
    [
        Answer("", """
            {"model_name":"model","outputs":[{"name":"boxes","datatype":"FP32","shape":[1,3],"data":[1,2.5,-3]},
            {"name":"ids","datatype":"INT64","shape":[2],"data":[[7],[8]]}]}
            """),
        Answer($"Inference-Header-Content-Length: {InBinary.Length}\r\n", InBinary + new string('\0', 28)),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"u8.ToArray(),
        "HTTP/1.0 503 Service Unavailable\r\n\r\nnot now"u8.ToArray(),
        Answer("", """
            {"name":"model","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],
            "outputs":[{"name":"boxes","datatype":"FP32","shape":[1,3]},{"name":"ids","datatype":"INT64","shape":[2]}]}
            """),
    ];

    public void Take(byte[] bytes)
    {
        Over(bytes, () => _run.Run(LimitMs));
        Over(bytes, () => ModelCheck.Differences(_link.Describe(_stage, LimitMs), _inputs, _outputs));
    }

    public void Dispose()
    {
        _link.Dispose();
        _server.Dispose();
        Array.ForEach([.. _inputs, .. _outputs], t => t.Tensor.Dispose());
    }

    /// <summary>A refusal in words is well: the stage then runs here.</summary>
    private void Over(byte[] bytes, Action ask)
    {
        _link.Open();
        using var server = _server.AcceptSocket();
        server.LingerState = new LingerOption(true, 0);  // Leaves no port behind.
        server.Send(bytes.AsSpan(0, Math.Min(bytes.Length, BytesMost)));
        server.Shutdown(SocketShutdown.Send);
        try
        {
            ask();
        }
        catch (RemoteFaultException)
        {
        }

        _link.Close();
    }

    private static byte[] Answer(string header, string body) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{header}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
}
