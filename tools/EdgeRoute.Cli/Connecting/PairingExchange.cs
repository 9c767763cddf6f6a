using System.Security.Cryptography;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.Cli.Connecting;

/// <summary>The laptop's side of pairing over a connection: digit by digit, both sides prove that they know the code.</summary>
internal static class PairingExchange
{
    /// <param name="offer">What the device answered to <c>pair.begin</c>.</param>
    /// <param name="code">As typed from the device's screen.</param>
    /// <exception cref="DeviceRefusedException">The device does not take the code.</exception>
    /// <exception cref="ArgumentException">The device does not know the code: it is mistyped, or someone stands in between.</exception>
    public static async Task RunAsync(DeviceClient client, PairingOfferMessage offer, string code, string laptopFingerprint,
        string deviceFingerprint, CancellationToken cancel)
    {
        if (code.Length != offer.DigitCount || !PairingTerms.IsCode(code))
        {
            // Not a word was said about it, so this code is still good.
            throw new ArgumentException($"the code has {offer.DigitCount} digits, and {code.Length} characters were typed. The device "
                + "shows it with 'edgerouted pair'");
        }

        var request = new PairingProver(code, Convert.FromHexString(laptopFingerprint), Convert.FromHexString(deviceFingerprint),
            RandomNumberGenerator.Fill);
        for (int round = 0; round < request.RoundCount; round++)
        {
            var commitment = await StepAsync(client, ControlMethod.PairCommit, round, request.Commit(round), cancel);
            var nonce = await StepAsync(client, ControlMethod.PairReveal, round, request.TakeCommitment(commitment), cancel);
            if (!request.TakeNonce(nonce))
            {
                throw Distrust();
            }
        }
    }

    private static async Task<byte[]> StepAsync(DeviceClient client, string method, int round, byte[]? value, CancellationToken cancel)
    {
        var step = new PairingStepMessage { Round = round, Value = value ?? throw Distrust() };
        return (await client.RequestAsync<PairingStepMessage>(method, step, null, cancel)).Value;
    }

    private static ArgumentException Distrust() =>
        new("the device does not know this code: it is mistyped, or someone stands in between. Nothing was paired. Never type that code "
            + "again: a new one is shown on the device");
}
