using System.Buffers.Binary;
using System.Net.Sockets;

namespace EdgeRoute.ControlChannel;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
internal static class UnixPeer
{
    /// <summary>SOL_SOCKET and SO_PEERCRED of asm-generic/socket.h, which x86 and ARM share; the answer is struct ucred: pid, uid, gid.</summary>
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
