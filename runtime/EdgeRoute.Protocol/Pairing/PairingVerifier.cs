namespace EdgeRoute.Protocol.Pairing;

/// <summary>
/// The device's side of one attempt to pair: CHANNEL.md section 4. Feed it what the client sends, send what it returns. Null means that
/// the attempt is over: the code was wrong, a value was malformed, or a step came out of turn. One attempt never recovers.
/// </summary>
/// <param name="code">Shown on the device.</param>
/// <param name="clientFingerprint">Of the certificate that this connection's client proved to hold.</param>
/// <param name="deviceFingerprint">Of the certificate that this device showed on the connection.</param>
/// <exception cref="ArgumentException">The code or a fingerprint is not one.</exception>
public sealed class PairingVerifier(string code, ReadOnlySpan<byte> clientFingerprint, ReadOnlySpan<byte> deviceFingerprint,
    NonceSource nonceSource)
{
    private readonly PairingProof _proof = new(code, clientFingerprint, deviceFingerprint, nonceSource);

    /// <summary>Of this round, once both have committed; null before.</summary>
    private byte[]? _ownNonce;
    private byte[] _clientCommitment = [];
    private int _round;

    public int RoundCount => _proof.RoundCount;

    /// <summary>The client knows the code, and nobody stands in between.</summary>
    public bool IsPaired => !HasFailed && _round == RoundCount;

    public bool HasFailed { get; private set; }

    /// <summary>A digit was tried: from then on whoever tried knows more of the code. A commitment alone tells nothing.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Takes the client's commitment of a round; the device's own, or null.</summary>
    public byte[]? Commit(int round, ReadOnlySpan<byte> clientCommitment)
    {
        if (HasFailed || _ownNonce is not null || round != _round || round == RoundCount
            || clientCommitment.Length != PairingTerms.CommitmentBytes)
        {
            return Fail();
        }

        _clientCommitment = clientCommitment.ToArray();
        _ownNonce = _proof.DrawNonce();
        return _proof.DeviceCommitment(round, _ownNonce);
    }

    /// <summary>
    /// Takes the nonce that opens the client's commitment; the device's own nonce, or null where it does not open to this device's digit.
    /// </summary>
    public byte[]? Reveal(int round, ReadOnlySpan<byte> clientNonce)
    {
        if (HasFailed || _ownNonce is null || round != _round)
        {
            return Fail();
        }

        IsSpent = true;
        if (!_proof.ClientOpens(round, _clientCommitment, clientNonce))
        {
            return Fail();
        }

        byte[] own = _ownNonce;
        _ownNonce = null;
        _round++;
        return own;
    }

    /// <summary>Ends the attempt: the connection broke, or the window closed. Of no effect once paired.</summary>
    public void Abandon()
    {
        if (!IsPaired)
        {
            Fail();
        }
    }

    private byte[]? Fail()
    {
        HasFailed = true;
        return null;
    }
}
