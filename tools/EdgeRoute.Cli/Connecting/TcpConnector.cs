using System.Net.Sockets;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Cli.Connecting;

/// <summary>Opens a device's port and shows this laptop's certificate.</summary>
internal static class TcpConnector
{
    /// <summary>A device on the same network answers within milliseconds, over a bad mobile link within seconds.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A link that is silent for so long and does not answer three probes is gone: a watching command then says so and dials again.
    /// </summary>
    private const int KeepAliveSeconds = 5, KeepAliveIntervalSeconds = 2, KeepAliveCount = 3;

    /// <param name="pinned">Fingerprint kept when the device was paired; null only for pairing.</param>
    /// <exception cref="DeviceLostException">Nobody answers, or not with the key that was paired.</exception>
    public static async Task<TlsCall> ConnectAsync(DeviceAddress address, LaptopIdentity laptop, string? pinned, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeLimit);
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(address.Host, address.Port, limit.Token);
            KeepAlive(client.Client);
            return await TlsConnector.Connect(client.GetStream(), laptop, pinned, limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            client.Dispose();
            throw new DeviceLostException($"{address} does not answer within {TimeLimit.TotalSeconds:0} s; is the device on, and is this "
                + "its address?");
        }
        catch (SocketException refused)
        {
            client.Dispose();
            throw new DeviceLostException($"cannot reach {address}: {Reason(refused)}", refused);
        }
        catch (TrustException distrust)
        {
            client.Dispose();
            throw new DeviceLostException(distrust.Message, distrust);
        }
    }

    private static string Reason(SocketException refused) => refused.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "nobody listens there; is edgerouted running with 'control' in its config, and is a client "
            + "paired or 'edgerouted pair' open?",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData =>
            "no such host; write its name or address as the network knows it",
        _ => refused.Message,
    };

    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveCount);
    }
}
