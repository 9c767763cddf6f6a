using System.Buffers.Binary;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Reads fields in sequence. The first field that does not fit sets <see cref="Problem"/>; after it every field reads as empty.
/// </summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _at;

    /// <summary>What is wrong, empty while all is well.</summary>
    public string Problem { get; private set; } = "";

    public void Refuse(string problem) => Problem = Problem.Length == 0 ? problem : Problem;

    public byte ReadU8() => Take(1) is [var value] ? value : (byte)0;

    public long ReadI64() => Take(sizeof(long)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public byte[] ReadBytes(int count) => Take(count).ToArray();

    /// <summary>A u16 that is at most <paramref name="limit"/>.</summary>
    public int ReadCount(int limit, string what)
    {
        int count = ReadU16();
        if (count > limit)
        {
            Refuse($"{count} {what}, more than {limit}");
        }

        return Problem.Length == 0 ? count : 0;
    }

    public string ReadText()
    {
        int length = ReadCount(RecordingFormat.TextBytesLimit, "bytes of text");
        string? text = Utf8Text.Read(Take(length));
        if (text is null)
        {
            Refuse("text that is not UTF-8");
        }

        return text ?? "";
    }

    private int ReadU16() => Take(sizeof(ushort)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Problem.Length > 0 || count > _payload.Length - _at)
        {
            Refuse($"the payload ends inside a field at its byte {_at}");
            return default;
        }

        _at += count;
        return _payload.Slice(_at - count, count);
    }
}
