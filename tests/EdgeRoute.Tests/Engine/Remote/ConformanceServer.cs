using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>How a server answers what it is asked to run.</summary>
public enum ServerMood
{
    Sound,

    /// <summary>As numbers in JSON, although binary was asked for.</summary>
    AsText,

    /// <summary>In chunks, with the connection closed afterwards.</summary>
    Chunked,

    /// <summary>Not at all, until the mood is another.</summary>
    Silent,

    /// <summary>After a while, as over a long way.</summary>
    Far,

    Garbage,
    Truncated,
    OtherShape,
    TooShort,
    TooLong,
    Refusing,
    HangingUp,
}

/// <summary>
/// A server of the Open Inference Protocol with real sessions behind it, written from the protocol's pages alone. It misbehaves at will.
/// </summary>
internal sealed class ConformanceServer : IDisposable
{
    /// <summary>What <see cref="ServerMood.Far"/> adds to each run.</summary>
    public const int FarMs = 150;

    private readonly Dictionary<string, OrtSession> _models;
    private readonly X509Certificate2? _certificate;
    private readonly HashSet<TcpClient> _clients = [];
    private readonly Lock _gate = new();
    private TcpListener _listener;
    private volatile bool _isEnding;

    /// <param name="models">By the names that it knows them by, their files.</param>
    /// <param name="certificate">With its key; null for plain HTTP.</param>
    public ConformanceServer(IReadOnlyDictionary<string, string> models, X509Certificate2? certificate = null)
    {
        _models = models.ToDictionary(m => m.Key, m => OrtSession.Open(OrtPlace.Environment, m.Value, new OrtSessionRequest()));
        _certificate = certificate;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Accept(_listener);
    }

    public int Port { get; }

    public volatile ServerMood Mood;

    /// <summary>It takes connections and says that it is not ready yet.</summary>
    public volatile bool IsLoading;

    public PictureModels Pictures { get; } = new();

    public void Kill()
    {
        _listener.Stop();
        lock (_gate)
        {
            foreach (var client in _clients)
            {
                client.Dispose();
            }

            _clients.Clear();
        }
    }

