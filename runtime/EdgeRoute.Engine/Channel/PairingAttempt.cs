using EdgeRoute.Engine.Channel.Trust;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.Engine.Channel;

/// <summary>A pairing under way through one connection.</summary>
/// <param name="Name">What the client calls itself.</param>
internal sealed record PairingAttempt(PairingDesk Desk, PairingOffer Offer, string Name)
{
    public void Abandon(long nowNs) => Desk.Abandon(Offer, nowNs);
}
