using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>
/// The device's own key and certificate, made at first use. One file holds both, so that a power cut leaves both or neither.
/// </summary>
public sealed class DeviceIdentity : IDisposable
{
    /// <summary>Name of the file in the state folder: PEM, the key first.</summary>
    public const string FileName = "device.pem";

    private DeviceIdentity(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Fingerprint = SelfSigned.FingerprintOf(certificate);
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the certificate, lower-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <param name="name">Becomes the certificate's common name where it is made now; of no effect later.</param>
    /// <exception cref="TrustException">The file is damaged, open to others, or cannot be read or written. It is never
    /// replaced.</exception>
    public static DeviceIdentity LoadOrCreate(string stateFolder, string name)
    {
        if (TryLoad(stateFolder) is { } kept)
        {
            return kept;
        }

        string path = Path.Combine(stateFolder, FileName);
        var (key, certificate) = SelfSigned.Create(name);
        PrivateFile.TryCreate(path, key + certificate);

        // Another process may have been first; what lies there now is the identity, whoever made it.
        return Read(path, PrivateFile.TryRead(path, SelfSigned.PemBytesMax)
            ?? throw new TrustException($"'{path}' was removed while it was made. Start again."));
    }

    /// <summary>Null where none was made yet.</summary>
    /// <exception cref="TrustException">The file is damaged, open to others, or cannot be read.</exception>
    public static DeviceIdentity? TryLoad(string stateFolder)
    {
        string path = Path.Combine(stateFolder, FileName);
        return PrivateFile.TryRead(path, SelfSigned.PemBytesMax) is { } kept ? Read(path, kept) : null;
    }

    public void Dispose() => Certificate.Dispose();

    private static DeviceIdentity Read(string path, string pem)
    {
        PrivateFile.CheckMode(path);
        try
        {
            return new DeviceIdentity(SelfSigned.Read(pem, pem));
        }
        catch (CryptographicException damaged)
        {
            throw new TrustException(
                $"the device's identity '{path}' cannot be used: {damaged.Message}. "
                + "Restore it from a backup; or remove it, then a new one is made and every laptop must pair again.", damaged);
        }
    }
}
