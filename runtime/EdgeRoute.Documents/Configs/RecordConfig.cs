namespace EdgeRoute.Documents.Configs;

/// <summary>What of a frame's picture goes into a recording.</summary>
public enum RecordedFrames
{
    /// <summary>The bytes as the source delivered them (a JPEG stays a JPEG).</summary>
    Raw,

    /// <summary>Compressed to JPEG.</summary>
    Jpeg,

    /// <summary>No pictures; trace records only.</summary>
    None,
}

/// <summary>A recording of everything that came in and was decided.</summary>
public sealed record RecordConfig(ConfigPath File, RecordedFrames Frames);
