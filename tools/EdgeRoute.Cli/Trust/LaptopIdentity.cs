using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Cli.Trust;

/// <summary>
/// The laptop's own key and certificate, made at first use. Two PEM files, as TLS libraries of other languages take them.
/// </summary>
internal sealed class LaptopIdentity : IDisposable
{
    public const string KeyFileName = "laptop.key.pem";

    public const string CertificateFileName = "laptop.cert.pem";

    private LaptopIdentity(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Fingerprint = SelfSigned.FingerprintOf(certificate);
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the certificate, lower-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <param name="name">Becomes the certificate's common name where it is made now.</param>
    /// <exception cref="TrustException">A file is damaged, missing beside the other, open to others, or cannot be read or written. Neither
    /// is ever replaced.</exception>
    public static LaptopIdentity LoadOrCreate(string folder, string name)
    {
        string keyPath = Path.Combine(folder, KeyFileName), certificatePath = Path.Combine(folder, CertificateFileName);
        using var held = FolderLock.Hold(folder);
        string? key = PrivateFile.TryRead(keyPath, SelfSigned.PemBytesMax), certificate = PrivateFile.TryRead(certificatePath,
            SelfSigned.PemBytesMax);
        if (key is null && certificate is null)
        {
            (key, certificate) = SelfSigned.Create(name);
            PrivateFile.Write(certificatePath, certificate);
            PrivateFile.Write(keyPath, key);
        }

        return key is null || certificate is null
            ? throw new TrustException($"'{(key is null ? keyPath : certificatePath)}' is missing beside "
                + $"'{(key is null ? certificatePath : keyPath)}'. {Remedy}")
            : Read(keyPath, key, certificate);
    }

    public void Dispose() => Certificate.Dispose();

    private const string Remedy = "Restore both from a backup; or remove both, then new ones are made and every device must be "
        + "paired again.";

    private static LaptopIdentity Read(string keyPath, string key, string certificate)
    {
        PrivateFile.CheckMode(keyPath);
        try
        {
            return new LaptopIdentity(SelfSigned.Read(key, certificate));
        }
        catch (CryptographicException damaged)
        {
            throw new TrustException($"this laptop's identity '{keyPath}' with '{CertificateFileName}' beside it cannot be used: "
                + $"{damaged.Message}. {Remedy}", damaged);
        }
    }
}
