namespace EdgeRoute.Protocol.Control;

/// <summary>
/// Goes through the fields of a message by name: the writer takes values out, the reader puts them in. A message so describes itself once,
/// and what is written and what is read cannot drift apart. On the wire a message is a map; a field that is absent or nil leaves the value
/// as it was.
/// </summary>
public interface IFieldVisitor
{
    void Text(string name, ref string value);

    void OptionalText(string name, ref string? value);

    void Boolean(string name, ref bool value);

    void Integer(string name, ref int value);

    void Long(string name, ref long value);

    /// <summary>Values that are not finite travel as nil.</summary>
    void Number(string name, ref double value);

    void OptionalNumber(string name, ref double? value);

    void OptionalInteger(string name, ref long? value);

    /// <summary>The one field where absent and nil differ: unchanged, and none.</summary>
    void Setting(string name, ref SettingValue value);

    void Bytes(string name, ref byte[] value);

    void Message<T>(string name, ref T value) where T : class, IControlMessage, new();

    void OptionalMessage<T>(string name, ref T? value) where T : class, IControlMessage, new();

    void List<T>(string name, ref List<T> value) where T : class, IControlMessage, new();

    void Texts(string name, ref List<string> value);

    void Integers(string name, ref List<long> value);

    /// <summary>None are left out; those that are not finite travel as nil.</summary>
    void Numbers(string name, ref float[] value);
}

/// <summary>A message of the control channel, or a part of one.</summary>
public interface IControlMessage
{
    void Visit(IFieldVisitor fields);
}
