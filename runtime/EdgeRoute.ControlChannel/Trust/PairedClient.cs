namespace EdgeRoute.ControlChannel.Trust;

/// <summary>A client that was paired.</summary>
/// <param name="Name">Unique on the device.</param>
/// <param name="Fingerprint">SHA-256 of its certificate, lower-case hexadecimal.</param>
/// <param name="Role">Viewer or operator, of <see cref="Protocol.Control.ControlRole"/>.</param>
/// <param name="PairedUtc">By the device's clock, which may have been wrong.</param>
public sealed record PairedClient(string Name, string Fingerprint, string Role, DateTime PairedUtc)
{
    public long PairedUtcNs => (PairedUtc - DateTime.UnixEpoch).Ticks * 100;
}

/// <summary>What happened to a client: paired (no before), revoked (no after), or another name or role.</summary>
public sealed record ClientChange(PairedClient? Before, PairedClient? After)
{
    public string Fingerprint => (Before ?? After)!.Fingerprint;
}
