using System.ComponentModel;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Cli.Trust;

/// <summary>A device that passed the TLS handshake.</summary>
/// <param name="Stream">Encrypted; disposing it closes the connection.</param>
/// <param name="DeviceFingerprint">Of the certificate whose key the device holds.</param>
internal sealed record TlsCall(SslStream Stream, string DeviceFingerprint);

/// <summary>The laptop's end of TLS.</summary>
internal static class TlsConnector
{
    /// <summary>The handshake over a connected stream, which is closed where it fails.</summary>
    /// <param name="pinned">Fingerprint that was kept when the device was paired; null only for pairing itself, where any device is taken
    /// and the code decides.</param>
    /// <exception cref="TrustException">The device shows another key than the one that was paired, or the handshake fails; the message says
    /// what to do.</exception>
    /// <exception cref="OperationCanceledException">The time was over first.</exception>
    public static async Task<TlsCall> Connect(Stream stream, LaptopIdentity laptop, string? pinned, CancellationToken cancel)
    {
        string shown = "";
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            var options = TlsTerms.Client(TlsTerms.Shown(laptop.Certificate),
                fingerprint => (shown = fingerprint) == (pinned ?? fingerprint));
            await tls.AuthenticateAsClientAsync(options, cancel).ConfigureAwait(false);
            return TlsTerms.Fault(tls) is { } fault ? throw new AuthenticationException(fault) : new TlsCall(tls, shown);
        }
        catch (Exception failure)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            if (failure is AuthenticationException or IOException or CryptographicException or Win32Exception or InvalidOperationException
                or NotSupportedException)
            {
                string problem = pinned is not null && shown.Length > 0 && shown != pinned ? OtherKey(shown, pinned)
                    : NoHandshake(failure);
                throw new TrustException(problem, failure);
            }

            throw;
        }
    }

    private static string OtherKey(string shown, string pinned) =>
        $"the device's key is not the one that was paired: it shows {shown[..16]}, paired was {pinned[..16]}. "
        + "If you reinstalled the device, pair it again with 'edgeroute pair'; if not, someone may stand in between: do not type a code, "
        + "look at the network first.";

    private static string NoHandshake(Exception failure) =>
        $"no secure connection with the device: {failure.GetBaseException().Message} "
        + "Is this the address of a device's control channel, and is its port open (a client is paired, or the pairing window is open)?";
}
