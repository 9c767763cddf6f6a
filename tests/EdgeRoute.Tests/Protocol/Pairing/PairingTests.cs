using System.Security.Cryptography;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.Tests.Protocol.Pairing;

/// <summary>The two state machines of pairing, without a connection.</summary>
public sealed class PairingTests
{
    private const int MessageCount = 32;

    [Fact]
    public void The_same_code_pairs()
    {
        var rounds = new PairingRounds();
        Assert.True(rounds.Run());
        Assert.False(rounds.Verifier.HasFailed || rounds.Prover.HasFailed);
    }

    [Fact]
    public void A_longer_code_has_more_rounds()
    {
        string code = new('7', PairingTerms.DigitCountMax);
        var rounds = new PairingRounds
        {
            Prover = new PairingProver(code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill),
            Verifier = new PairingVerifier(code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill),
        };
        Assert.True(rounds.Run());
        Assert.Equal(PairingTerms.DigitCountMax, rounds.RoundsDone);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_wrong_digit_ends_the_attempt_in_its_round_and_the_device_opens_nothing(int wrongAt)
    {
        char[] other = PairingRounds.Code.ToCharArray();
        other[wrongAt] = other[wrongAt] == '9' ? '0' : (char)(other[wrongAt] + 1);
        int messages = 0;
        var rounds = new PairingRounds
        {
            Prover = new PairingProver(new string(other), PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill),
            OnTheWay = (number, value) =>
            {
                messages = number + 1;
                return value;
            },
        };
        Assert.False(rounds.Run());
        Assert.Equal(wrongAt, rounds.RoundsDone);
        Assert.Equal((4 * wrongAt) + 3, messages);
        Assert.True(rounds.Verifier.HasFailed);
    }

    [Fact]
    public void A_commitment_is_what_the_protocol_page_says()
    {
        byte[] nonce = [.. Enumerable.Range(0, PairingTerms.NonceBytes).Select(i => (byte)i)];
        var offer = new PairingVerifier("40718293", PairingRounds.Client, PairingRounds.Device, n => nonce.CopyTo(n));
        var request = new PairingProver("40718293", PairingRounds.Client, PairingRounds.Device, n => nonce.CopyTo(n));
        byte[] client = request.Commit(0)!, device = offer.Commit(0, client)!;
        Assert.Equal(HMACSHA256.HashData(nonce, (byte[])[(byte)'C', .. PairingRounds.Client, .. PairingRounds.Device, 0, 4]), client);
        Assert.Equal(HMACSHA256.HashData(nonce, (byte[])[(byte)'D', .. PairingRounds.Client, .. PairingRounds.Device, 0, 4]), device);
    }

    [Fact]
    public void Every_single_bit_of_every_message_matters()
    {
        for (int message = 0; message < MessageCount; message++)
        {
            int bits = 8 * (message % 4 < 2 ? PairingTerms.CommitmentBytes : PairingTerms.NonceBytes);
            for (int bit = 0; bit < bits; bit++)
            {
                var rounds = new PairingRounds { OnTheWay = (number, value) => number == message ? Flipped(value, bit) : value };
                Assert.False(rounds.Run(), $"bit {bit} of message {message} was changed, and both paired");
                Assert.True(rounds.Verifier.HasFailed || rounds.Prover.HasFailed);
            }
        }
    }

    [Fact]
    public void A_value_of_another_length_ends_the_attempt()
    {
        for (int message = 0; message < MessageCount; message++)
        {
            Assert.False(new PairingRounds { OnTheWay = (number, value) => number == message ? value[..^1] : value }.Run());
            Assert.False(new PairingRounds { OnTheWay = (number, value) => number == message ? [.. value, 0] : value }.Run());
            Assert.False(new PairingRounds { OnTheWay = (number, value) => number == message ? [] : value }.Run());
        }
    }

    [Fact]
    public void Other_fingerprints_on_one_side_never_pair()
    {
        byte[] between = SHA256.HashData("someone in between"u8);
        Assert.False(new PairingRounds { Prover = new(PairingRounds.Code, PairingRounds.Client, between,
            RandomNumberGenerator.Fill) }.Run());
        Assert.False(new PairingRounds { Verifier = new(PairingRounds.Code, between, PairingRounds.Device,
            RandomNumberGenerator.Fill) }.Run());
        Assert.False(new PairingRounds { Verifier = new(PairingRounds.Code, PairingRounds.Device, PairingRounds.Client,
            RandomNumberGenerator.Fill) }.Run());
    }

    [Fact]
    public void Messages_of_an_earlier_pairing_pair_nobody()
    {
        var kept = new List<byte[]>();
        Assert.True(new PairingRounds { OnTheWay = (_, value) => Keep(kept, value) }.Run());

        // Every attempt has a code of its own, so what opened digits of the old one opens none of the new one that differ; the first does
        // here.
        var offer = new PairingVerifier("11111111", PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
        Assert.NotNull(offer.Commit(0, kept[0]));
        Assert.Null(offer.Reveal(0, kept[2]));

        var request = new PairingProver("11111111", PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
        Assert.NotNull(request.Commit(0));
        Assert.NotNull(request.TakeCommitment(kept[1]));
        Assert.False(request.TakeNonce(kept[3]));
    }

    [Fact]
    public void A_sides_own_words_said_back_to_it_do_not_pass()
    {
        var request = new PairingProver(PairingRounds.Code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
        byte[] nonce = request.TakeCommitment(request.Commit(0)!)!;
        Assert.False(request.TakeNonce(nonce));
    }

    [Fact]
    public void Steps_out_of_turn_end_the_devices_attempt()
    {
        var request = new PairingProver(PairingRounds.Code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
        byte[] commitment = request.Commit(0)!, nonce = request.TakeCommitment(new byte[PairingTerms.CommitmentBytes])!;
        Func<PairingVerifier, byte[]?>[] wrong =
        [
            o => o.Reveal(0, nonce), o => o.Commit(1, commitment), o => o.Commit(-1, commitment),
            o => o.Commit(PairingTerms.DigitCount, commitment),
            o => Twice(() => o.Commit(0, commitment)), o => Twice(() => o.Reveal(o.Commit(0, commitment) is null ? 1 : 0, nonce)),
            o => o.Commit(0, commitment) is null ? null : o.Reveal(1, nonce),
        ];
        foreach (var step in wrong)
        {
            var offer = new PairingVerifier(PairingRounds.Code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
            Assert.Null(step(offer));
            Assert.True(offer.HasFailed);
            Assert.Null(offer.Commit(0, commitment));
            Assert.Null(offer.Reveal(0, nonce));
            Assert.False(offer.IsPaired);
        }
    }

    [Fact]
    public void Steps_out_of_turn_end_the_clients_attempt()
    {
        byte[] commitment = new byte[PairingTerms.CommitmentBytes], nonce = new byte[PairingTerms.NonceBytes];
        Func<PairingProver, object?>[] wrong =
        [
            r => r.TakeCommitment(commitment), r => r.TakeNonce(nonce) ? nonce : null, r => r.Commit(1), r => Twice(() => r.Commit(0)),
            r => r.Commit(0) is null || r.TakeNonce(nonce) ? nonce : null,
            r => Twice(() => r.Commit(0) is null ? null : r.TakeCommitment(commitment)),
        ];
        foreach (var step in wrong)
        {
            var request = new PairingProver(PairingRounds.Code, PairingRounds.Client, PairingRounds.Device, RandomNumberGenerator.Fill);
            Assert.Null(step(request));
            Assert.True(request.HasFailed);
            Assert.Null(request.Commit(0));
            Assert.False(request.IsPaired);
        }
    }

    [Fact]
    public void A_step_after_the_last_round_takes_the_pairing_back()
    {
        var rounds = new PairingRounds();
        Assert.True(rounds.Run());
        Assert.Null(rounds.Verifier.Commit(PairingTerms.DigitCount, new byte[PairingTerms.CommitmentBytes]));
        Assert.False(rounds.Verifier.IsPaired);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("1234567a")]
    [InlineData("1234 5678")]
    [InlineData("١٢٣٤٥٦٧٨")]
    [InlineData("123456789012345678901234567890123")]
    public void What_is_no_code_is_refused_without_being_quoted(string code)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new PairingVerifier(code, PairingRounds.Client, PairingRounds.Device,
            RandomNumberGenerator.Fill));
        Assert.True(code.Length == 0 || !refusal.Message.Contains(code, StringComparison.Ordinal));
    }

    private static byte[] Keep(List<byte[]> kept, byte[] value)
    {
        kept.Add(value);
        return value;
    }

    private static T? Twice<T>(Func<T?> step) where T : class
    {
        _ = step();
        return step();
    }

    private static byte[] Flipped(byte[] value, int bit)
    {
        byte[] other = [.. value];
        other[bit / 8] ^= (byte)(1 << (bit % 8));
        return other;
    }
}
