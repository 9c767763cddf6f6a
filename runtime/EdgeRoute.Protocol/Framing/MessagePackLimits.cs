namespace EdgeRoute.Protocol.Framing;

/// <summary>How much of a message is believed before it is refused.</summary>
/// <param name="DepthLimit">Arrays and maps inside each other.</param>
/// <param name="SizeBytes">One message, from its first byte to its last.</param>
public sealed record MessagePackLimits(int DepthLimit, int SizeBytes)
{
    /// <summary>
    /// Depth that scanners keep a place for: nothing this protocol says is deeper than 8, and a stack of 32 counts is
    /// 256 bytes.
    /// </summary>
    public const int DepthMost = 32;

    /// <summary>What a device accepts: the largest thing a client sends is a device config of 256 KiB, in its envelope.</summary>
    public static MessagePackLimits Requests { get; } = new(16, 320 << 10);

    /// <summary>What a client accepts: the largest thing a device sends is a JPEG of an 8K frame.</summary>
    public static MessagePackLimits Replies { get; } = new(16, 32 << 20);
}

/// <summary>
/// Bytes that are not MessagePack, go beyond a limit, or are not what was to be read there. The message says what, and at which byte.
/// </summary>
public sealed class MessagePackException(string message) : FormatException(message);
