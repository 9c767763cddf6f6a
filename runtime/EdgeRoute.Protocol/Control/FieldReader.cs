using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Protocol.Control;

/// <summary>
/// Reads messages from maps, whatever the order of the keys. Keys that a message does not know are passed over, because a newer sender may
/// know more; <see cref="ReadStrict{T}"/> refuses them, and numbers that are not finite, for requests: what a program misspelt or divided
/// by zero must not be obeyed in part.
/// </summary>
public sealed class FieldReader : IFieldVisitor
{
    /// <summary>
    /// Items of one list or fields of one map: a full trace has 6 x 16 options, a route tree 512 nodes, an event list 512 lines.
    /// </summary>
    private const int ListLimit = 4096;

    /// <summary>Numbers of one list, 4 bytes each in memory: embeddings have a few thousand, and so have plans.</summary>
    private const int NumberLimit = 1 << 16;

    /// <summary>
    /// Maps of one message, all lists together: an empty map is one byte and becomes an object of several hundred, and lists lie inside
    /// lists. The description of a device with 64 streams of 512 nodes with 3 options each has 132 thousand.
    /// </summary>
    private const int MapLimit = 1 << 18;

    /// <summary>Characters of a foreign word that an error repeats: enough to find it, and no reason to send a megabyte of them.</summary>
    private const int QuotedLength = 64;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly bool _isStrict;
    private readonly FieldReader? _outer;
    private readonly string _name;
    private readonly int _index;
    private readonly FieldReader _root;
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly List<string>? _asked;
    private int _mapCount;

    private FieldReader(ReadOnlyMemory<byte> bytes, bool isStrict)
    {
        _bytes = bytes;
        _isStrict = isStrict;
        _name = "";
        _index = -1;
        _root = this;
        _asked = isStrict ? [] : null;
    }

    private FieldReader(FieldReader outer, string name, int index) : this(outer._bytes, outer._isStrict)
    {
        _outer = outer;
        _name = name;
        _index = index;
        _root = outer._root;
    }

    /// <summary>Where this map is, as <c>streams[2].window.</c>; put together only when something is wrong.</summary>
    private string Place
    {
        get
        {
            if (_outer is null)
            {
                return "";
            }

            if (_index < 0)
            {
                return $"{_outer.Place}{_name}.";
            }

            return $"{_outer.Place}{_name}[{_index}].";
        }
    }

