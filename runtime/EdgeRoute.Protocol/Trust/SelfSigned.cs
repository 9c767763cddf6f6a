using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeRoute.Protocol.Trust;

/// <summary>
/// Certificates that devices and laptops make for themselves: ECDSA P-256, vouched for by nobody, known by their fingerprint. They are valid from 2020 to the end of
/// year 9999 (RFC 5280's date for "no end"), whatever the clock says: a board without battery starts in 1970, and trust ends by revoking, not by age.
/// </summary>
public static class SelfSigned
{
    /// <summary>A key and a certificate come to about 1 KiB; a file longer than this is something else.</summary>
    public const int PemBytesMax = 64 << 10;

    /// <summary>X.520's upper bound of a common name.</summary>
    public const int NameLengthMax = 64;

    private static readonly DateTimeOffset ValidFrom = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ValidTo = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>A new key (PKCS #8) and its certificate, both as PEM.</summary>
    /// <param name="name">Becomes the common name; control characters are left out and long names are cut.</param>
    public static (string KeyPem, string CertificatePem) Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(PlainName(name));
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(ValidFrom, ValidTo);
        return (key.ExportPkcs8PrivateKeyPem() + "\n", certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>A certificate with its key.</summary>
    /// <exception cref="CryptographicException">Damaged, not of one another, or not ECDSA P-256; the message is a clause that says which.</exception>
    public static X509Certificate2 Read(string keyPem, string certificatePem)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            using var key = certificate.GetECDsaPublicKey();
            if (key?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return certificate;
            }

            certificate.Dispose();
        }
        catch (Exception damaged) when (damaged is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"it does not hold a whole key and the certificate of that key ({damaged.Message})", damaged);
        }

        throw new CryptographicException("its key is not ECDSA P-256");
    }

    /// <summary>SHA-256 of the certificate's DER bytes, lower-case hexadecimal.</summary>
    public static string FingerprintOf(X509Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));

    /// <summary>Names come from strangers and end on terminals: no control characters, no turning of the writing direction, not empty, not long.</summary>
    public static string PlainName(string name)
    {
        string plain = string.Concat(name.EnumerateRunes().Where(IsPlain)).Trim();
        int length = Math.Min(plain.Length, NameLengthMax);
        length -= length < plain.Length && char.IsLowSurrogate(plain[length]) ? 1 : 0;
        return length == 0 ? "unnamed" : plain[..length].TrimEnd();
    }

    private static bool IsPlain(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
