using System.Security.Cryptography;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.Tests.Protocol.Pairing;

/// <summary>One attempt between two sides in one process, with a hook on every value that passes.</summary>
internal sealed class PairingRounds
{
    public const string Code = "40718293";

    public static readonly byte[] Client = SHA256.HashData("client"u8);
    public static readonly byte[] Device = SHA256.HashData("device"u8);

    public PairingProver Prover { get; init; } = new(Code, Client, Device, RandomNumberGenerator.Fill);

    public PairingVerifier Verifier { get; init; } = new(Code, Client, Device, RandomNumberGenerator.Fill);

    /// <summary>Given the number of the message (4 a round) and its value; returns what arrives.</summary>
    public Func<int, byte[], byte[]> OnTheWay { get; init; } = (_, value) => value;

    public int RoundsDone { get; private set; }

    /// <summary>Runs until both are paired or one gives up; true for the former.</summary>
    public bool Run()
    {
        for (int round = 0; round < Prover.RoundCount; round++)
        {
            if (Verifier.Commit(round, OnTheWay(4 * round, Prover.Commit(round)!)) is not { } committed
                || Prover.TakeCommitment(OnTheWay((4 * round) + 1, committed)) is not { } opened
                || Verifier.Reveal(round, OnTheWay((4 * round) + 2, opened)) is not { } answered
                || !Prover.TakeNonce(OnTheWay((4 * round) + 3, answered)))
            {
                return false;
            }

            RoundsDone++;
        }

        return Prover.IsPaired && Verifier.IsPaired;
    }
}
