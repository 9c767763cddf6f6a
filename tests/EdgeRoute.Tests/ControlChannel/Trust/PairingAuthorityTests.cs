using System.Security.Cryptography;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>The pairing window: its codes, attempts, time, and the code of a flash tool.</summary>
public sealed class PairingAuthorityTests : IDisposable
{
    private static readonly string Device = new('d', 64);

    private readonly TemporaryFolder _folder = new();
    private readonly ClientStore _clients;
    private readonly PairingAuthority _authority;

    public PairingAuthorityTests()
    {
        _clients = ClientStore.Load(_folder.Path);
        _authority = new PairingAuthority(_clients, Device);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_closed_window_begins_nothing()
    {
        Assert.Equal(RpcErrorCode.Unavailable, Refusal(() => _authority.Claim(Fingerprint(1), "here", 0)));
        _authority.Open(ControlRole.Viewer, 0);
        _authority.Close();
        Assert.Equal(RpcErrorCode.Unavailable, Refusal(() => _authority.Claim(Fingerprint(1), "here", 0)));
    }

    [Fact]
    public void A_window_ends_with_its_time_and_takes_an_attempt_with_it()
    {
        long end = _authority.Open(ControlRole.Viewer, 5).EndNs;
        Assert.Equal(5 + PairingAuthority.WindowNs, end);
        Assert.True(_authority.Look(end - 1).IsOpen);
        string code = _authority.Look(end - 1).Code;
        var offer = _authority.Claim(Fingerprint(1), "here", end - 1);
        Run(offer, code);
        Assert.True(offer.IsPaired);
        Assert.Equal(RpcErrorCode.Denied, Refusal(() => _authority.Admit(offer, "late", end, DateTime.UnixEpoch)));
        Assert.Equal(("", false), (_authority.Look(end).Code, _authority.Look(end).IsOpen));
        Assert.Equal(0, _clients.Count);
    }

    [Fact]
    public void Each_code_is_good_for_one_digit_and_many_wrong_ones_close_the_window()
    {
        var codes = new List<string> { _authority.Open(ControlRole.Operator, 0).Code };
        for (int attempt = 0; attempt < PairingAuthority.AttemptCount; attempt++)
        {
            var offer = _authority.Claim(Fingerprint(1), $"address {attempt}", 1);
            Assert.True(_authority.Look(1).IsBusy);
            Guess(offer);
            codes.Add(_authority.Look(1).Code);
        }

        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.Equal("", codes[^1]);
        Assert.Equal(RpcErrorCode.Unavailable, Refusal(() => _authority.Claim(Fingerprint(1), "here", 1)));
    }

    [Fact]
    public void An_old_code_does_not_pass_in_the_next_attempt()
    {
        string code = _authority.Open(ControlRole.Operator, 0).Code;
        var first = _authority.Claim(Fingerprint(1), "there", 1);
        Guess(first);
        _authority.Abandon(first, 1);
        var offer = _authority.Claim(Fingerprint(1), "here", 2);
        Run(offer, code);
        Assert.True(offer.HasFailed);
    }

    [Fact]
    public void One_client_pairs_at_a_time_and_one_that_says_nothing_does_not_keep_others_out()
    {
        _authority.Open(ControlRole.Operator, 0);
        var silent = _authority.Claim(Fingerprint(1), "here", 0);
        Assert.Equal(RpcErrorCode.Conflict, Refusal(() => _authority.Claim(Fingerprint(2), "there", PairingAuthority.FirstDigitNs - 1)));
        var next = _authority.Claim(Fingerprint(2), "there", PairingAuthority.FirstDigitNs);
        Assert.True(silent.HasFailed);
        _authority.Abandon(silent, PairingAuthority.FirstDigitNs);
        Run(next, _authority.Look(PairingAuthority.FirstDigitNs).Code, client: 2);
        Assert.Equal(Fingerprint(2), _authority.Admit(next, "two", PairingAuthority.FirstDigitNs, DateTime.UnixEpoch).Fingerprint);
    }

    [Fact]
    public void Who_only_begins_takes_nothing_from_anybody()
    {
        string path = _folder.Write(ProvisionedCode.FileName, "123456789012\n");
        var view = _authority.Open(ProvisionedCode.TryLoad(_folder.Path)!);
        Parallel.For(10, 40, i => Assert.Equal((12, ControlRole.Operator), _authority.Begin(Fingerprint(i), i)));
        Assert.Equal(view, _authority.Look(50));
        Assert.True(File.Exists(path));
        var offer = _authority.Claim(Fingerprint(1), "here", 51);
        Assert.Equal(12, _authority.Begin(Fingerprint(2), 52).DigitCount);
        Run(offer, "123456789012");
        Assert.Equal(Fingerprint(1), _authority.Admit(offer, "x", 53, DateTime.UnixEpoch).Fingerprint);
    }

    [Fact]
    public void Of_several_that_commit_at_once_one_has_the_code()
    {
        _authority.Open(ControlRole.Operator, 0);
        int claimCount = 0, refusedCount = 0;
        Parallel.For(0, 16, i =>
        {
            try
            {
                _authority.Claim(Fingerprint(i), "here", 1);
                Interlocked.Increment(ref claimCount);
            }
            catch (RpcRefusedException refused) when (refused.Error.Code == RpcErrorCode.Conflict)
            {
                Interlocked.Increment(ref refusedCount);
            }
        });
        Assert.Equal((1, 15), (claimCount, refusedCount));
        Assert.Equal(PairingAuthority.AttemptCount, _authority.Look(1).AttemptsLeft);
    }

    [Fact]
    public void Random_commitments_burn_no_code_and_close_no_window()
    {
        string path = _folder.Write(ProvisionedCode.FileName, "123456789012\n");
        var view = _authority.Open(ProvisionedCode.TryLoad(_folder.Path)!);
        for (int i = 0; i < 300; i++)
        {
            var offer = _authority.Claim(Fingerprint(i), $"address {i}", i);
            Assert.NotNull(offer.Commit(0, RandomNumberGenerator.GetBytes(PairingTerms.CommitmentBytes)));
            _authority.Abandon(offer, i);
        }

        Assert.Equal(view, _authority.Look(300));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void A_wrong_guess_costs_the_guesser_more_each_time_and_the_owner_nothing()
    {
        _authority.Open(ControlRole.Operator, 0);
        long now = 1, second = 1_000_000_000;
        foreach (int seconds in new[] { 2, 4, 8, 16, 32 })
        {
            var offer = _authority.Claim(Fingerprint(9), "guesser", now);
            Guess(offer);
            _authority.Abandon(offer, now);
            Assert.Equal(RpcErrorCode.Limit, Refusal(() => _authority.Claim(Fingerprint(10), "guesser", now + (seconds * second) - 1)));
            now += seconds * second;
        }

        var owners = _authority.Claim(Fingerprint(1), "here", now);
        Run(owners, _authority.Look(now).Code);
        Assert.Equal("mine", _authority.Admit(owners, "mine", now, DateTime.UnixEpoch).Name);
    }

    [Fact]
    public void Closing_ends_an_attempt_under_way()
    {
        string code = _authority.Open(ControlRole.Operator, 0).Code;
        var offer = _authority.Claim(Fingerprint(1), "here", 1);
        _authority.Close();
        Assert.True(offer.HasFailed);
        Run(offer, code);
        Assert.Equal(RpcErrorCode.Denied, Refusal(() => _authority.Admit(offer, "x", 1, DateTime.UnixEpoch)));
    }

    [Fact]
    public void A_paired_attempt_is_admitted_once()
    {
        string code = _authority.Open(ControlRole.Operator, 0).Code;
        var offer = _authority.Claim(Fingerprint(1), "here", 1);
        Run(offer, code);
        _authority.Admit(offer, "x", 1, DateTime.UnixEpoch);
        Assert.Equal(RpcErrorCode.Denied, Refusal(() => _authority.Admit(offer, "y", 1, DateTime.UnixEpoch)));
        Assert.Equal("x", Assert.Single(_clients.List()).Name);
    }

    [Fact]
    public void A_connection_without_certificate_and_a_role_that_is_none_are_refused()
    {
        Assert.Equal(RpcErrorCode.BadRequest, Refusal(() => _authority.Open(ControlRole.Stranger, 0)));
        _authority.Open(ControlRole.Viewer, 0);
        Assert.Equal(RpcErrorCode.Denied, Refusal(() => _authority.Claim(null, "here", 0)));
        Assert.Equal(PairingAuthority.AttemptCount, _authority.Look(0).AttemptsLeft);
    }

    [Fact]
    public void A_listener_of_the_store_may_ask_the_desk_from_another_thread()
    {
        string code = _authority.Open(ControlRole.Operator, 0).Code;
        bool? isOpen = null;
        _clients.Changed += _ => isOpen = Task.Run(() => _authority.Look(1).IsOpen).Result;
        var offer = _authority.Claim(Fingerprint(1), "here", 1);
        Run(offer, code);
        _authority.Admit(offer, "x", 1, DateTime.UnixEpoch);
        Assert.True(isOpen, "whoever watches the window is told nothing before the client is kept");
        Assert.Equal((false, "x"), (_authority.Look(1).IsOpen, _authority.Look(1).PairedName));
    }

    [Fact]
    public void A_provisioned_code_waits_until_it_is_used_once_and_is_gone_before_anything_is_said()
    {
        string path = _folder.Write(ProvisionedCode.FileName, "123456789012\n");
        var view = _authority.Open(ProvisionedCode.TryLoad(_folder.Path)!);
        Assert.Equal(("123456789012", ControlRole.Operator, 1, long.MaxValue), (view.Code, view.Role, view.AttemptsLeft, view.EndNs));
        Assert.True(_authority.Look(1000 * PairingAuthority.WindowNs).IsOpen);
        Assert.True(File.Exists(path));
        var offer = _authority.Claim(Fingerprint(1), "here", 1);
        Assert.True(File.Exists(path));
        _authority.Spend(offer);
        Assert.False(File.Exists(path));
        Run(offer, "123456789012");
        Assert.Equal(ControlRole.Operator, _authority.Admit(offer, "x", 2, DateTime.UnixEpoch).Role);
        Assert.False(_authority.Look(2).IsOpen);
    }

    [Fact]
    public void A_provisioned_code_that_failed_closes_the_window()
    {
        _folder.Write(ProvisionedCode.FileName, "12345678");
        _authority.Open(ProvisionedCode.TryLoad(_folder.Path)!);
        Run(_authority.Claim(Fingerprint(1), "here", 1), "12345679");
        Assert.False(_authority.Look(2).IsOpen);
        Assert.Null(ProvisionedCode.TryLoad(_folder.Path));
    }

    [Fact]
    public void Closing_or_opening_anew_withdraws_a_provisioned_code()
    {
        foreach (var act in new Action[] { _authority.Close, () => _authority.Open(ControlRole.Viewer, 0) })
        {
            string path = _folder.Write(ProvisionedCode.FileName, "12345678");
            _authority.Open(ProvisionedCode.TryLoad(_folder.Path)!);
            act();
            Assert.False(File.Exists(path));
            Assert.NotEqual("12345678", _authority.Look(1).Code);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("12345678\n87654321")]
    [InlineData("code: 12345678")]
    public void A_file_that_holds_no_code_is_refused_and_stays(string text)
    {
        string path = _folder.Write(ProvisionedCode.FileName, text);
        Assert.Contains("does not hold a pairing code", Assert.Throws<TrustException>(() => ProvisionedCode.TryLoad(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void No_window_opens_where_no_client_has_room()
    {
        for (int i = 0; i < ClientStore.CountMax; i++)
        {
            _clients.Add($"c{i}", Fingerprint(i), ControlRole.Viewer, DateTime.UnixEpoch);
        }

        Assert.Equal(RpcErrorCode.Limit, Refusal(() => _authority.Open(ControlRole.Viewer, 0)));
        Assert.Equal(RpcErrorCode.Limit, Refusal(() => _clients.Add("one more", Fingerprint(99), ControlRole.Viewer, DateTime.UnixEpoch)));
        Assert.Equal("c0 again", _clients.Add("c0 again", Fingerprint(0), ControlRole.Viewer, DateTime.UnixEpoch).Name);
    }

    /// <summary>A whole wrong proof of the first digit.</summary>
    private static void Guess(PairingVerifier offer)
    {
        Assert.NotNull(offer.Commit(0, RandomNumberGenerator.GetBytes(PairingTerms.CommitmentBytes)));
        Assert.Null(offer.Reveal(0, RandomNumberGenerator.GetBytes(PairingTerms.NonceBytes)));
    }

    internal static string Fingerprint(int number) => Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));

    private static string Refusal(Action act) => Assert.Throws<RpcRefusedException>(act).Error.Code;

    private static void Run(PairingVerifier offer, string code, int client = 1)
    {
        var request = new PairingProver(code, Convert.FromHexString(Fingerprint(client)), Convert.FromHexString(Device),
            RandomNumberGenerator.Fill);
        Drive(offer, request);
        if (!offer.HasFailed)
        {
            Assert.True(request.IsPaired);
        }
    }

    private static void Drive(PairingVerifier offer, PairingProver request)
    {
        for (int round = 0; round < request.RoundCount && !request.HasFailed; round++)
        {
            byte[]? nonce = request.TakeCommitment(offer.Commit(round, request.Commit(round)) ?? []);
            request.TakeNonce(offer.Reveal(round, nonce ?? []) ?? []);
        }
    }
}