    /// <exception cref="MessagePackException">A field is of another type than wanted; the message has its name.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> value) where T : IControlMessage, new() => new FieldReader(value,
        isStrict: false).Map<T>(0);

    /// <summary>Reads one value and moves the reader past it.</summary>
    public static T Read<T>(ref MessageReader reader) where T : IControlMessage, new() => Read<T>(reader.Skip());

    /// <exception cref="MessagePackException">As <see cref="Read{T}(ReadOnlyMemory{byte})"/>, or a key that the message does not
    /// know.</exception>
    public static T ReadStrict<T>(ReadOnlyMemory<byte> value) where T : IControlMessage, new() => new FieldReader(value,
        isStrict: true).Map<T>(0);

    public void Text(string name, ref string value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => r.ReadText());
        }
    }

    public void OptionalText(string name, ref string? value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => r.ReadText());
        }
    }

    public void Boolean(string name, ref bool value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => r.ReadBoolean());
        }
    }

    public void Integer(string name, ref int value)
    {
        long wide = value;
        Long(name, ref wide);
        value = wide is >= int.MinValue and <= int.MaxValue ? (int)wide
            : throw new MessagePackException($"the field '{Place}{name}' is {wide}, which does not fit into 32 bits");
    }

    public void Long(string name, ref long value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => ReadWhole(ref r));
        }
    }

    public void Number(string name, ref double value)
    {
        if (TryFind(name, out int start))
        {
            value = ReadNumber(name, start);
        }
        else if (_starts.ContainsKey(name))
        {
            value = _isStrict ? throw NotFinite(name) : double.NaN;
        }
    }

    public void OptionalNumber(string name, ref double? value)
    {
        if (TryFind(name, out int start))
        {
            value = ReadNumber(name, start);
        }
    }

    public void OptionalInteger(string name, ref long? value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => ReadWhole(ref r));
        }
    }

    public void Setting(string name, ref SettingValue value)
    {
        if (!TryFind(name, out int start))
        {
            value = _starts.ContainsKey(name) ? SettingValue.None : value;
            return;
        }

        if (new MessageReader(_bytes, start).Peek() == MessagePackType.String)
        {
            value = SettingValue.Of(Named(name, start, static (ref r) => r.ReadText()));
            return;
        }

        double number = ReadNumber(name, start);
        value = double.IsFinite(number) ? SettingValue.Of(number) : SettingValue.None;
    }

    public void Bytes(string name, ref byte[] value)
    {
        if (TryFind(name, out int start))
        {
            value = Named(name, start, static (ref r) => r.ReadBinary().ToArray());
        }
    }

    public void Message<T>(string name, ref T value) where T : class, IControlMessage, new()
    {
        if (TryFind(name, out int start))
        {
            value = new FieldReader(this, name, -1).Map<T>(start);
        }
    }

    public void OptionalMessage<T>(string name, ref T? value) where T : class, IControlMessage, new()
    {
        if (TryFind(name, out int start))
        {
            value = new FieldReader(this, name, -1).Map<T>(start);
        }
    }

    public void List<T>(string name, ref List<T> value) where T : class, IControlMessage, new()
    {
        if (!TryFind(name, out int start))
        {
            return;
        }

        var reader = new MessageReader(_bytes, start);
        int count = CountOf(name, ref reader);
        value = new List<T>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(new FieldReader(this, name, i).Map<T>(reader.Position));
            reader.Skip();
        }
    }

    public void Texts(string name, ref List<string> value)
    {
        if (!TryFind(name, out int start))
        {
            return;
        }

        var reader = new MessageReader(_bytes, start);
        int count = CountOf(name, ref reader);
        value = new List<string>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(Named(name, ref reader, static (ref r) => r.ReadText()));
        }
    }

    public void Integers(string name, ref List<long> value)
    {
        if (!TryFind(name, out int start))
        {
            return;
        }

        var reader = new MessageReader(_bytes, start);
        int count = CountOf(name, ref reader);
        value = new List<long>(count);
        for (int i = 0; i < count; i++)
        {
            value.Add(Named(name, ref reader, static (ref r) => ReadWhole(ref r)));
        }
    }

    public void Numbers(string name, ref float[] value)
    {
        if (!TryFind(name, out int start))
        {
            return;
        }

        var reader = new MessageReader(_bytes, start);
        value = new float[CountOf(name, ref reader, NumberLimit)];
        for (int i = 0; i < value.Length; i++)
        {
            value[i] = Named(name, ref reader, static (ref r) => r.TryReadNil() ? float.NaN : (float)r.ReadNumber());
            if (_isStrict && !float.IsFinite(value[i]))
            {
                throw NotFinite(name);
            }
        }
    }

    private delegate T ReadOne<out T>(ref MessageReader reader);

    private T Map<T>(int start) where T : IControlMessage, new()
    {
        if (++_root._mapCount > MapLimit)
        {
            throw new MessagePackException($"the message has more than {MapLimit} maps");
        }

        Find(start);
        var message = new T();
        message.Visit(this);
        if (_asked is not null && _starts.Keys.FirstOrDefault(k => !_asked.Contains(k)) is { } unknown)
        {
            throw new MessagePackException($"the field '{Place}{Quoted(unknown)}' is not known; known here: "
                + $"{(_asked.Count > 0 ? string.Join(", ", _asked) : "none")}");
        }

        return message;
    }

    private void Find(int start)
    {
        var reader = new MessageReader(_bytes, start);
        int count = _outer is null ? reader.ReadMapHeader()
            : _outer.Named(_name, ref reader, static (ref r) => r.ReadMapHeader());
        if (count > ListLimit)
        {
            throw new MessagePackException($"a map of {count} fields; at most {ListLimit} are read");
        }

        for (int i = 0; i < count; i++)
        {
            string key = reader.ReadText();
            if (!_starts.TryAdd(key, reader.Position))
            {
                throw new MessagePackException($"the field '{Place}{Quoted(key)}' is there twice");
            }

            reader.Skip();
        }
    }

    private static string Quoted(string word) => word.Length <= QuotedLength ? word : $"{word.AsSpan(0, QuotedLength)}...";

    /// <summary>Where a field's value begins; false where there is none, or nil.</summary>
    private bool TryFind(string name, out int start)
    {
        _asked?.Add(name);
        return _starts.TryGetValue(name, out start) && _bytes.Span[start] != MessagePackCode.Nil;
    }

    private int CountOf(string name, ref MessageReader reader, int limit = ListLimit)
    {
        int count = Named(name, ref reader, static (ref r) => r.ReadArrayHeader());
        return count <= limit ? count : throw new MessagePackException($"the list '{Place}{name}' has {count} items; at most "
            + $"{limit} are read");
    }

    /// <summary>An integer, or a float without a fraction: some languages know only one kind of number.</summary>
    private static long ReadWhole(ref MessageReader reader)
    {
        if (reader.Peek() != MessagePackType.Float)
        {
            return reader.ReadInteger();
        }

        double number = reader.ReadNumber();
        // 2^63 is the least float that does not fit; the greatest below it is 1024 less.
        return number >= long.MinValue && number < -(double)long.MinValue && Math.Floor(number) == number ? (long)number
            : throw new MessagePackException($"{number} is no integer of 64 bits");
    }

    private double ReadNumber(string name, int start)
    {
        double number = Named(name, start, static (ref r) => r.ReadNumber());
        return !_isStrict || double.IsFinite(number) ? number : throw NotFinite(name);
    }

    private MessagePackException NotFinite(string name) => new($"the field '{Place}{name}' is not a finite number");

    private T Named<T>(string name, int start, ReadOne<T> read)
    {
        var reader = new MessageReader(_bytes, start);
        return Named(name, ref reader, read);
    }

    private T Named<T>(string name, ref MessageReader reader, ReadOne<T> read)
    {
        try
        {
            return read(ref reader);
        }
        catch (MessagePackException wrong)
        {
            throw new MessagePackException($"the field '{Place}{name}': {wrong.Message}");
        }
    }
}
