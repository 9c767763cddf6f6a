using System.Net.Sockets;
using System.Text;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// Tells the service manager how the engine stands: <c>READY=1</c>, <c>STATUS=...</c>, <c>WATCHDOG=1</c>, one datagram each, as
/// sd_notify(3) has it. A manager that does not listen is no reason to stop.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _manager;

    /// <param name="address">Path of the manager's socket; a name that begins with '@' is abstract.</param>
    public ServiceNotifier(string address) =>
        _manager = new UnixDomainSocketEndPoint(address.StartsWith('@') ? "\0" + address[1..] : address);

    /// <summary>For the manager that started this process; null where none did.</summary>
    public static ServiceNotifier? FromEnvironment() =>
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } address && address[0] is ('@' or '/')
            ? new ServiceNotifier(address) : null;

    public void Tell(string state)
    {
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(state), _manager);
        }
        catch (Exception unheard) when (unheard is SocketException or ObjectDisposedException)
        {
            // The manager restarts, or its queue is full; the next word comes in a second.
        }
    }

    public void Dispose() => _socket.Dispose();
}
