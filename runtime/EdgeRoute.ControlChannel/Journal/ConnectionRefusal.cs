namespace EdgeRoute.ControlChannel.Journal;

/// <summary>Why the channel refused a connection or a request, or ended a connection.</summary>
public enum ConnectionRefusal
{
    /// <summary>All places are taken.</summary>
    Full,

    /// <summary>All places for peers that have not proved themselves are taken.</summary>
    UnprovenFull,

    /// <summary>The handshake took too long.</summary>
    Handshake,

    /// <summary>TLS did not come about.</summary>
    Tls,

    /// <summary>Another version of the protocol.</summary>
    Version,

    /// <summary>Bytes that are no message.</summary>
    Malformed,

    /// <summary>A request that the role does not allow.</summary>
    Denied,

    /// <summary>A request beyond the rate.</summary>
    Rate,

    /// <summary>A connection that went on beyond the rate.</summary>
    Flood,

    /// <summary>A client that was revoked.</summary>
    Revoked,

    /// <summary>A client that does not read what it asked for.</summary>
    Stalled,

    /// <summary>A pairing that did not prove the code.</summary>
    Pairing,

    /// <summary>The system gave no connection: too many open files, no memory.</summary>
    System,
}
