using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MessagePack;

namespace EdgeRoute.Protocol.Control;

/// <summary>Writes messages as maps; optional fields without a value are left out.</summary>
public sealed class FieldWriter : IFieldVisitor
{
    private readonly ArrayBufferWriter<byte> _buffer;
    private int _count;

    private FieldWriter(ArrayBufferWriter<byte> buffer) => _buffer = buffer;

    public static void Write(ArrayBufferWriter<byte> buffer, IControlMessage message) => new FieldWriter(buffer).Map(message);

    public void Text(string name, ref string value)
    {
        var writer = Key(name);
        writer.Write(value);
        writer.Flush();
    }

    public void OptionalText(string name, ref string? value)
    {
        if (value is not null)
        {
            var writer = Key(name);
            writer.Write(value);
            writer.Flush();
        }
    }

    public void Boolean(string name, ref bool value)
    {
        var writer = Key(name);
        writer.Write(value);
        writer.Flush();
    }

    public void Integer(string name, ref int value)
    {
        var writer = Key(name);
        writer.Write(value);
        writer.Flush();
    }

    public void Long(string name, ref long value)
    {
        var writer = Key(name);
        writer.Write(value);
        writer.Flush();
    }

    public void Number(string name, ref double value)
    {
        var writer = Key(name);
        WriteNumber(ref writer, value);
        writer.Flush();
    }

    public void OptionalNumber(string name, ref double? value)
    {
        if (value is { } number)
        {
            var writer = Key(name);
            WriteNumber(ref writer, number);
            writer.Flush();
        }
    }

    public void OptionalInteger(string name, ref long? value)
    {
        if (value is { } number)
        {
            var writer = Key(name);
            writer.Write(number);
            writer.Flush();
        }
    }

    public void Setting(string name, ref SettingValue value)
    {
        if (!value.IsGiven)
        {
            return;
        }

        var writer = Key(name);
        if (value.Text is { } text)
        {
            writer.Write(text);
        }
        else
        {
            WriteNumber(ref writer, value.Number ?? double.NaN);
        }

        writer.Flush();
    }

    public void Bytes(string name, ref byte[] value)
    {
        var writer = Key(name);
        writer.Write(value);
        writer.Flush();
    }

    public void Message<T>(string name, ref T value) where T : class, IControlMessage, new()
    {
        Key(name).Flush();
        Map(value);
    }

    public void OptionalMessage<T>(string name, ref T? value) where T : class, IControlMessage, new()
    {
        if (value is not null)
        {
            Key(name).Flush();
            Map(value);
        }
    }

    public void List<T>(string name, ref List<T> value) where T : class, IControlMessage, new()
    {
        var writer = Key(name);
        writer.WriteArrayHeader(value.Count);
        writer.Flush();
        foreach (var item in value)
        {
            Map(item);
        }
    }

    public void Texts(string name, ref List<string> value)
    {
        var writer = Key(name);
        writer.WriteArrayHeader(value.Count);
        foreach (string text in value)
        {
            writer.Write(text);
        }

        writer.Flush();
    }

    public void Integers(string name, ref List<long> value)
    {
        var writer = Key(name);
        writer.WriteArrayHeader(value.Count);
        foreach (long number in value)
        {
            writer.Write(number);
        }

        writer.Flush();
    }

    public void Numbers(string name, ref float[] value)
    {
        if (value.Length == 0)
        {
            return;
        }

        var writer = Key(name);
        writer.WriteArrayHeader(value.Length);
        foreach (float number in value)
        {
            if (float.IsFinite(number))
            {
                writer.Write(number);
            }
            else
            {
                writer.WriteNil();
            }
        }

        writer.Flush();
    }

    private static void WriteNumber(ref MessagePackWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.Write(value);
        }
        else
        {
            writer.WriteNil();
        }
    }

    /// <summary>
    /// How many fields there are is known at the end, so every map has the header of three bytes, whose count is filled in then.
    /// </summary>
    private void Map(IControlMessage message)
    {
        int outer = _count, at = _buffer.WrittenCount;
        _buffer.Write<byte>([MessagePackCode.Map16, 0, 0]);
        _count = 0;
        message.Visit(this);
        // What was written is read-only to all others; it may also lie in another array than at first.
        var written = MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        BinaryPrimitives.WriteUInt16BigEndian(written.Span[(at + 1)..], checked((ushort)_count));
        _count = outer;
    }

    /// <summary>A writer that has written the key; it is to be flushed after the value.</summary>
    private MessagePackWriter Key(string name)
    {
        _count++;
        var writer = new MessagePackWriter(_buffer);
        writer.Write(name);
        return writer;
    }
}
