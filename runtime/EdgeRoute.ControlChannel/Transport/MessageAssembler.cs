using EdgeRoute.Protocol.Framing;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>Puts messages together from pieces of a stream. Keeps one message at most.</summary>
internal sealed class MessageAssembler(MessagePackLimits limits)
{
    private const int KeptBytes = 16 * 1024;

    private MessageScanner _scanner = new(limits);
    private MessagePackLimits _limits = limits;
    private byte[] _message = new byte[1024];
    private int _length;

    /// <summary>Of the messages that begin from now on. A message that has begun keeps those it began with.</summary>
    public MessagePackLimits Limits
    {
        get => _limits;
        set => Volatile.Write(ref _limits, value);
    }

    private MessagePackLimits _scannedLimits = limits;

    /// <summary>Takes bytes up to the end of a message. True: it is whole, and valid until the next call.</summary>
    /// <exception cref="MessagePackException">The stream cannot be followed.</exception>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlyMemory<byte> message)
    {
        if (_length == 0)
        {
            Begin();
        }

        bool isWhole = _scanner.TryFinish(bytes, out int count);
        Keep(bytes[..count]);
        bytes = bytes[count..];
        message = isWhole ? _message.AsMemory(0, _length) : default;
        _length = isWhole ? 0 : _length;
        return isWhole;
    }

    private void Begin()
    {
        _message = _message.Length > KeptBytes ? new byte[KeptBytes] : _message;
        var limits = Volatile.Read(ref _limits);
        if (!ReferenceEquals(limits, _scannedLimits))
        {
            (_scannedLimits, _scanner) = (limits, new MessageScanner(limits));
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        int wanted = _length + bytes.Length;
        if (wanted > _message.Length)
        {
            Array.Resize(ref _message, Math.Max(wanted, Math.Min(_message.Length * 2, _scannedLimits.SizeBytes)));
        }

        bytes.CopyTo(_message.AsSpan(_length));
        _length = wanted;
    }
}
