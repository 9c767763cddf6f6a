using System.Buffers;
using EdgeRoute.Protocol.Framing;

namespace EdgeRoute.Cli.Connecting;

/// <summary>Whole messages out of a stream of bytes, and into it. One reader and one writer at a time.</summary>
internal sealed class MessageStream(Stream stream) : IAsyncDisposable
{
    /// <summary>One read of the socket: telemetry of four streams takes about 4 KiB.</summary>
    private const int ReadBytes = 64 << 10;

    private readonly MessageScanner _scanner = new(MessagePackLimits.Replies);
    private readonly byte[] _buffer = new byte[ReadBytes];
    private int _start, _end;

    /// <summary>The next message; null where the other side has closed between two of them.</summary>
    /// <exception cref="IOException">The connection broke, or ended inside a message.</exception>
    /// <exception cref="MessagePackException">What came is no message; the stream cannot be followed any further.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancel)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await stream.ReadAsync(_buffer, cancel));
            }

            if (_end == 0)
            {
                return message.WrittenCount == 0 ? null : throw new EndOfStreamException("the device closed the connection "
                    + "inside a message");
            }

            bool isWhole = _scanner.TryFinish(_buffer.AsSpan(_start, _end - _start), out int takenCount);
            message.Write(_buffer.AsSpan(_start, takenCount));
            _start += takenCount;
            if (isWhole)
            {
                return message.WrittenSpan.ToArray();
            }
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        await stream.WriteAsync(message, cancel);
        await stream.FlushAsync(cancel);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
