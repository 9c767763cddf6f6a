using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using EdgeRoute.Cli.Trust;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>
/// A device and a laptop with real files, keys and sockets, and pairing messages between them in the simplest frame there is.
/// </summary>
internal sealed class TrustRig : IDisposable
{
    private const int DeadlineSeconds = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly List<IDisposable> _open = [];
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(DeadlineSeconds));

    public TrustRig()
    {
        Device = DeviceIdentity.LoadOrCreate(StateFolder, "robot");
        Laptop = LaptopIdentity.LoadOrCreate(LaptopFolder, "laptop");
        Clients = ClientStore.Load(StateFolder);
        Authority = new PairingAuthority(Clients, Device.Fingerprint);
        Acceptor = new TlsAcceptor(Device);
    }

    public string StateFolder => _folder.File("state");

    public string LaptopFolder => _folder.File("laptop");

    public string Folder(string name) => _folder.File(name);

    public DeviceIdentity Device { get; }

    public LaptopIdentity Laptop { get; }

    public ClientStore Clients { get; }

    public PairingAuthority Authority { get; }

    public TlsAcceptor Acceptor { get; }

    public CancellationToken Cancel => _deadline.Token;

    /// <summary>Two ends of one TCP connection on the loopback.</summary>
    public async Task<(NetworkStream Client, NetworkStream Server)> Wire()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = Keep(new TcpClient());
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        var server = Keep(await listener.AcceptTcpClientAsync(Cancel));
        return (client.GetStream(), server.GetStream());
    }

    /// <summary>A finished TLS connection between laptop and device.</summary>
    public Task<(TlsCall Call, TlsPeer Guest)> Connect(string? pinned) => Connect(Laptop, Acceptor, pinned);

    public async Task<(TlsCall Call, TlsPeer Guest)> Connect(LaptopIdentity laptop, TlsAcceptor acceptor, string? pinned)
    {
        var (client, server) = await Wire();
        var receiving = acceptor.Receive(server, Cancel);
        var call = await TlsConnector.Connect(client, laptop, pinned, Cancel);
        var guest = await receiving;
        Keep(call.Stream);
        Keep(guest.Stream);
        return (call, guest);
    }

    public T Keep<T>(T open) where T : IDisposable
    {
        _open.Add(open);
        return open;
    }

    /// <summary>The laptop's side over a connection; true where it paired.</summary>
    public async Task<bool> Ask(Stream stream, PairingProver request)
    {
        for (int round = 0; round < request.RoundCount; round++)
        {
            await Send(stream, request.Commit(round)!);
            if (request.TakeCommitment(await Receive(stream)) is not { } nonce)
            {
                return false;
            }

            await Send(stream, nonce);
            if (!request.TakeNonce(await Receive(stream)))
            {
                return false;
            }
        }

        return request.IsPaired;
    }

    /// <summary>The device's side over a connection; an empty message says that the attempt is over.</summary>
    public async Task<bool> Answer(Stream stream, PairingVerifier offer)
    {
        for (int round = 0; round < offer.RoundCount; round++)
        {
            await Send(stream, offer.Commit(round, await Receive(stream)) ?? []);
            await Send(stream, offer.HasFailed ? [] : offer.Reveal(round, await Receive(stream)) ?? []);
            if (offer.HasFailed)
            {
                return false;
            }
        }

        return offer.IsPaired;
    }

    /// <summary>Passes on whatever one side says to the other, until it stops.</summary>
    public async Task Relay(SslStream from, SslStream to)
    {
        var buffer = new byte[1024];
        while (await from.ReadAsync(buffer, Cancel) is > 0 and var count)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), Cancel);
        }

        await to.ShutdownAsync();
    }

    public void Dispose()
    {
        _open.Reverse();
        _open.ForEach(o => o.Dispose());
        Laptop.Dispose();
        Device.Dispose();
        _deadline.Dispose();
        _folder.Dispose();
    }

    private async Task Send(Stream stream, byte[] value) => await stream.WriteAsync((byte[])[(byte)value.Length, .. value], Cancel);

    private async Task<byte[]> Receive(Stream stream)
    {
        var length = new byte[1];
        if (await stream.ReadAtLeastAsync(length, 1, throwOnEndOfStream: false, Cancel) == 0)
        {
            return [];
        }

        var value = new byte[length[0]];
        await stream.ReadExactlyAsync(value, Cancel);
        return value;
    }
}