    public void Revive()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        Accept(_listener);
    }

    public void Dispose()
    {
        _isEnding = true;
        Kill();
        _listener.Dispose();
        lock (_models)
        {
            foreach (var session in _models.Values)
            {
                session.Dispose();
            }
        }
    }

    private void Accept(TcpListener listener) => new Thread(() =>
    {
        try
        {
            while (true)
            {
                var client = listener.AcceptTcpClient();
                client.NoDelay = true;
                lock (_gate)
                {
                    _clients.Add(client);
                }

                new Thread(() => Serve(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was killed.
        }
    }) { IsBackground = true }.Start();

    private void Serve(TcpClient client)
    {
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                tls.AuthenticateAsServer(_certificate);
                stream = tls;
            }

            while (TryServe(new BufferedStream(stream)))
            {
            }
        }
#pragma warning disable CA1031 // A stream under which the socket was closed throws many kinds, and none may end the tests.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The client has gone, or the server was killed; what it did not answer its client tells.
        }
        finally
        {
            client.Dispose();
        }
    }

    private bool TryServe(Stream stream)
    {
        if (ReadLine(stream) is not { } first)
        {
            return false;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (ReadLine(stream) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        stream.ReadExactly(body);
        string[] parts = first.Split(' ');
        string[] path = parts[1].Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (path)
        {
            case ["v2", "health", "ready"]:
                Reply(stream, IsLoading ? "503 Service Unavailable" : "200 OK", [], -1);
                return true;
            case ["v2", "models", var model, ..] when !_models.ContainsKey(model):
                Reply(stream, "404 Not Found", Encoding.UTF8.GetBytes($"{{\"error\":\"no model {model}\"}}"), -1);
                return true;
            case ["v2", "models", var model, ..] when path[^1] != "infer":
                Reply(stream, "200 OK", Encoding.UTF8.GetBytes(Describe(model)), -1);
                return true;
            case ["v2", "models", var model, .., "infer"]:
                return Answer(stream, model, body, headers.TryGetValue("Inference-Header-Content-Length", out string? length)
                    ? int.Parse(length, CultureInfo.InvariantCulture) : body.Length);
            default:
                Reply(stream, "404 Not Found", [], -1);
                return true;
        }
    }

    private string Describe(string model)
    {
        JsonArray Of(IEnumerable<OrtTensorSpec> specs) => [.. specs.Select(s => new JsonObject
        {
            ["name"] = s.Name, ["datatype"] = Pictures.Takes(s) ? "BYTES" : TypeOf(s.ElementType),
            ["shape"] = new JsonArray([.. (Pictures.Takes(s) ? [-1] : s.Shape.ToArray()).Select(d => JsonValue.Create(d))]),
        })];

        var session = _models[model];
        return new JsonObject
        {
            ["name"] = model, ["versions"] = new JsonArray("1"), ["platform"] = "onnxruntime_onnx",
            ["inputs"] = Of(session.Inputs), ["outputs"] = Of(session.Outputs),
        }.ToJsonString();
    }

    private static string TypeOf(OrtElementType type) => type switch
    {
        OrtElementType.Float => "FP32",
        OrtElementType.Int64 => "INT64",
        _ => throw new NotSupportedException($"{type}"),
    };

    private bool Answer(Stream stream, string model, byte[] body, int headerLength)
    {
        while (Mood == ServerMood.Silent && !_isEnding)
        {
            Thread.Sleep(5);
        }

        var mood = Mood;
        switch (mood)
        {
            case ServerMood.Far:
                Thread.Sleep(FarMs);
                break;
            case ServerMood.Refusing:
                Reply(stream, "500 Internal Server Error", """{"error":"out of memory"}"""u8.ToArray(), -1);
                return true;
            case ServerMood.HangingUp:
                return false;
            case ServerMood.Garbage:
                stream.Write(Encoding.Latin1.GetBytes(new string('\u00fe', 500) + "\r\n\r\n"));
                stream.Flush();
                return false;
            default:
                break;
        }

        var asked = JsonNode.Parse(body.AsSpan(0, headerLength))!;
        var (json, tensors) = Run(model, asked, body.AsSpan(headerLength), mood);
        byte[] head = Encoding.UTF8.GetBytes(json);
        byte[] whole = [.. head, .. tensors];
        if (mood == ServerMood.Truncated)
        {
            stream.Write(Head("200 OK", whole.Length, head.Length));
            stream.Write(whole.AsSpan(0, whole.Length / 2));
            stream.Flush();
            return false;
        }

        if (mood == ServerMood.Chunked)
        {
            ReplyChunked(stream, whole, head.Length);
            return false;
        }

        Reply(stream, "200 OK", whole, mood == ServerMood.AsText ? -1 : head.Length);
        return true;
    }

    private (string Json, byte[] Tensors) Run(string model, JsonNode asked, ReadOnlySpan<byte> bytes, ServerMood mood)
    {
        lock (_models)
        {
            var session = _models[model];
            using var run = new OrtRun(session);
            var inputs = new List<OrtTensor>();
            foreach (var input in asked["inputs"]!.AsArray())
            {
                long[] shape = [.. input!["shape"]!.AsArray().Select(s => (long)s!)];
                var type = (string)input["datatype"]! == "FP32" ? OrtElementType.Float : OrtElementType.Int64;
                int size = (int?)input["parameters"]?["binary_data_size"] ?? 0;
                bool isPicture = (string)input["datatype"]! == "BYTES";
                inputs.Add(isPicture ? Pictures.Take(bytes[..size], shape) : OrtTensor.Allocate(type, shape));
                bytes[..(isPicture ? 0 : size)].CopyTo(inputs[^1].Bytes);
                bytes = bytes[size..];
                if (input["data"] is JsonArray values)
                {
                    ((float[])[.. values.Select(v => (float)v!)]).CopyTo(inputs[^1].Floats);
                }

                run.SetInput(session.FindInput((string)input["name"]!), inputs[^1]);
            }

            run.Run();
            var outputs = new JsonArray();
            using var tensors = new MemoryStream();
            foreach (var wanted in asked["outputs"]!.AsArray())
            {
                string name = (string)wanted!["name"]!;
                using var output = run.TakeOutput(session.FindOutput(name));
                outputs.Add(Told(name, output, mood, tensors));
            }

            inputs.ForEach(i => i.Dispose());
            return (new JsonObject { ["model_name"] = model, ["model_version"] = "1", ["outputs"] = outputs }.ToJsonString(),
                tensors.ToArray());
        }
    }

    private static JsonObject Told(string name, OrtTensor output, ServerMood mood, MemoryStream tensors)
    {
        var shape = output.Shape.ToArray();
        shape[^1] += mood == ServerMood.OtherShape ? 1 : 0;
        var told = new JsonObject
        {
            ["name"] = name, ["shape"] = new JsonArray([.. shape.Select(d => JsonValue.Create(d))]),
            ["datatype"] = TypeOf(output.ElementType),
        };
        if (mood == ServerMood.AsText)
        {
            told["data"] = new JsonArray([.. output.Floats.ToArray().Select(f => JsonValue.Create(f))]);
            return told;
        }

        var bytes = mood == ServerMood.TooShort ? output.Bytes[4..] : output.Bytes;
        tensors.Write(bytes);
        told["parameters"] = new JsonObject { ["binary_data_size"] = bytes.Length };
        return told;
    }

    private void Reply(Stream stream, string status, byte[] body, int headerLength)
    {
        stream.Write(Head(status, Mood == ServerMood.TooLong && headerLength >= 0 ? int.MaxValue : body.Length, headerLength));
        stream.Write(body);
        stream.Flush();
    }

    private static byte[] Head(string status, int length, int headerLength) => Encoding.Latin1.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\ndate: today\r\ncontent-length: {length}\r\n"
            + $"{(headerLength >= 0 ? $"inference-header-content-length:{headerLength}\r\n" : "")}\r\n"));

    private static void ReplyChunked(Stream stream, byte[] whole, int headerLength)
    {
        stream.Write(Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\n"
            + $"Transfer-Encoding: chunked\r\nInference-Header-Content-Length: {headerLength}\r\nConnection: close\r\n\r\n")));
        foreach (byte[] chunk in whole.Chunk(1000))
        {
            stream.Write(Encoding.Latin1.GetBytes($"{chunk.Length:x}\r\n"));
            stream.Write(chunk);
            stream.Write("\r\n"u8);
        }

        stream.Write("0\r\n\r\n"u8);
        stream.Flush();
    }

    private static string? ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (int letter = stream.ReadByte(); letter != '\n'; letter = stream.ReadByte())
        {
            if (letter < 0)
            {
                return null;
            }

            line.Append((char)letter);
        }

        return line.ToString().TrimEnd('\r');
    }
}
