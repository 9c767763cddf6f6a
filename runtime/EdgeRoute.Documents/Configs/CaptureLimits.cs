namespace EdgeRoute.Documents.Configs;

/// <summary>Times that bound how a source is watched.</summary>
/// <param name="StallMs">Silence after which a running source is taken for broken. A camera server that hangs reports nothing by itself.</param>
/// <param name="FirstFrameMs">The same before the first frame after opening: cameras and servers take seconds to start.</param>
public sealed record CaptureLimits(int StallMs = 3_000, int FirstFrameMs = 10_000)
{
    /// <summary>Longest single wait for a frame: bounds how late a stop or a stall is seen.</summary>
    public const int ReadWaitMs = 100;

    public static CaptureLimits Usual { get; } = new();
}
