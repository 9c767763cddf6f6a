namespace EdgeRoute.ControlChannel;

/// <summary>Who is at the other end of a connection, as far as the transport proves it.</summary>
/// <param name="Transport"><c>tls</c> or <c>unix</c>.</param>
/// <param name="Address">For the log: network address, or process and user.</param>
/// <param name="UserName">Of a Unix socket: the user, as the kernel says.</param>
/// <param name="Fingerprint">Of TLS: SHA-256 of the certificate whose key the peer holds, lower-case hexadecimal; null where it showed none, and on a Unix socket.</param>
internal sealed record ChannelPeer(string Transport, string Address, string UserName, string? Fingerprint)
{
    public const string Unix = "unix", Tls = "tls";
}
