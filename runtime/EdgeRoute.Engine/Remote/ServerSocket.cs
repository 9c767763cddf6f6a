using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Remote;

/// <summary>Connections to inference servers, before anything is said over them.</summary>
internal static class ServerSocket
{
    /// <summary>A connection, TLS or a description takes no longer over any link worth having.</summary>
    public const int LimitMs = 3000;

    /// <summary>Null for those of the system.</summary>
    /// <exception cref="TrustException">The file cannot be read.</exception>
    public static X509Certificate2Collection? Authorities(EngineConfig config) =>
        config.CaFile is { } file ? MqttFiles.ReadAuthorities(file.Full) : null;

    /// <summary>Blocking; its writes are limited as the connection was.</summary>
    /// <exception cref="RemoteFaultException">In words, with what to do.</exception>
    public static Socket Connect(EngineAddress address, int limitMs)
    {
        Socket? socket = null;
        try
        {
            var places = IPAddress.TryParse(address.Host, out var number) ? [number] : Dns.GetHostAddresses(address.Host);
            var place = places.FirstOrDefault(p => p.AddressFamily == AddressFamily.InterNetwork) ?? places[0];
            socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = limitMs };
            socket.Connect(new IPEndPoint(place, address.Port));
            return socket;
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            throw new RemoteFaultException(fault.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host '{address.Host}' is unknown: the name "
                    + "is wrong, or no name server answers",
                SocketError.ConnectionRefused => $"nothing listens at {address.Authority}: is the server running, and is that its "
                    + $"{address.Protocol} port?",
                SocketError.TimedOut => $"{address.Authority} does not answer",
                _ => $"{address.Authority} cannot be reached: {fault.Message}",
            }, inner: fault);
        }
    }

    /// <summary>TLS over a connection. The calling thread waits for as long as its reads and writes do.</summary>
    /// <param name="protocol">What is to be spoken inside; null for whatever the port speaks.</param>
    /// <exception cref="RemoteFaultException">In words, with what to do.</exception>
    public static SslStream Secure(Stream stream, EngineAddress address, X509Certificate2Collection? authorities,
        SslApplicationProtocol? protocol = null)
    {
        var tls = new SslStream(stream);
        try
        {
            // Private authorities publish no lists of what they revoked, and a robot often cannot fetch those of others.
            var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
            if (authorities is not null)
            {
                policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                policy.CustomTrustStore.AddRange(authorities);
            }

            tls.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = address.Host, CertificateChainPolicy = policy, ApplicationProtocols = protocol is { } one ? [one] : null,
            });
            return tls;
        }
        catch (AuthenticationException fault)
        {
            tls.Dispose();
            string hint = fault.Message.Contains(nameof(SslPolicyErrors.RemoteCertificateNameMismatch), StringComparison.Ordinal)
                ? $"; it is not for '{address.Host}': use a name that it is for in the address"
                : "; name the file of the authority that signed it as 'ca_file'";
            throw new RemoteFaultException($"its certificate is not believed ({fault.Message.TrimEnd('.')}){hint}", inner: fault);
        }
        catch (IOException fault)
        {
            tls.Dispose();
            string said = fault.GetBaseException().Message.TrimEnd('.');
            throw new RemoteFaultException($"TLS with {address.Authority} failed ({said}); does that port speak TLS?", inner: fault);
        }
    }
}
