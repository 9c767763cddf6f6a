using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// One HTTP/2 connection to a server, and a thread that makes its calls: what the framework's client allocates is allocated there, and who
/// asks waits no longer than its limit, whatever the client does.
/// </summary>
internal sealed class GrpcConnection : IDisposable
{
    /// <summary>One answer of a few megabytes needs no acknowledgement on the way.</summary>
    private const int WindowBytes = 4 * 1024 * 1024;

    /// <summary>Calls in a row that were given up without a byte from the server, before another connection is made.</summary>
    private const int QuietMost = 3;

    private readonly WireStream _wire;
    private readonly Stream _stream;
    private readonly HttpMessageInvoker _client;
    private readonly AutoResetEvent _go = new(false), _done = new(false);
    private readonly Thread _thread;
    private readonly GrpcExchange _exchange = new();
    private CancellationTokenSource _cancel = new();
    private GrpcMethod? _method;
    private long _limitMs;
    private Exception? _fault;
    private long _bytesOut, _bytesIn;
    private int _takenCount, _quietCount;
    private volatile bool _isEnding, _isSpent;
    private bool _isAbandoned;

    private GrpcConnection(WireStream wire, Stream stream)
    {
        (_wire, _stream) = (wire, stream);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => Take(), PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = WindowBytes, UseProxy = false, UseCookies = false, AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        });
        _thread = PartThread.Make("grpc", Serve, fault => _fault = fault);
        _thread.Start();
    }

    /// <summary>The server has not closed it.</summary>
    public bool IsOpen => !_wire.HasEnded && !_isSpent;

    /// <summary>Out and in since the last call began, its frames and TLS included.</summary>
    public int CallBytesOut => (int)Math.Min(_wire.BytesOut - _bytesOut, int.MaxValue);

    public int CallBytesIn => (int)Math.Min(_wire.BytesIn - _bytesIn, int.MaxValue);

    /// <exception cref="RemoteFaultException">In words, with what to do.</exception>
    /// <exception cref="Interop.Linux.TrustException">The file of the server's authority cannot be read.</exception>
    public static GrpcConnection Open(EngineConfig config, EngineAddress address)
    {
        var authorities = ServerSocket.Authorities(config);
        var socket = ServerSocket.Connect(address, ServerSocket.LimitMs);
        socket.ReceiveTimeout = ServerSocket.LimitMs;
        var wire = new WireStream(socket);
        try
        {
            return new GrpcConnection(wire, address.IsTls ? Secure(wire, address, authorities) : wire);
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>What the last call was answered with; valid until the next begins.</summary>
    public ReadOnlySpan<byte> Answer => _exchange.Answer;

    /// <summary>Why the server refused the last call; null where it answered.</summary>
    public string? Refusal => _exchange.Refusal;

    /// <summary>Begins the message of a call.</summary>
    /// <param name="limitMs">For a call that was given up to be out of the way.</param>
    /// <exception cref="RemoteFaultException">It is not.</exception>
    public void Begin(int length, double limitMs)
    {
        if (_isAbandoned)
        {
            Await(limitMs);
            _cancel = new CancellationTokenSource();
        }

        (_bytesOut, _bytesIn) = (_wire.BytesOut, _wire.BytesIn);
        _exchange.Begin(length);
    }

    public void Add(ReadOnlySpan<byte> bytes) => _exchange.Add(bytes);

    /// <summary>Makes the call and waits for its answer.</summary>
    /// <exception cref="RemoteFaultException">It is late, or no answer.</exception>
    public void Make(GrpcMethod method, double limitMs)
    {
        (_method, _limitMs) = (method, Math.Max((long)Math.Ceiling(limitMs), 1));
        (_fault, _isAbandoned) = (null, true);
        _go.Set();
        Await(limitMs);
        if (_fault is { } fault)
        {
            throw Told(fault);
        }
    }

    public void Dispose()
    {
        if (_isEnding)
        {
            return;
        }

        // What is under way fails at once without a connection; its thread goes when it has.
        _isEnding = true;
        _wire.Dispose();
        _cancel.Cancel();
        _go.Set();
        _client.Dispose();
        _stream.Dispose();
        _go.Dispose();
        _done.Dispose();
        _cancel.Dispose();
    }

    private static SslStream Secure(WireStream wire, EngineAddress address, X509Certificate2Collection? authorities)
    {
        var tls = ServerSocket.Secure(wire, address, authorities, SslApplicationProtocol.Http2);
        return tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2 ? tls
            : throw new RemoteFaultException($"it speaks TLS and no HTTP/2, as gRPC needs it; is {address.Port} its gRPC port?");
    }

    private void Await(double limitMs)
    {
        if (_done.WaitOne((int)Math.Clamp(Math.Ceiling(limitMs), 0, int.MaxValue)))
        {
            _isAbandoned = false;
            return;
        }

        // A slow server stays; where nothing comes time after time, the way itself may be dead.
        _quietCount = _wire.BytesIn == _bytesIn ? _quietCount + 1 : 0;
        _isSpent |= _quietCount >= QuietMost;
        _cancel.Cancel();
        throw new RemoteFaultException("it did not answer in time", isLate: true);
    }

    private void Serve()
    {
        for (_go.WaitOne(); !_isEnding; _go.WaitOne())
        {
            if (_method is { } method)
            {
                PartThread.Try(() => _exchange.MakeAsync(_client, method, _limitMs, _cancel.Token).GetAwaiter().GetResult(),
                    fault => _fault = fault);
            }

            if (!_isEnding)
            {
                _done.Set();
            }
        }
    }

    /// <summary>The client gets the connection that is open, and no other: a new one is made off the frame's road.</summary>
    private ValueTask<Stream> Take()
    {
        if (Interlocked.Increment(ref _takenCount) == 1)
        {
            return new ValueTask<Stream>(_stream);
        }

        _isSpent = true;
        throw new IOException("the connection has ended");
    }

    private RemoteFaultException Told(Exception fault)
    {
        if (fault is RemoteFaultException told)
        {
            return told;
        }

        string words = fault.GetBaseException().Message.TrimEnd('.');
        if (!IsOpen)
        {
            return new RemoteFaultException($"it closed the connection instead of answering ({words})", inner: fault) { IsClosed = true };
        }

        return new RemoteFaultException($"it broke the call off ({words})", inner: fault);
    }
}

