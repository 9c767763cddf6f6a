using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.ControlChannel;

/// <summary>A pairing under way through one connection.</summary>
/// <param name="name">What the client calls itself.</param>
internal sealed class PairingAttempt(PairingDesk desk, string name)
{
    public string Name => name;

    /// <summary>Null until the client has committed to its first digit: who only begins holds nothing.</summary>
    public PairingOffer? Offer { get; private set; }

    /// <summary>The steps with the code of this moment, which is spent by it.</summary>
    public PairingOffer Claim(string? fingerprint, long nowNs) => Offer ??= desk.Claim(fingerprint, nowNs);

    public void Abandon(long nowNs)
    {
        if (Offer is { } offer)
        {
            desk.Abandon(offer, nowNs);
        }
    }
}
