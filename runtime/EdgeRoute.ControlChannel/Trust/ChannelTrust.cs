using EdgeRoute.Interop.Linux;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>Who the device is, whom it knows, and how others get known: all that lies in the state folder.</summary>
public sealed class ChannelTrust : IDisposable
{
    /// <param name="stateFolder">There already; only its owner should be able to read it.</param>
    /// <param name="deviceName">For a certificate that is made now.</param>
    /// <exception cref="TrustException">A file of it cannot be used.</exception>
    public ChannelTrust(string stateFolder, string deviceName)
    {
        Clients = ClientStore.Load(stateFolder);
        var provisioned = ProvisionedCode.TryLoad(stateFolder);
        Identity = DeviceIdentity.LoadOrCreate(stateFolder, deviceName);
        Acceptor = new TlsAcceptor(Identity);
        Pairing = new PairingAuthority(Clients, Identity.Fingerprint);
        if (provisioned is not null)
        {
            Pairing.Open(provisioned);
        }
    }

    /// <summary>Whether what lies in the folder can be used; nothing is made.</summary>
    /// <exception cref="TrustException">A file of it cannot be used.</exception>
    public static void Check(string stateFolder)
    {
        ClientStore.Load(stateFolder);
        ProvisionedCode.TryLoad(stateFolder);
        DeviceIdentity.TryLoad(stateFolder)?.Dispose();
    }

    public DeviceIdentity Identity { get; }

    public ClientStore Clients { get; }

    public PairingAuthority Pairing { get; }

    public TlsAcceptor Acceptor { get; }

    public void Dispose() => Identity.Dispose();
}
