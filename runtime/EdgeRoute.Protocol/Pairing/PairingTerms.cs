namespace EdgeRoute.Protocol.Pairing;

/// <summary>Fills a nonce with bytes that nobody can foretell. Handed in, so that pairing itself draws nothing.</summary>
public delegate void NonceSource(Span<byte> nonce);

/// <summary>Sizes of pairing; CHANNEL.md section 4 defines them.</summary>
public static class PairingTerms
{
    /// <summary>Digits of a code that a device makes up.</summary>
    public const int DigitCount = 8;

    /// <summary>
    /// Digits of the longest code: one from a flash tool may be longer than people like to type, but every digit is a round.
    /// </summary>
    public const int DigitCountMax = 32;

    public const int NonceBytes = 16;

    /// <summary>HMAC-SHA256.</summary>
    public const int CommitmentBytes = 32;

    /// <summary>SHA-256 of a certificate.</summary>
    public const int FingerprintBytes = 32;

    /// <summary>Enough digits, not too many, and nothing else.</summary>
    public static bool IsCode(string text) => text.Length is >= DigitCount and <= DigitCountMax
        && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
}
