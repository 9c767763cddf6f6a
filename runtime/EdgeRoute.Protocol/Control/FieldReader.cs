using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Protocol.Control;

/// <summary>
/// Reads messages from maps, whatever the order of the keys. Keys that a message does not know are passed over, because a newer sender may know more; <see cref="ReadStrict{T}"/>
/// refuses them, for requests: a misspelt word must not be obeyed in part.
/// </summary>
public sealed class FieldReader : IFieldVisitor
{
    /// <summary>Items of one list or fields of one map: a full trace has 6 x 16 options, a route tree 512 nodes, an event list 512 lines.</summary>
    private const int ListLimit = 4096;

    private readonly byte[] _bytes;
    private readonly bool _isStrict;
    private readonly string _path;
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    private FieldReader(byte[] bytes, bool isStrict, string path) => (_bytes, _isStrict, _path) = (bytes, isStrict, path);

    /// <exception cref="MessagePackException">A field is of another type than wanted; the message has its name.</exception>
    public static T Read<T>(ReadOnlySpan<byte> value) where T : IControlMessage, new() => Read<T>(value.ToArray(), 0, isStrict: false, "");

    /// <summary>Reads one value and moves the reader past it.</summary>
    public static T Read<T>(ref MessagePackReader reader) where T : IControlMessage, new() => Read<T>(reader.Skip().ToArray(), 0, isStrict: false, "");

    /// <exception cref="MessagePackException">As <see cref="Read{T}(ReadOnlySpan{byte})"/>, or a key that the message does not know.</exception>
    public static T ReadStrict<T>(ReadOnlySpan<byte> value) where T : IControlMessage, new() => Read<T>(value.ToArray(), 0, isStrict: true, "");

    public void Text(string name, ref string value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadText());
        }
    }

    public void OptionalText(string name, ref string? value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadText());
        }
    }

    public void Boolean(string name, ref bool value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadBoolean());
        }
    }

    public void Integer(string name, ref int value)
    {
        long wide = value;
        Long(name, ref wide);
        value = wide is >= int.MinValue and <= int.MaxValue ? (int)wide
            : throw new MessagePackException($"the field '{_path}{name}' is {wide}, which does not fit into 32 bits");
    }

    public void Long(string name, ref long value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadInteger());
        }
    }

    public void Number(string name, ref double value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadNumber());
        }
        else
        {
            value = _starts.ContainsKey(name) ? double.NaN : value;
        }
    }

    public void OptionalNumber(string name, ref double? value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadNumber());
        }
    }

    public void OptionalInteger(string name, ref long? value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadInteger());
        }
    }

    public void Setting(string name, ref SettingValue value)
    {
        if (!TryFind(name, out var reader))
        {
            value = _starts.ContainsKey(name) ? SettingValue.None : value;
            return;
        }

        value = reader.Peek() == MessagePackKind.Text
            ? SettingValue.Of(Named(name, ref reader, static (ref MessagePackReader r) => r.ReadText()))
            : SettingValue.Of(Named(name, ref reader, static (ref MessagePackReader r) => r.ReadNumber()));
    }

    public void Bytes(string name, ref byte[] value)
    {
        if (TryFind(name, out var reader))
        {
            value = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadBinary().ToArray());
        }
    }

    public void Message<T>(string name, ref T value) where T : class, IControlMessage, new()
    {
        if (TryFind(name, out var reader))
        {
            value = Read<T>(_bytes, _bytes.Length - reader.Rest.Length, _isStrict, $"{_path}{name}.");
        }
    }

    public void OptionalMessage<T>(string name, ref T? value) where T : class, IControlMessage, new()
    {
        if (TryFind(name, out var reader))
        {
            value = Read<T>(_bytes, _bytes.Length - reader.Rest.Length, _isStrict, $"{_path}{name}.");
        }
    }

    public void List<T>(string name, ref List<T> value) where T : class, IControlMessage, new()
    {
        if (!TryFind(name, out var reader))
        {
            return;
        }

        int count = CountOf(name, ref reader);
        value = new List<T>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(Read<T>(_bytes, _bytes.Length - reader.Rest.Length, _isStrict, $"{_path}{name}[{i}]."));
            reader.Skip();
        }
    }

    public void Texts(string name, ref List<string> value)
    {
        if (!TryFind(name, out var reader))
        {
            return;
        }

        int count = CountOf(name, ref reader);
        value = new List<string>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(Named(name, ref reader, static (ref MessagePackReader r) => r.ReadText()));
        }
    }

    public void Integers(string name, ref List<long> value)
    {
        if (!TryFind(name, out var reader))
        {
            return;
        }

        int count = CountOf(name, ref reader);
        value = new List<long>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(Named(name, ref reader, static (ref MessagePackReader r) => r.ReadInteger()));
        }
    }

    private delegate T ReadOne<out T>(ref MessagePackReader reader);

    private static T Read<T>(byte[] bytes, int start, bool isStrict, string path) where T : IControlMessage, new()
    {
        var fields = new FieldReader(bytes, isStrict, path);
        var message = new T();
        fields.Find(start);
        message.Visit(fields);
        if (isStrict && fields._starts.Count > 0 && fields._starts.Keys.FirstOrDefault(k => !fields._asked.Contains(k)) is { } unknown)
        {
            throw new MessagePackException($"the field '{path}{unknown}' is not known; known here: {string.Join(", ", fields._asked)}");
        }

        return message;
    }

    private void Find(int start)
    {
        var reader = new MessagePackReader(_bytes.AsSpan(start));
        int count = reader.ReadMapHeader();
        if (count > ListLimit)
        {
            throw new MessagePackException($"a map of {count} fields; at most {ListLimit} are read");
        }

        for (int i = 0; i < count; i++)
        {
            string key = reader.ReadText();
            if (!_starts.TryAdd(key, start + reader.Position))
            {
                throw new MessagePackException($"the field '{_path}{key}' is there twice");
            }

            reader.Skip();
        }
    }

    private bool TryFind(string name, out MessagePackReader reader)
    {
        if (_isStrict)
        {
            _asked.Add(name);
        }

        reader = default;
        if (!_starts.TryGetValue(name, out int start))
        {
            return false;
        }

        reader = new MessagePackReader(_bytes.AsSpan(start));
        return !reader.TryReadNil();
    }

    private int CountOf(string name, ref MessagePackReader reader)
    {
        int count = Named(name, ref reader, static (ref MessagePackReader r) => r.ReadArrayHeader());
        return count <= ListLimit ? count : throw new MessagePackException($"the list '{_path}{name}' has {count} items; at most {ListLimit} are read");
    }

    private T Named<T>(string name, ref MessagePackReader reader, ReadOne<T> read)
    {
        try
        {
            return read(ref reader);
        }
        catch (MessagePackException wrong)
        {
            throw new MessagePackException($"the field '{_path}{name}': {wrong.Message}");
        }
    }
}
