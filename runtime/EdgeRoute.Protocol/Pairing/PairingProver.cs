namespace EdgeRoute.Protocol.Pairing;

/// <summary>
/// The client's side of one attempt to pair: CHANNEL.md section 4. Each round is <see cref="Commit"/>, <see cref="TakeCommitment"/>,
/// <see cref="TakeNonce"/>. Null or false means that the attempt is over: another code, someone in between, a malformed value or a step out
/// of turn. One attempt never recovers, and its code must not be tried again: ask for the one that the device shows now.
/// </summary>
/// <param name="code">Typed from the device's screen.</param>
/// <param name="clientFingerprint">Of the certificate that this client showed on the connection.</param>
/// <param name="deviceFingerprint">Of the certificate that the device proved to hold.</param>
/// <exception cref="ArgumentException">The code or a fingerprint is not one.</exception>
public sealed class PairingProver(string code, ReadOnlySpan<byte> clientFingerprint, ReadOnlySpan<byte> deviceFingerprint,
    NonceSource nonceSource)
{
    private readonly PairingProof _proof = new(code, clientFingerprint, deviceFingerprint, nonceSource);
    private Step _next = Step.Commit;
    private byte[] _ownNonce = [];
    private byte[] _deviceCommitment = [];
    private int _round;

    private enum Step
    {
        Commit,
        TakeCommitment,
        TakeNonce,
    }

    public int RoundCount => _proof.RoundCount;

    /// <summary>The device knows the code, and nobody stands in between.</summary>
    public bool IsPaired => !HasFailed && _round == RoundCount;

    public bool HasFailed { get; private set; }

    /// <summary>This client's commitment of a round, or null.</summary>
    public byte[]? Commit(int round)
    {
        if (!IsTurn(Step.Commit) || round != _round || round == RoundCount)
        {
            return Fail();
        }

        _next = Step.TakeCommitment;
        _ownNonce = _proof.DrawNonce();
        return _proof.ClientCommitment(round, _ownNonce);
    }

    /// <summary>Takes the device's commitment; this client's nonce, or null.</summary>
    public byte[]? TakeCommitment(ReadOnlySpan<byte> deviceCommitment)
    {
        if (!IsTurn(Step.TakeCommitment) || deviceCommitment.Length != PairingTerms.CommitmentBytes)
        {
            return Fail();
        }

        _next = Step.TakeNonce;
        _deviceCommitment = deviceCommitment.ToArray();
        return _ownNonce;
    }

    /// <summary>Takes the nonce that opens the device's commitment. False: it does not open to this client's digit.</summary>
    public bool TakeNonce(ReadOnlySpan<byte> deviceNonce)
    {
        if (!IsTurn(Step.TakeNonce) || !_proof.DeviceOpens(_round, _deviceCommitment, deviceNonce))
        {
            Fail();
            return false;
        }

        _next = Step.Commit;
        _round++;
        return true;
    }

    private bool IsTurn(Step step) => !HasFailed && _next == step;

    private byte[]? Fail()
    {
        HasFailed = true;
        return null;
    }
}
