using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeRoute.Protocol.Trust;

/// <summary>
/// Certificates that devices and laptops make for themselves: ECDSA P-256, vouched for by nobody, known by their fingerprint. They are
/// valid from 2020 to the end of year 9999 (RFC 5280's date for "no end"), whatever the clock says: a board without battery starts in 1970,
/// and trust ends by revoking, not by age.
/// </summary>
public static class SelfSigned
{
    /// <summary>A key and a certificate come to about 1 KiB; a file longer than this is something else.</summary>
    public const int PemBytesMax = 64 << 10;

    /// <summary>X.520's upper bound of a common name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The algorithm ecdsa-with-SHA256 without parameters (RFC 5758 section 3.2), in DER.</summary>
    private static ReadOnlySpan<byte> EcdsaWithSha256 => [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];

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
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0,
            critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(ValidFrom, ValidTo);
        return (key.ExportPkcs8PrivateKeyPem() + "\n", certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>
    /// A certificate with its key. One damaged bit must not make another identity of it, because the fingerprint is all that the other side
    /// knows: so the certificate's own signature is checked over all that it covers, the little it does not cover is compared, and the key
    /// has to sign what the certificate verifies.
    /// </summary>
    /// <exception cref="CryptographicException">Damaged, not of one another, or not ECDSA P-256; the message is a clause that says
    /// which.</exception>
    public static X509Certificate2 Read(string keyPem, string certificatePem)
    {
        X509Certificate2? certificate = null;
        string? fault;
        try
        {
            certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            fault = Fault(certificate);
        }
        catch (Exception damaged) when (damaged is CryptographicException or ArgumentException or NotSupportedException
            or AsnContentException)
        {
            certificate?.Dispose();
            throw new CryptographicException($"it does not hold a whole key and the certificate of that key ({damaged.Message})", damaged);
        }

        if (fault is not null)
        {
            certificate.Dispose();
            throw new CryptographicException(fault);
        }

        return certificate;
    }

    /// <summary>SHA-256 of the certificate's DER bytes, lower-case hexadecimal.</summary>
    public static string FingerprintOf(X509Certificate certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));

    /// <summary>
    /// Names come from strangers and end on terminals: no control characters, no turning of the writing direction, not empty, not long.
    /// </summary>
    public static string PlainName(string name)
    {
        string plain = string.Concat(name.EnumerateRunes().Where(IsPlain)).Trim();
        int length = Math.Min(plain.Length, NameLengthMax);
        length -= length < plain.Length && char.IsLowSurrogate(plain[length]) ? 1 : 0;
        return length == 0 ? "unnamed" : plain[..length].TrimEnd();
    }

    private static string? Fault(X509Certificate2 certificate)
    {
        using var open = certificate.GetECDsaPublicKey();
        using var secret = certificate.GetECDsaPrivateKey();
        if (open is null || secret is null
            || open.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            return "its key is not ECDSA P-256";
        }

        if (!IsOwnSignature(certificate.RawDataMemory, open))
        {
            return "its certificate is damaged: it is not what its key signed";
        }

        if (!IsPair(secret, open))
        {
            return "its key is not that of its certificate";
        }

        return null;
    }

    private static bool IsPair(ECDsa secret, ECDsa open)
    {
        var said = "EdgeRoute"u8;
        return open.VerifyData(said, secret.SignData(said.ToArray(), HashAlgorithmName.SHA256), HashAlgorithmName.SHA256);
    }

    /// <summary>RFC 5280 section 4.1: what is signed, the algorithm, the signature, and nothing behind.</summary>
    private static bool IsOwnSignature(ReadOnlyMemory<byte> der, ECDsa open)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var parts = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = parts.ReadEncodedValue();
        bool isUsual = parts.ReadEncodedValue().Span.SequenceEqual(EcdsaWithSha256);
        byte[] signature = parts.ReadBitString(out int unusedBitCount);
        parts.ThrowIfNotEmpty();
        return isUsual && unusedBitCount == 0 && open.VerifyData(signed.Span, signature, HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool IsPlain(Rune rune) => rune != Rune.ReplacementChar
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);
}
