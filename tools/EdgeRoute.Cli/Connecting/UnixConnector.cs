using System.Net.Sockets;

namespace EdgeRoute.Cli.Connecting;

/// <summary>Opens a device's Unix socket.</summary>
internal static class UnixConnector
{
    /// <exception cref="DeviceLostException">Nobody listens there, or it may not be opened; the message says what to do.</exception>
    public static async Task<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception refused) when (refused is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new DeviceLostException($"cannot open unix:{path}: {Reason(path, refused)}", refused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(string path, Exception refused)
    {
        if (refused is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            return "permission denied; only the group of the socket may open it (try sudo, or join the group 'edgeroute')";
        }

        if (!File.Exists(path))
        {
            return "there is no such socket; is edgerouted running, and with 'control' in its config?";
        }

        if (refused is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return "nobody listens; edgerouted was ended without removing it";
        }

        return refused.Message;
    }
}
