using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Who is at the other end of a connection, as far as the transport proves it.</summary>
/// <param name="Transport"><c>tls</c> or <c>unix</c>.</param>
/// <param name="Address">For the log: network address, or process and user.</param>
/// <param name="UserName">Of a Unix socket: the user, as the kernel says.</param>
/// <param name="Fingerprint">Of TLS: SHA-256 of the certificate whose key the peer holds, lower-case hexadecimal; null where it showed
/// none, and on a Unix socket.</param>
internal sealed record ChannelPeer(string Transport, string Address, string UserName, string? Fingerprint)
{
    public const string Unix = "unix", Tls = "tls";

    /// <summary>
    /// What counts as one place that peers come from: an IPv4 address, or the half of an IPv6 address that its network gives, since the
    /// other half is anybody's to choose. Empty where there is no address.
    /// </summary>
    public static string OriginOf(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return "";
        }

        byte[] bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return Convert.ToHexString(bytes, 0, Math.Min(bytes.Length, 8));
    }
}

/// <summary>Who asks.</summary>
/// <param name="Name">What the device's owner knows the client by.</param>
/// <param name="Role">One of <see cref="ControlRole"/>.</param>
/// <param name="Transport"><c>tls</c> or <c>unix</c>.</param>
public sealed record ControlCaller(string Name, string Role, string Transport)
{
    /// <summary>The connection it asks through; null where the device asks itself, and in tests of methods.</summary>
    internal ChannelConnection? Connection { get; init; }

    public bool IsAdmin => Role == ControlRole.Admin;

    /// <summary>As the journal names it.</summary>
    public override string ToString() => $"{Name} ({Role}, {Transport})";
}

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
internal static class UnixPeer
{
    /// <summary>
    /// SOL_SOCKET and SO_PEERCRED of asm-generic/socket.h, which x86 and ARM share; the answer is struct ucred: pid, uid, gid.
    /// </summary>
    private const int SocketLevel = 1, PeerCredentials = 17, CredentialBytes = 12;

    public static ChannelPeer Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        if (socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) != CredentialBytes)
        {
            throw new IOException("the kernel does not say who is at the other end of the socket");
        }

        int process = BinaryPrimitives.ReadInt32LittleEndian(credentials), user = BinaryPrimitives.ReadInt32LittleEndian(credentials[4..]);
        return new ChannelPeer(ChannelPeer.Unix, $"process {process} of user {user}", $"uid {user}", null);
    }
}
