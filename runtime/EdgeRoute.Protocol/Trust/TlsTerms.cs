using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Protocol.Trust;

/// <summary>
/// What both sides ask of TLS: version 1.3, certificates on both sides, one application protocol, no resumption, no authority.
/// </summary>
public static class TlsTerms
{
    private static readonly SslApplicationProtocol Application = new(ControlProtocol.TlsName);

    /// <summary>A certificate with its key, ready to be shown; nothing is fetched for it.</summary>
    public static SslStreamCertificateContext Shown(X509Certificate2 certificate) => SslStreamCertificateContext.Create(certificate,
        additionalCertificates: null, offline: true);

    /// <summary>
    /// Any certificate passes here, and none at all: the fingerprint decides afterwards. Proof of the key itself is TLS's, and cannot be
    /// waived.
    /// </summary>
    public static SslServerAuthenticationOptions Server(SslStreamCertificateContext own) => new()
    {
        ServerCertificateContext = own,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
        CertificateChainPolicy = NoAuthorities(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [Application],
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    /// <param name="isTrusted">Decides by the fingerprint of the device's certificate, before a byte of the channel is sent.</param>
    public static SslClientAuthenticationOptions Client(SslStreamCertificateContext own, Func<string, bool> isTrusted) => new()
    {
        ClientCertificateContext = own,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null
            && isTrusted(SelfSigned.FingerprintOf(certificate)),
        CertificateChainPolicy = NoAuthorities(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [Application],
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    /// <summary>Null where a finished handshake is what both sides ask for; else what is not.</summary>
    public static string? Fault(SslStream stream)
    {
        if (stream.SslProtocol != SslProtocols.Tls13)
        {
            return $"it speaks {stream.SslProtocol} where TLS 1.3 is needed";
        }

        if (stream.NegotiatedApplicationProtocol != Application)
        {
            return $"it does not ask for the application protocol '{ControlProtocol.TlsName}'";
        }

        return null;
    }

    /// <summary>
    /// SslStream always builds a chain before it asks the callback. With an empty list of roots of its own it reads no system store, and
    /// without downloads a stranger's certificate cannot make the device fetch an address that it names.
    /// </summary>
    private static X509ChainPolicy NoAuthorities() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
