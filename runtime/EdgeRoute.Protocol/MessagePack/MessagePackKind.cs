namespace EdgeRoute.Protocol.MessagePack;

/// <summary>The types of the specification, by the first byte of a value.</summary>
public enum MessagePackKind
{
    Nil,
    Boolean,
    Integer,
    Float,
    Text,
    Binary,
    Array,
    Map,
    Extension,
}
