using MessagePack;

namespace EdgeRoute.Protocol.Framing;

/// <summary>
/// Finds the end of a message in a stream of bytes without reading what it says: MessagePack-RPC has no other frame. Takes bytes in pieces
/// of any size, looks at each once, and keeps a fixed number of counts, so that neither a slow nor a hostile sender costs memory or time
/// beyond its bytes.
/// </summary>
public sealed class MessageScanner(MessagePackLimits limits)
{
    private readonly long[] _left = new long[MessagePackLimits.DepthMost + 1];
    private readonly byte[] _header = new byte[ValueHeader.BytesMost];
    private int _headerCount, _depth;
    private long _payloadLeft, _seenBytes;
    private bool _isOpen;

    /// <summary>
    /// Takes bytes up to the end of the message, at most. True: the message is whole, and <paramref name="takenCount"/> bytes of these
    /// belong to it.
    /// </summary>
    /// <exception cref="MessagePackException">Too deep, too long, or no MessagePack; the stream cannot be followed any further.</exception>
    public bool TryFinish(ReadOnlySpan<byte> bytes, out int takenCount)
    {
        if (!_isOpen)
        {
            _isOpen = true;
            _depth = 0;
            _left[0] = 1;
            _headerCount = 0;
            _payloadLeft = 0;
            _seenBytes = 0;
        }

        for (takenCount = 0; takenCount < bytes.Length;)
        {
            takenCount += Take(bytes[takenCount..]);
            if (_payloadLeft == 0 && _headerCount == 0 && Close())
            {
                _isOpen = false;
                return true;
            }
        }

        return false;
    }

    /// <summary>Some bytes of a payload, or one of a header.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        int count = _payloadLeft > 0 ? (int)Math.Min(_payloadLeft, bytes.Length) : 1;
        Count(count);
        if (_payloadLeft > 0)
        {
            _payloadLeft -= count;
            return count;
        }

        _header[_headerCount++] = bytes[0];
        if (_header[0] == MessagePackCode.NeverUsed)
        {
            throw new MessagePackException($"byte {_seenBytes - 1} of the message is 0xC1, which is never used in MessagePack");
        }

        if (_headerCount == 1 + ValueHeader.BytesAfter(_header[0]))
        {
            Open(ValueHeader.Extent(_header.AsSpan(0, _headerCount)));
        }

        return count;
    }

    private void Open((long PayloadBytes, long ValueCount) extent)
    {
        _headerCount = 0;
        _payloadLeft = extent.PayloadBytes;
        _left[_depth]--;
        // A payload or a count that cannot fit is refused now, not when its bytes have been waited for.
        if (_seenBytes + Math.Max(extent.PayloadBytes, extent.ValueCount) > limits.SizeBytes)
        {
            throw TooLong(_seenBytes + Math.Max(extent.PayloadBytes, extent.ValueCount));
        }

        if (extent.ValueCount > 0)
        {
            if (_depth + 1 > Math.Min(limits.DepthLimit, MessagePackLimits.DepthMost))
            {
                throw new MessagePackException($"the message is nested deeper than {limits.DepthLimit} levels");
            }

            _left[++_depth] = extent.ValueCount;
        }
    }

    /// <summary>Goes up from every array and map that is full; true at the top.</summary>
    private bool Close()
    {
        while (_depth > 0 && _left[_depth] == 0)
        {
            _depth--;
        }

        return _depth == 0 && _left[0] == 0;
    }

    private void Count(int count)
    {
        _seenBytes += count;
        if (_seenBytes > limits.SizeBytes)
        {
            throw TooLong(_seenBytes);
        }
    }

    private MessagePackException TooLong(long bytes) => new($"the message has {bytes} bytes or more; at most {limits.SizeBytes} are taken");
}
