using System.Net;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Transport;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>The web servers of a process, one for each address: what is served at the same one shares it. Any thread.</summary>
public sealed class WebHosts
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _open = [];

    /// <summary>Long enough for a page in the background, short enough for a laptop that was closed.</summary>
    internal TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(20);

    private sealed record Entry(IPEndPoint Address, WebHost Host)
    {
        public int DoorCount;
    }

    /// <param name="address">With port 0 a free one is chosen, which nobody else shares.</param>
    /// <param name="words">For the message of a refusal: what is served, and what to do.</param>
    /// <param name="tls">Null for plain HTTP; with it the address is not shared.</param>
    /// <exception cref="ChannelException">The address cannot be bound, or something else stands at its path.</exception>
    public WebDoor Open(IPEndPoint address, string path, WebRoute route, (string What, string Advice) words, WebTls? tls = null)
    {
        lock (_gate)
        {
            var entry = _open.Find(o => address.Port != 0 && tls is null && !o.Host.IsTls && o.Address.Equals(address));
            if (entry is null)
            {
                entry = new Entry(address, Bind(address, words, tls));
                _open.Add(entry);
            }

            if (!entry.Host.TryAdd(path, route))
            {
                throw new ChannelException($"{words.What} cannot be served at {address}: {path} is served there already. {words.Advice}");
            }

            entry.DoorCount++;
            return new WebDoor(entry.Host, () => Close(entry, path));
        }
    }

    private WebHost Bind(IPEndPoint address, (string What, string Advice) words, WebTls? tls)
    {
        try
        {
            return new WebHost(address, Silence, tls);
        }
        catch (SocketException refused)
        {
            throw new ChannelException($"{words.What} cannot be served at {address}: {refused.Message}. {words.Advice}", refused);
        }
    }

    private void Close(Entry entry, string path)
    {
        lock (_gate)
        {
            entry.Host.Remove(path);
            if (--entry.DoorCount == 0)
            {
                _open.Remove(entry);
                entry.Host.Dispose();
            }
        }
    }
}

/// <summary>A path that is open at a web server, until it is disposed of. A WebSocket that stands outlives it.</summary>
public sealed class WebDoor : IDisposable
{
    private readonly WebHost _host;
    private Action? _close;

    internal WebDoor(WebHost host, Action close) => (_host, _close, LocalEndPoint) = (host, close, host.LocalEndPoint);

    public IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc cref="WebHost.RefusedCount"/>
    public long RefusedCount => _host.RefusedCount;

    public void Dispose() => Interlocked.Exchange(ref _close, null)?.Invoke();
}
