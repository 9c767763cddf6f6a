using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>TLS of a web server by a certificate that browsers know, as its owner's authority gave it.</summary>
public sealed class WebTls
{
    /// <summary>A chain of RSA certificates is 10 KiB.</summary>
    private const int PemBytes = 256 * 1024;

    private readonly SslServerAuthenticationOptions _options;

    /// <summary>Reads both files once; nothing is fetched.</summary>
    /// <param name="certificatePath">PEM: the certificate, then those that lead to the authority's.</param>
    /// <param name="keyPath">PEM, for this user alone.</param>
    /// <exception cref="TrustException">They cannot be used.</exception>
    public WebTls(string certificatePath, string keyPath)
    {
        try
        {
            string pem = PrivateFile.TryRead(certificatePath, PemBytes)
                ?? throw new TrustException($"there is no file '{certificatePath}'");
            var certificate = X509Certificate2.CreateFromPem(pem, PrivateFile.ReadSecret(keyPath, PemBytes));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            _options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
            };
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new TrustException($"'{certificatePath}' and '{keyPath}' are no certificate and its key in PEM: {wrong.Message}", wrong);
        }
    }

    /// <exception cref="AuthenticationException">The other side speaks no TLS, or an old one.</exception>
    internal async Task<Stream> Secure(Stream stream, CancellationToken cancel)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsServerAsync(_options, cancel).ConfigureAwait(false);
        return tls;
    }
}
