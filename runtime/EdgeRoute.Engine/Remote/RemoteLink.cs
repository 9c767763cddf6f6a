using System.Net.Sockets;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Remote;

/// <summary>A server did not do what it was asked. Consequence: the stage runs here.</summary>
internal sealed class RemoteFaultException(string message, bool isLate = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The connection was closed before anything was answered, as servers do with one that was idle.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The time was up.</summary>
    public bool IsLate { get; } = isLate;
}

/// <summary>
/// A connection to an inference server, plain or TLS. Every read and write ends at the instant that is set for it. One thread at a time;
/// nothing is allocated once it is open.
/// </summary>
internal sealed class RemoteLink : IDisposable
{
    private readonly DatedStream _dated;
    private readonly Stream _stream;

    private RemoteLink(DatedStream dated, Stream stream) => (_dated, _stream) = (dated, stream);

    /// <summary>The server has not closed it.</summary>
    public bool IsOpen => _dated.IsOpen;

    /// <param name="limitMs">For the connection and TLS, each.</param>
    /// <exception cref="RemoteFaultException">In words, with what to do.</exception>
    /// <exception cref="TrustException">The file of its authority cannot be read.</exception>
    public static RemoteLink Open(EngineConfig config, EngineAddress address, int limitMs)
    {
        var authorities = ServerSocket.Authorities(config);
        // Blocking, and never used otherwise: so a read is one call of the kernel, and its limit the kernel's.
        var dated = new DatedStream(ServerSocket.Connect(address, limitMs));
        try
        {
            dated.Until(limitMs);
            return new RemoteLink(dated, address.IsTls ? ServerSocket.Secure(dated, address, authorities) : dated);
        }
        catch
        {
            dated.Dispose();
            throw;
        }
    }

    /// <summary>What follows has to be over within so long.</summary>
    public void Until(double limitMs) => _dated.Until(limitMs);

    /// <exception cref="RemoteFaultException">It is closed, or does not take it in time.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException fault)
        {
            throw Fault("takes no more of the request", fault);
        }
    }

    /// <summary>At least a byte, or 0 at the end of the stream.</summary>
    /// <exception cref="RemoteFaultException">Nothing came in time, or the connection broke.</exception>
    public int Receive(Span<byte> into)
    {
        try
        {
            return _stream.Read(into);
        }
        catch (IOException fault)
        {
            throw Fault("ended the connection instead of answering", fault);
        }
    }

    public void Dispose()
    {
        // Nothing is said goodbye to: whoever was late would be waited for once more.
        _dated.Dispose();
        _stream.Dispose();
    }

    private static RemoteFaultException Fault(string words, IOException fault)
    {
        bool isLate = fault.GetBaseException() is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };
        return isLate ? new RemoteFaultException("it did not answer in time", isLate: true, fault)
            : new RemoteFaultException($"it {words} ({fault.GetBaseException().Message.TrimEnd('.')})", inner: fault) { IsClosed = true };
    }

    /// <summary>A socket whose reads and writes end at an instant, however little comes at a time.</summary>
    private sealed class DatedStream(Socket socket) : Stream
    {
        private long _untilMs = long.MaxValue;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public bool IsOpen => !socket.Poll(0, SelectMode.SelectRead) || socket.Available > 0;

        public void Until(double limitMs) => _untilMs = Environment.TickCount64 + (long)Math.Ceiling(limitMs);

        public override int Read(Span<byte> buffer)
        {
            try
            {
                socket.ReceiveTimeout = LeftMs();
                return socket.Receive(buffer);
            }
            catch (SocketException fault)
            {
                throw new IOException(fault.Message, fault);
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                for (int sent = 0; sent < buffer.Length;)
                {
                    socket.SendTimeout = LeftMs();
                    sent += socket.Send(buffer[sent..]);
                }
            }
            catch (SocketException fault)
            {
                throw new IOException(fault.Message, fault);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            socket.Dispose();
            base.Dispose(disposing);
        }

        /// <summary>At least a millisecond: none at all would stand for no limit.</summary>
        private int LeftMs()
        {
            long left = _untilMs - Environment.TickCount64;
            return left > 0 ? (int)Math.Min(left, int.MaxValue) : throw new SocketException((int)SocketError.TimedOut);
        }
    }
}
