using System.Net;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>The TCP port: bound only while there is somebody to let in. A port that cannot be bound is tried again. Any thread.</summary>
internal sealed class TcpPort(IPEndPoint address, Action<Socket> arrived, Action<SocketException> failed, EventLog events) : IDisposable
{
    /// <summary>An address that is not there yet (a network that is still coming up), or a port that another program has for now.</summary>
    private const long RetryNs = 5_000_000_000;

    private readonly Lock _gate = new();
    private SocketListener? _listener;
    private long _retryNs = long.MinValue;
    private bool _hasFailed, _isDisposed;

    public IPEndPoint? LocalEndPoint
    {
        get
        {
            lock (_gate)
            {
                return _listener?.LocalEndPoint as IPEndPoint;
            }
        }
    }

    public void Tend(bool isWanted, long nowNs)
    {
        lock (_gate)
        {
            if (!isWanted)
            {
                Shut();
            }
            else if (_listener is null && !_isDisposed && nowNs >= _retryNs)
            {
                Bind(nowNs);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _listener?.Dispose();
            _listener = null;
        }
    }

    /// <summary>A laptop that was carried out of reach gives its place back within about a minute.</summary>
    public static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    private void Bind(long nowNs)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(ChannelLimits.Backlog);
            _listener = new SocketListener(socket, arrived, failed);
            _listener.Open();
            _hasFailed = false;
            events.Add(EventLevel.Notice, "", $"the control port {_listener.LocalEndPoint} is open");
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            if (!_hasFailed)
            {
                events.Add(EventLevel.Warning, "", $"the control port {address} cannot be opened: {fault.Message}; tried again every "
                    + $"{RetryNs / 1_000_000_000} s");
            }

            (_hasFailed, _retryNs) = (true, nowNs + RetryNs);
        }
    }

    private void Shut()
    {
        if (_listener is not null)
        {
            _listener.Dispose();
            _listener = null;
            events.Add(EventLevel.Notice, "", $"the control port {address} is closed: nobody is paired, and the pairing window is closed");
        }
    }
}
