using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>What is called, and how long its answer can be.</summary>
internal sealed record GrpcMethod(Uri Address, int ReplyBytesMost)
{
    public static GrpcMethod Of(EngineAddress address, string name, int replyBytesMost) =>
        new(new Uri($"{(address.IsTls ? "https" : "http")}://{address.Authority}/{GrpcMessages.Service}/{name}"), replyBytesMost);
}

/// <summary>Calls over one connection, one after the other: the message that goes out, and the one that comes back.</summary>
internal sealed class GrpcExchange
{
    /// <summary>Before each message: whether it is compressed, and its length.</summary>
    private const int HeadBytes = 5;

    private const int WordsMost = 200;

    private static readonly string[] Codes =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    private byte[] _out = new byte[HeadBytes], _in = new byte[1024];
    private int _outLength = HeadBytes, _inLength;

    /// <summary>Empty for an answer that was refused.</summary>
    public ReadOnlySpan<byte> Answer => _in.AsSpan(Math.Min(HeadBytes, _inLength).._inLength);

    /// <summary>Why the server refused it; null where it answered.</summary>
    public string? Refusal { get; private set; }

    /// <param name="length">Of the message that goes out.</param>
    public void Begin(int length)
    {
        if (_out.Length < HeadBytes + length)
        {
            _out = new byte[HeadBytes + length];
        }

        BinaryPrimitives.WriteInt32BigEndian(_out.AsSpan(1), length);
        _outLength = HeadBytes;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_out.AsSpan(_outLength));
        _outLength += bytes.Length;
    }

    /// <exception cref="RemoteFaultException">What came is no answer of gRPC.</exception>
    public async Task MakeAsync(HttpMessageInvoker client, GrpcMethod method, long limitMs, CancellationToken cancel)
    {
        (Refusal, _inLength) = (null, 0);
        using var request = new HttpRequestMessage(HttpMethod.Post, method.Address)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Message(this),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{limitMs}m"));
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK
            || response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            throw new RemoteFaultException($"it answers with HTTP {(int)response.StatusCode} and not with gRPC; is that its gRPC port?");
        }

        await ReadAsync(response, method.ReplyBytesMost, cancel).ConfigureAwait(false);
        var ended = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        Judge(TextOf(ended, "grpc-status"), Uri.UnescapeDataString(TextOf(ended, "grpc-message")));
    }

    private async Task ReadAsync(HttpResponseMessage response, int bytesMost, CancellationToken cancel)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            for (int count = 1; count > 0; _inLength += count)
            {
                if (_inLength == _in.Length)
                {
                    Grow(bytesMost);
                }

                count = await stream.ReadAsync(_in.AsMemory(_inLength), cancel).ConfigureAwait(false);
            }
        }
    }

    private void Grow(int bytesMost)
    {
        int most = HeadBytes + bytesMost;
        if (_in.Length >= most)
        {
            throw new RemoteFaultException($"its answer is longer than the {bytesMost} bytes that can be meant");
        }

        Array.Resize(ref _in, (int)Math.Min(_in.Length * 2L, most));
    }

    private void Judge(string status, string words)
    {
        bool isCode = int.TryParse(status, out int code);
        if (isCode && code == 0)
        {
            int length = _inLength < HeadBytes ? -1 : BinaryPrimitives.ReadInt32BigEndian(_in.AsSpan(1));
            if (length != _inLength - HeadBytes || _in[0] != 0)
            {
                throw new RemoteFaultException("its answer is not one plain message of gRPC");
            }

            return;
        }

        string name = isCode && code > 0 && code < Codes.Length ? Codes[code] : status;
        string line = string.Concat(words.Take(WordsMost).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        if (name == "DEADLINE_EXCEEDED")
        {
            throw new RemoteFaultException("it did not answer in time", isLate: true);
        }

        _inLength = 0;
        Refusal = name.Length == 0 ? throw new RemoteFaultException("its answer ends without a status")
            : $"gRPC {name}{(line.Length > 0 ? $": {line}" : "")}";
    }

    private static string TextOf(HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : "";

    /// <summary>The message as the client takes it.</summary>
    private sealed class Message : HttpContent
    {
        private readonly GrpcExchange _exchange;

        public Message(GrpcExchange exchange)
        {
            _exchange = exchange;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            stream.WriteAsync(_exchange._out.AsMemory(0, _exchange._outLength), cancellationToken).AsTask();

        /// <summary>Calls of gRPC tell no length.</summary>
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
