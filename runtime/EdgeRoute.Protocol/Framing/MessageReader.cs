using System.Text;
using MessagePack;

namespace EdgeRoute.Protocol.Framing;

/// <summary>
/// The package's reader with what a hostile or careless sender makes necessary: one kind of exception, which says what was wanted and at
/// which byte of the message; types taken at their word (the package reads text as binary data too); text that must be UTF-8; and passing
/// over values without a stack. Reads where the bytes lie and copies none of them.
/// </summary>
public ref struct MessageReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> _message;
    private readonly int _start;
    private MessagePackReader _reader;

    private delegate T ReadOne<out T>(ref MessagePackReader reader);

    /// <param name="start">Where to begin; positions count from the beginning of the message all the same.</param>
    public MessageReader(ReadOnlyMemory<byte> message, int start = 0)
    {
        (_message, _start) = (message, start);
        _reader = new MessagePackReader(message[start..]);
    }

    /// <summary>Of the next byte to be read.</summary>
    public readonly int Position => _start + (int)_reader.Consumed;

    public readonly bool IsAtEnd => _reader.End;

    /// <summary>The type of the next value.</summary>
    public readonly MessagePackType Peek()
    {
        if (_reader.End)
        {
            throw Short();
        }

        var type = _reader.NextMessagePackType;
        return type != MessagePackType.Unknown ? type
            : throw new MessagePackException($"at byte {Position} there is 0xC1, which is never used in MessagePack");
    }

    /// <summary>Reads a nil where there is one.</summary>
    public bool TryReadNil() => Peek() == MessagePackType.Nil && _reader.TryReadNil();

    public bool ReadBoolean() => Read(MessagePackType.Boolean, "true or false", static (ref r) => r.ReadBoolean());

    /// <exception cref="MessagePackException">No integer, or one above 2^63 - 1.</exception>
    public long ReadInteger()
    {
        int at = Position;
        try
        {
            return Read(MessagePackType.Integer, "an integer", static (ref r) => r.ReadInt64());
        }
        catch (OverflowException)
        {
            throw new MessagePackException($"the integer {new MessageReader(_message, at).ReadUnsigned()} at byte {at} does not fit into "
                + "64 bits with a sign");
        }
    }

    /// <exception cref="MessagePackException">No integer, or a negative one.</exception>
    public ulong ReadUnsigned()
    {
        int at = Position;
        try
        {
            return Read(MessagePackType.Integer, "an integer", static (ref r) => r.ReadUInt64());
        }
        catch (OverflowException)
        {
            throw new MessagePackException($"the integer {new MessageReader(_message, at).ReadInteger()} at byte {at} is negative; 0 or "
                + "more is wanted");
        }
    }

    /// <summary>A float of either size, or an integer.</summary>
    public double ReadNumber() => Read(Peek() == MessagePackType.Integer ? MessagePackType.Integer : MessagePackType.Float, "a number",
        static (ref r) => r.ReadDouble());

    /// <param name="bytesMost">A longer text is refused before anything is made of it.</param>
    /// <exception cref="MessagePackException">No text, too long, or its bytes are not UTF-8.</exception>
    public string ReadText(int bytesMost = int.MaxValue)
    {
        int at = Position;
        var utf8 = ReadUtf8();
        if (utf8.Length > bytesMost)
        {
            throw new MessagePackException($"the text at byte {at} has {utf8.Length} bytes; at most {bytesMost} are taken");
        }

        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new MessagePackException($"the text at byte {at} is not UTF-8");
        }
    }

    /// <summary>A text's bytes as they are, in the message itself.</summary>
    public ReadOnlySpan<byte> ReadUtf8() => Behind(Read(MessagePackType.String, "text",
        static (ref r) => r.TryReadStringSpan(out var utf8) ? utf8.Length : 0));

    /// <summary>The bytes in the message itself.</summary>
    public ReadOnlySpan<byte> ReadBinary() => Behind(Read(MessagePackType.Binary, "binary data",
        static (ref r) => r.ReadBytes()!.Value.Length));

    /// <summary>Number of values that follow; never more than bytes are left.</summary>
    public int ReadArrayHeader() => Read(MessagePackType.Array, "an array", static (ref r) => r.ReadArrayHeader());

    /// <summary>Number of pairs that follow; never more than bytes are left for them.</summary>
    public int ReadMapHeader() => Read(MessagePackType.Map, "a map", static (ref r) => r.ReadMapHeader());

    /// <summary>The bytes in the message itself.</summary>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        var extension = Read(MessagePackType.Extension, "an extension", static (ref r) => r.ReadExtensionFormat());
        type = extension.TypeCode;
        return Behind(extension.Data.Length);
    }

    /// <summary>Passes over one value and all that is in it; returns its bytes.</summary>
    public ReadOnlyMemory<byte> Skip()
    {
        int at = Position;
        try
        {
            for (long left = 1; left > 0; left--)
            {
                left += SkipToInside();
            }
        }
        catch (Exception cut) when (IsCut(cut))
        {
            throw Short();
        }

        return _message[at..Position];
    }

    /// <summary>
    /// Passes over a value, or over the header of an array or a map; returns how many values are inside. The package's own way over these
    /// believes counts beyond 2^31, and ends too early.
    /// </summary>
    private long SkipToInside()
    {
        switch (Peek())
        {
            case MessagePackType.Array:
                return _reader.ReadArrayHeader();
            case MessagePackType.Map:
                return 2L * _reader.ReadMapHeader();
            default:
                _reader.Skip();
                return 0;
        }
    }

    private T Read<T>(MessagePackType wanted, string what, ReadOne<T> read)
    {
        var found = Peek();
        if (found != wanted)
        {
            throw new MessagePackException($"at byte {Position} there is {Word(found)}; {what} is wanted");
        }

        try
        {
            return read(ref _reader);
        }
        catch (Exception cut) when (IsCut(cut))
        {
            throw Short();
        }
    }

    /// <summary>Of the right type, but cut off; a length beyond 2^31 shows as an argument that is out of range.</summary>
    private static bool IsCut(Exception fault) => fault is EndOfStreamException or ArgumentOutOfRangeException;

    /// <summary>The payload of the value that was read just now, which ends where it ends.</summary>
    private readonly ReadOnlySpan<byte> Behind(long count) => _message.Span.Slice(Position - (int)count, (int)count);

    private static string Word(MessagePackType type) => type == MessagePackType.String ? "text" : type.ToString().ToLowerInvariant();

    private readonly MessagePackException Short() => new($"the message ends at byte {_message.Length}, inside a value");
}
