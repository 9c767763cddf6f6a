using System.Buffers.Binary;
using System.Text;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>What a capture process says. A message begins with one of these; the engine only answers that a slot is free again.</summary>
internal enum ChildWord : byte
{
    /// <summary>A frame lies in the slot whose turn it is.</summary>
    Frame = 1,

    /// <summary>The source broke.</summary>
    Fault = 2,

    /// <summary>One picture of a folder could not be read.</summary>
    Unreadable = 3,

    /// <summary>Something to be told, and no fault.</summary>
    Report = 4,

    /// <summary>The source is at its end.</summary>
    End = 5,

    /// <summary>What the source itself found that is no fault, see <see cref="IFrameSource.TakeNote"/>.</summary>
    Note = 6,
}

/// <summary>
/// Messages and slots between the engine and a capture process, which are the same binary. Frames go through the slots in turn. What comes
/// from the process is checked as a recording is: a broken library may have written anything.
/// </summary>
internal static class ChildMessages
{
    /// <summary>One is filled while the other is copied; more would only age.</summary>
    public const int SlotCount = 2;

    /// <summary>As long a frame as a recording takes. Only what is written takes room.</summary>
    public const int SlotBytes = RecordingFormat.FrameBytesLimit;

    /// <summary>A slot, and a page behind it.</summary>
    public const long SlotStrideBytes = SlotBytes + 4096L;

    public const long MemoryBytes = SlotCount * SlotStrideBytes;

    /// <summary>Words of a fault; what is longer is cut.</summary>
    public const int TextLimit = 2000;

    /// <summary>Characters of a file's name; Linux has names of 255 bytes, each of which may stand as <c>\xe9</c>.</summary>
    public const int NameLimit = 1020;

    /// <summary>The longest message of a capture process: a text of that many characters of up to four bytes each.</summary>
    public const int BytesMax = TextAt + (4 * TextLimit);

    private const int TextAt = 2;
    private const int LengthAt = 4;
    private const int HeaderAt = 8;
    private const int FrameBytes = HeaderAt + RecordingFormat.FrameHeaderBytes;

    /// <summary>Writes a frame's message and returns it.</summary>
    /// <param name="name">Of the picture's file; null where there is none.</param>
    public static ReadOnlySpan<byte> Frame(byte[] into, in FrameStamp stamp, in FrameLayout layout, string? name = null)
    {
        into[0] = (byte)ChildWord.Frame;
        BinaryPrimitives.WriteInt32LittleEndian(into.AsSpan(LengthAt), layout.SizeBytes);
        FrameRecordCodec.Encode(stamp, layout, into.AsSpan(HeaderAt));
        int nameBytes = Encoding.UTF8.GetBytes(name.AsSpan(0, Math.Min(name?.Length ?? 0, NameLimit)), into.AsSpan(FrameBytes));
        return into.AsSpan(0, FrameBytes + nameBytes);
    }

    /// <summary>Reads a frame's message. Returns what is wrong with it, or null; allocates nothing then.</summary>
    public static string? FindProblem(ReadOnlySpan<byte> message, out FrameStamp stamp, out FrameLayout layout)
    {
        (stamp, layout) = (default, default);
        return message.Length is < FrameBytes or > FrameBytes + (4 * NameLimit) ? $"a frame's message of {message.Length} bytes; it has "
                + $"{FrameBytes} and a name"
            : FrameRecordCodec.Decode(message[HeaderAt..], BinaryPrimitives.ReadInt32LittleEndian(message[LengthAt..]), out stamp,
                out layout);
    }

    /// <summary>The name in a frame's message without a problem; empty where it has none.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> message) => message[FrameBytes..];

    /// <summary>A message in words.</summary>
    public static byte[] Text(ChildWord word, SourceFaultKind kind, string text) =>
        [(byte)word, (byte)kind, .. Encoding.UTF8.GetBytes(text.Length > TextLimit ? text[..TextLimit] : text)];

    /// <summary>The same read: no control characters and no secrets, whatever was sent.</summary>
    public static SourceFault TextOf(ReadOnlySpan<byte> message)
    {
        var kind = message.Length > 1 && Enum.IsDefined((SourceFaultKind)message[1]) ? (SourceFaultKind)message[1]
            : SourceFaultKind.StreamError;
        return new SourceFault(kind, AddressText.WithoutSecrets(message.Length > TextAt ? Printable(message[TextAt..]) : ""));
    }

    /// <summary>Text from a process, without control characters.</summary>
    public static string Printable(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.UTF8.GetString(text).Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>The slots as a capture process fills them.</summary>
    public static AlignedMemory SlotOf(SharedMemory shared, int index) => AlignedMemory.PartOf(shared, index * SlotStrideBytes, SlotBytes);

    /// <summary>Which slot a frame lies in, by its number since the process began.</summary>
    public static int SlotIndexOf(long sequence) => (int)(sequence % SlotCount);
}

/// <summary>What a capture process is to open: its first message, because arguments would show the secrets of addresses.</summary>
internal sealed record SourceRequest(string Address, SourceOptions Options)
{
    /// <summary>Far more than any address or pipeline of a config.</summary>
    public const int BytesMax = 1 << 20;

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Address);
        writer.Write((byte)Options.Pace);
        writer.Write(Options.Loops);
        writer.Write(Options.FramesPerSecond);
        WriteOption(writer, Options.IsLive is { } isLive ? Convert.ToByte(isLive) : null);
        WriteOption(writer, (byte?)Options.Delivery);
        writer.Write(Options.RtspLatencyMs);
        writer.Write((byte)Options.RtspTransport);
        writer.Write(Options.User ?? "");
        writer.Write(Options.PasswordPath ?? "");
        return bytes.ToArray();
    }

    public static SourceRequest Of(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return new SourceRequest(reader.ReadString(), new SourceOptions
        {
            Pace = (SourcePace)reader.ReadByte(),
            Loops = reader.ReadBoolean(),
            FramesPerSecond = reader.ReadDouble(),
            IsLive = ReadOption(reader) is { } isLive ? isLive != 0 : null,
            Delivery = (DeliveryMode?)ReadOption(reader),
            RtspLatencyMs = reader.ReadInt32(),
            RtspTransport = (RtspTransport)reader.ReadByte(),
            User = ReadText(reader),
            PasswordPath = ReadText(reader),
        });
    }

    private static string? ReadText(BinaryReader reader) => reader.ReadString() is { Length: > 0 } text ? text : null;

    private static void WriteOption(BinaryWriter writer, byte? value)
    {
        writer.Write(value is not null);
        writer.Write(value ?? 0);
    }

    private static byte? ReadOption(BinaryReader reader)
    {
        bool isThere = reader.ReadBoolean();
        byte value = reader.ReadByte();
        return isThere ? value : null;
    }
}
