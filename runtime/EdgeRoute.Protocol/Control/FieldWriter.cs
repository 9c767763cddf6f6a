using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Protocol.Control;

/// <summary>Writes messages as maps; optional fields without a value are left out.</summary>
public sealed class FieldWriter : IFieldVisitor
{
    private readonly MessagePackWriter _writer;
    private int _count;

    private FieldWriter(MessagePackWriter writer) => _writer = writer;

    public static void Write(MessagePackWriter writer, IControlMessage message) => new FieldWriter(writer).Map(message);

    public void Text(string name, ref string value)
    {
        Key(name);
        _writer.WriteText(value);
    }

    public void OptionalText(string name, ref string? value)
    {
        if (value is not null)
        {
            Key(name);
            _writer.WriteText(value);
        }
    }

    public void Boolean(string name, ref bool value)
    {
        Key(name);
        _writer.WriteBoolean(value);
    }

    public void Integer(string name, ref int value)
    {
        Key(name);
        _writer.WriteInteger(value);
    }

    public void Long(string name, ref long value)
    {
        Key(name);
        _writer.WriteInteger(value);
    }

    public void Number(string name, ref double value)
    {
        Key(name);
        WriteNumber(value);
    }

    public void OptionalNumber(string name, ref double? value)
    {
        if (value is { } number)
        {
            Key(name);
            WriteNumber(number);
        }
    }

    public void OptionalInteger(string name, ref long? value)
    {
        if (value is { } number)
        {
            Key(name);
            _writer.WriteInteger(number);
        }
    }

    public void Setting(string name, ref SettingValue value)
    {
        if (!value.IsGiven)
        {
            return;
        }

        Key(name);
        if (value.Text is { } text)
        {
            _writer.WriteText(text);
        }
        else
        {
            WriteNumber(value.Number ?? double.NaN);
        }
    }

    public void Bytes(string name, ref byte[] value)
    {
        Key(name);
        _writer.WriteBinary(value);
    }

    public void Message<T>(string name, ref T value) where T : class, IControlMessage, new()
    {
        Key(name);
        Map(value);
    }

    public void OptionalMessage<T>(string name, ref T? value) where T : class, IControlMessage, new()
    {
        if (value is not null)
        {
            Key(name);
            Map(value);
        }
    }

    public void List<T>(string name, ref List<T> value) where T : class, IControlMessage, new()
    {
        Key(name);
        _writer.WriteArrayHeader(value.Count);
        foreach (var item in value)
        {
            Map(item);
        }
    }

    public void Texts(string name, ref List<string> value)
    {
        Key(name);
        _writer.WriteArrayHeader(value.Count);
        foreach (string text in value)
        {
            _writer.WriteText(text);
        }
    }

    public void Integers(string name, ref List<long> value)
    {
        Key(name);
        _writer.WriteArrayHeader(value.Count);
        foreach (long number in value)
        {
            _writer.WriteInteger(number);
        }
    }

    private void WriteNumber(double value)
    {
        if (double.IsFinite(value))
        {
            _writer.WriteDouble(value);
        }
        else
        {
            _writer.WriteNil();
        }
    }

    private void Map(IControlMessage message)
    {
        int outer = _count, at = _writer.OpenMap();
        _count = 0;
        message.Visit(this);
        _writer.CloseMap(at, _count);
        _count = outer;
    }

    private void Key(string name)
    {
        _writer.WriteText(name);
        _count++;
    }
}
