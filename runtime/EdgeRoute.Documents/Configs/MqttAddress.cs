using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>The address of an MQTT broker, taken apart: <c>mqtt://HOST:1883</c>, or <c>mqtts://HOST:8883</c> for TLS.</summary>
/// <param name="User">Null where the address names none.</param>
public sealed record MqttAddress(string Host, int Port, bool IsTls, string? User, string Password)
{
    private const string Plain = "mqtt", Tls = "mqtts";
    private const int PlainPort = 1883, TlsPort = 8883;

    /// <summary>Null, with the reason, where the text is no such address or names a variable that is not set.</summary>
    public static MqttAddress? Of(string written, out string problem)
    {
        if (EnvironmentText.Resolve(written, out problem) is not { } text)
        {
            return null;
        }

        int colon = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : text[..colon];
        if (scheme is not (Plain or Tls))
        {
            problem = "must begin with mqtt:// or, for TLS, mqtts://, as in mqtt://broker.local:1883";
            return null;
        }

        var parts = NetworkAddress.Of(text, out bool isUnclear);
        bool isAddress = Uri.TryCreate(parts?.Bare ?? "", UriKind.Absolute, out var uri) && uri.IdnHost.Length > 0;
        if (isUnclear || !isAddress)
        {
            problem = isUnclear ? "has several '@', and it cannot be seen behind which of them the host begins; write the others as %40"
                : $"names no host, or a port that is no number from 1 to 65535; write {scheme}://HOST:PORT";
            return null;
        }

        problem = uri!.PathAndQuery is "/" or "" ? "" : "has something behind host and port; where messages go is said by 'topic'";
        int port = scheme == Tls ? TlsPort : PlainPort;
        return problem.Length > 0 ? null
            : new MqttAddress(uri.IdnHost, uri.Port > 0 ? uri.Port : port, scheme == Tls, parts!.User, parts.Password);
    }
}

/// <summary>
/// Files that say who this is to a broker, and which broker is believed. Read anew with each connection, so that one that was mended serves
/// without a new start.
/// </summary>
public static class MqttFiles
{
    /// <summary>A long password, and a key or chain of the longest kind.</summary>
    private const int PasswordBytes = 4096, PemBytes = 256 * 1024;

    /// <exception cref="TrustException">The file is not this user's alone, or holds no password.</exception>
    public static string ReadPassword(string path)
    {
        string password = PrivateFile.ReadSecret(path, PasswordBytes);
        KnownSecrets.Add(password, "***");
        return password.Length > 0 && !password.Any(char.IsControl) ? password
            : throw new TrustException($"'{path}' must hold a password on one line, without control characters");
    }

    /// <summary>The authorities whose certificates are believed.</summary>
    /// <exception cref="TrustException">The file holds none.</exception>
    public static X509Certificate2Collection ReadAuthorities(string path)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(PrivateFile.TryRead(path, PemBytes));
        }
        catch (CryptographicException unread)
        {
            throw new TrustException($"'{path}' holds no certificate that can be read: {unread.Message}", unread);
        }

        return all.Count > 0 ? all : throw new TrustException($"'{path}' holds no certificate; it must be a PEM file with the certificate "
            + "of the authority that signed the other side's ('-----BEGIN CERTIFICATE-----')");
    }

    /// <summary>This device's certificate with its key.</summary>
    /// <exception cref="TrustException">They cannot be read, are not of each other, or the key is open to others.</exception>
    public static X509Certificate2 ReadCertificate(string path, string keyPath)
    {
        string key = PrivateFile.ReadSecret(keyPath, PemBytes);
        try
        {
            return X509Certificate2.CreateFromPem(PrivateFile.TryRead(path, PemBytes), key);
        }
        catch (Exception unread) when (unread is CryptographicException or ArgumentException)
        {
            throw new TrustException($"'{path}' and the key in '{keyPath}' cannot be used as one: {unread.Message}", unread);
        }
    }
}
