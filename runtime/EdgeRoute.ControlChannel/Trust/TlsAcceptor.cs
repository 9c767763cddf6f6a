using System.ComponentModel;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>A client that passed the TLS handshake. Whether it may do anything is decided by its fingerprint.</summary>
/// <param name="Stream">Encrypted; disposing it closes the connection.</param>
/// <param name="Fingerprint">Of the certificate whose key the client holds; null where it showed none.</param>
public sealed record TlsPeer(SslStream Stream, string? Fingerprint);

/// <summary>The device's end of TLS. One for all connections; safe to use from any thread.</summary>
public sealed class TlsAcceptor(DeviceIdentity identity)
{
    private readonly SslStreamCertificateContext _own = TlsTerms.Shown(identity.Certificate);

    /// <summary>The handshake over a connected stream, which is closed where it fails. The caller's token is the time limit.</summary>
    /// <exception cref="TlsRefusedException">The other side speaks no TLS, an older one, another application protocol, or went
    /// away.</exception>
    /// <exception cref="OperationCanceledException">The time was over first.</exception>
    public async Task<TlsPeer> Receive(Stream stream, CancellationToken cancel)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(TlsTerms.Server(_own), cancel).ConfigureAwait(false);
            return TlsTerms.Fault(tls) is { } fault ? throw new TlsRefusedException(fault)
                : new TlsPeer(tls, tls.RemoteCertificate is { } shown ? SelfSigned.FingerprintOf(shown) : null);
        }
        catch (Exception failure)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            if (failure is AuthenticationException or IOException or CryptographicException or Win32Exception or InvalidOperationException
                or NotSupportedException)
            {
                throw new TlsRefusedException(TlsRefusedException.Words(failure), failure);
            }

            throw;
        }
    }
}

/// <summary>
/// A handshake came to nothing. Consequence: the connection is closed and should be counted; the message is a clause for the log.
/// </summary>
internal sealed class TlsRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The innermost cause says which alert or library error it was; the outer ones only that there was one.</summary>
    internal static string Words(Exception failure)
    {
        var cause = failure.GetBaseException();
        return cause is EndOfStreamException ? "it went away during the handshake" : $"the TLS 1.3 handshake failed: {cause.Message}";
    }
}
