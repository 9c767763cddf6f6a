using System.Text;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Walks the fields of protobuf messages in a file, by their numbers. Whoever reads a message is handed each field in turn and takes of it
/// what it wants; the rest is passed over without being read.
/// </summary>
internal sealed class ProtobufReader(FileStream file)
{
    /// <summary>Messages inside messages: graphs of attributes nest a few deep. Deeper ones are no model of anyone's.</summary>
    private const int DepthLimit = 200;

    /// <summary>The longest path that Linux takes, and longer than any name that exporters write.</summary>
    private const int TextBytes = 4096;

    private int _depth;

    /// <summary>Where the bytes stop being protobuf; null as long as they are.</summary>
    public string? Fault { get; private set; }

    /// <summary>The file ends before a field of the outermost message does.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>All fields of the outermost message. False: it has a fault.</summary>
    public bool ReadAll(Func<ProtobufField, bool> take) => Read(file.Length, take);

    /// <summary>All fields of the message that a field holds. False: it has a fault.</summary>
    public bool Read(ProtobufField field, Func<ProtobufField, bool> take)
    {
        if (_depth >= DepthLimit)
        {
            return Fail($"nests deeper than {DepthLimit} messages");
        }

        _depth++;
        bool isRead = Read(field.Value, take);
        _depth--;
        return isRead;
    }

    /// <summary>The text that a field holds; empty where it is longer than any name.</summary>
    public string Text(ProtobufField field)
    {
        long length = field.Value - file.Position;
        if (length > TextBytes)
        {
            return "";
        }

        byte[] bytes = new byte[length];
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    public bool Fail(string fault)
    {
        Fault ??= fault;
        return false;
    }

    private bool Read(long end, Func<ProtobufField, bool> take)
    {
        while (file.Position < end)
        {
            if (!TryField(end, out var field))
            {
                return Fail($"is damaged at byte {file.Position}");
            }

            if (field.Number > 0 && !take(field))
            {
                return false;
            }

            file.Position = field.IsNumber ? file.Position : field.Value;
        }

        return true;
    }

    /// <summary>The next field; fixed numbers, which nobody here reads, have the number 0.</summary>
    private bool TryField(long end, out ProtobufField field)
    {
        field = default;
        if (!TryVarint(out long tag))
        {
            return false;
        }

        int number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0 when TryVarint(out long value):
                field = new ProtobufField(number, true, value);
                return true;
            case 1 or 5:
                field = new ProtobufField(0, false, file.Position + ((tag & 7) == 1 ? 8 : 4));
                return field.Value <= end;
            case 2 when TryVarint(out long length) && length >= 0:
                IsCutShort |= _depth == 0 && length > end - file.Position;
                field = new ProtobufField(number, false, file.Position + length);
                return length <= end - file.Position;
            default:
                return false;
        }
    }

    private bool TryVarint(out long value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = file.ReadByte();
            if (next < 0)
            {
                return false;
            }

            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One field of a message.</summary>
/// <param name="Value">The number; of bytes and messages the place in the file where they end.</param>
internal readonly record struct ProtobufField(int Number, bool IsNumber, long Value);
