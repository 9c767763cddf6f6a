namespace EdgeRoute.Protocol.MessagePack;

/// <summary>Bytes that are not MessagePack, go beyond a limit, or are not what was to be read there. The message says what, and at which byte.</summary>
public sealed class MessagePackException(string message) : FormatException(message);
