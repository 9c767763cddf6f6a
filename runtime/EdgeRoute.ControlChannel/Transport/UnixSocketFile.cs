using System.Net.Sockets;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>A listening Unix socket at a path, and the file that a dead process may have left there.</summary>
internal static class UnixSocketFile
{
    /// <summary>The kernel's limit for a path, without the byte that ends it (sun_path in sys/un.h).</summary>
    public const int PathBytes = 107;

    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite;

    /// <exception cref="ChannelException">Another process listens there, something else lies there, or the system refuses.</exception>
    public static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            RemoveDead(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody gets in before listening begins, so there is no moment in which the mode is wider.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, SocketMode);
            }

            socket.Listen(ChannelLimits.Backlog);
            return socket;
        }
        catch (Exception refused) when (refused is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            string advice = "Its folder must be there and writable; set control.unix to another path or 'none'.";
            throw new ChannelException($"the control socket '{path}' cannot be opened: {refused.Message}. {advice}", refused);
        }
        catch (ChannelException)
        {
            socket.Dispose();
            throw;
        }
    }

    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // What stays behind is recognized as dead at the next start.
        }
    }

    private static void RemoveDead(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if ((File.GetAttributes(path) & FileAttributes.Directory) != 0 || !IsSocket(path))
        {
            throw new ChannelException($"'{path}' is there and is no socket; set control.unix to another path, or remove it");
        }

        if (IsAnswered(path))
        {
            throw new ChannelException($"another process listens at '{path}'; stop it ('systemctl stop edgeroute'), or set control.unix "
                + "to another path");
        }

        File.Delete(path);
    }

    /// <summary>A regular file of that name holds something of value; a socket has no length and cannot be opened as a file.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsAnswered(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
