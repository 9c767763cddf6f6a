namespace EdgeRoute.Cli.Trust;

/// <summary>A device that this laptop was paired with, or reaches over a Unix socket.</summary>
/// <param name="Name">As the user calls it; unique in the book.</param>
/// <param name="Address">host:port, or the path of a Unix socket.</param>
/// <param name="Fingerprint">SHA-256 of the device's certificate, lower-case hexadecimal; null for a Unix socket, which needs none.</param>
/// <param name="PairedUtc">When it was paired or added.</param>
public sealed record KnownDevice(string Name, string Address, string? Fingerprint, DateTime PairedUtc)
{
    public bool IsUnixSocket => Address.StartsWith('/');
}
