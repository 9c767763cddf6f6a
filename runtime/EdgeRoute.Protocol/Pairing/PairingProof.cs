using System.Security.Cryptography;

namespace EdgeRoute.Protocol.Pairing;

/// <summary>What both sides compute alike: commitments to the digits of one code, between one client and one device.</summary>
internal sealed class PairingProof
{
    private const byte ClientLetter = (byte)'C';
    private const byte DeviceLetter = (byte)'D';
    private const int DigitAt = 2 + (2 * PairingTerms.FingerprintBytes);
    private const int MessageBytes = DigitAt + 1;

    private readonly byte[] _digits;
    private readonly byte[] _fingerprints = new byte[2 * PairingTerms.FingerprintBytes];
    private readonly NonceSource _nonceSource;

    /// <exception cref="ArgumentException">The code is not one, or a fingerprint is not 32 bytes.</exception>
    public PairingProof(string code, ReadOnlySpan<byte> clientFingerprint, ReadOnlySpan<byte> deviceFingerprint, NonceSource nonceSource)
    {
        if (!PairingTerms.IsCode(code))
        {
            // The text is not quoted: a mistyped code is almost the code.
            throw new ArgumentException($"a pairing code has {PairingTerms.DigitCount} to {PairingTerms.DigitCountMax} digits and nothing "
                + $"else; this has {code.Length} characters");
        }

        if (clientFingerprint.Length != PairingTerms.FingerprintBytes || deviceFingerprint.Length != PairingTerms.FingerprintBytes)
        {
            throw new ArgumentException(
                $"fingerprints have {PairingTerms.FingerprintBytes} bytes; the client's has {clientFingerprint.Length}, the device's "
                    + $"{deviceFingerprint.Length}");
        }

        _digits = [.. code.Select(c => (byte)(c - '0'))];
        clientFingerprint.CopyTo(_fingerprints);
        deviceFingerprint.CopyTo(_fingerprints.AsSpan(PairingTerms.FingerprintBytes));
        _nonceSource = nonceSource;
    }

    public int RoundCount => _digits.Length;

    public byte[] DrawNonce()
    {
        var nonce = new byte[PairingTerms.NonceBytes];
        _nonceSource(nonce);
        return nonce;
    }

    public byte[] ClientCommitment(int round, ReadOnlySpan<byte> nonce) => Commitment(ClientLetter, round, nonce);

    public byte[] DeviceCommitment(int round, ReadOnlySpan<byte> nonce) => Commitment(DeviceLetter, round, nonce);

    /// <summary>True where the client committed to this round's digit with that nonce.</summary>
    public bool ClientOpens(int round, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce) => Opens(ClientLetter, round,
        commitment, nonce);

    /// <summary>True where the device committed to this round's digit with that nonce.</summary>
    public bool DeviceOpens(int round, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce) => Opens(DeviceLetter, round,
        commitment, nonce);

    private bool Opens(byte letter, int round, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce) =>
        nonce.Length == PairingTerms.NonceBytes && CryptographicOperations.FixedTimeEquals(Commitment(letter, round, nonce), commitment);

    private byte[] Commitment(byte letter, int round, ReadOnlySpan<byte> nonce)
    {
        Span<byte> message = stackalloc byte[MessageBytes];
        message[0] = letter;
        _fingerprints.CopyTo(message[1..]);
        message[DigitAt - 1] = (byte)round;
        message[DigitAt] = _digits[round];
        return HMACSHA256.HashData(nonce, message);
    }
}
