namespace EdgeRoute.Protocol.Recording;

/// <summary>Why a reader stopped.</summary>
public enum ReadStop
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The session end was read and nothing follows it.</summary>
    Complete,

    /// <summary>The file ends between two records without a session end: the writer was killed.</summary>
    Unfinished,

    /// <summary>The file ends inside a record or inside its header.</summary>
    Cut,

    /// <summary>A checksum is wrong, or a record holds or stands where it may not.</summary>
    Damaged,

    /// <summary>The file does not start as a recording.</summary>
    NotRecording,

    /// <summary>A format version or flag of a later program.</summary>
    UnknownVersion,

    /// <summary>The stream could not be read.</summary>
    StreamFailed,
}
