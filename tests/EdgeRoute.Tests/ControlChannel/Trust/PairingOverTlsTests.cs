using System.Security.Cryptography;
using EdgeRoute.Cli.Trust;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>Pairing from the window's opening to the kept client, over real connections.</summary>
public sealed class PairingOverTlsTests : IDisposable
{
    private static readonly DateTime Utc = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task The_right_code_pairs_and_both_know_each_other_afterwards()
    {
        var (call, guest) = await _rig.Connect(pinned: null);
        Assert.Null(_rig.Clients.Find(guest.Fingerprint));
        var (isAsked, offer) = await Pair(call, guest, _rig.Authority.Open(ControlRole.Viewer, 0).Code);
        Assert.True(isAsked);
        var client = _rig.Authority.Admit(offer, "Ada's laptop", 2, Utc);
        Assert.Equal(new PairedClient("Ada's laptop", _rig.Laptop.Fingerprint, ControlRole.Viewer, Utc), client);
        Assert.False(_rig.Authority.Look(3).IsOpen);
        Assert.Equal("Ada's laptop", _rig.Authority.Look(3).PairedName);

        var (_, again) = await _rig.Connect(call.DeviceFingerprint);
        Assert.Equal(client, ClientStore.Load(_rig.StateFolder).Find(again.Fingerprint));
        Assert.Equal(_rig.Device.Fingerprint, call.DeviceFingerprint);
    }

    [Fact]
    public async Task A_wrong_code_pairs_nobody_and_the_device_shows_another()
    {
        string code = _rig.Authority.Open(ControlRole.Operator, 0).Code;
        var (call, guest) = await _rig.Connect(pinned: null);
        var (isAsked, offer) = await Pair(call, guest, Other(code));
        Assert.False(isAsked);
        Assert.True(offer.HasFailed);
        Assert.Equal(RpcErrorCode.Denied, Assert.Throws<RpcRefusedException>(() => _rig.Authority.Admit(offer, "x", 2, Utc)).Error.Code);
        Assert.Equal(0, _rig.Clients.Count);

        var view = _rig.Authority.Look(3);
        Assert.True(view.IsOpen);
        Assert.NotEqual(code, view.Code);
        Assert.Equal(PairingAuthority.AttemptCount - 1, view.AttemptsLeft);
    }

    [Fact]
    public async Task Someone_in_between_who_relays_everything_pairs_nobody()
    {
        using var falseDevice = DeviceIdentity.LoadOrCreate(_rig.Folder("false-device"), "robot");
        using var falseLaptop = LaptopIdentity.LoadOrCreate(_rig.Folder("false-laptop"), "laptop");
        var (victim, near) = await _rig.Connect(_rig.Laptop, new TlsAcceptor(falseDevice), pinned: null);
        var (far, guest) = await _rig.Connect(falseLaptop, _rig.Acceptor, pinned: null);
        string code = _rig.Authority.Open(ControlRole.Operator, 0).Code;
        var offer = _rig.Authority.Claim(guest.Fingerprint, "here", 1);
        var request = new PairingProver(code, Convert.FromHexString(_rig.Laptop.Fingerprint),
            Convert.FromHexString(victim.DeviceFingerprint), RandomNumberGenerator.Fill);

        var relays = Task.WhenAll(_rig.Relay(near.Stream, far.Stream), _rig.Relay(far.Stream, near.Stream));
        var answering = _rig.Answer(guest.Stream, offer);
        Assert.False(await _rig.Ask(victim.Stream, request));
        Assert.False(await answering);
        await Task.WhenAll(victim.Stream.ShutdownAsync(), guest.Stream.ShutdownAsync());
        await relays;
        Assert.True(offer.HasFailed);
        Assert.Throws<RpcRefusedException>(() => _rig.Authority.Admit(offer, "x", 2, Utc));
        Assert.Equal(0, _rig.Clients.Count);
    }

    [Fact]
    public async Task A_client_revoked_or_never_paired_is_not_found()
    {
        var (call, guest) = await _rig.Connect(pinned: null);
        var (_, offer) = await Pair(call, guest, _rig.Authority.Open(ControlRole.Operator, 0).Code);
        var client = _rig.Authority.Admit(offer, "a", 2, Utc);
        using var stranger = LaptopIdentity.LoadOrCreate(_rig.Folder("stranger"), "a");
        var (_, unknown) = await _rig.Connect(stranger, _rig.Acceptor, pinned: null);
        Assert.NotNull(unknown.Fingerprint);
        Assert.Null(_rig.Clients.Find(unknown.Fingerprint));
        Assert.Null(_rig.Clients.Find(null));

        var changes = new List<ClientChange>();
        _rig.Clients.Changed += changes.Add;
        Assert.Equal(client, _rig.Clients.Revoke("a"));
        Assert.Equal([new ClientChange(client, null)], changes);
        var (_, back) = await _rig.Connect(pinned: null);
        Assert.Null(_rig.Clients.Find(back.Fingerprint));
    }

    private async Task<(bool IsAsked, PairingVerifier Verifier)> Pair(TlsCall call, TlsPeer guest, string code)
    {
        var offer = _rig.Authority.Claim(guest.Fingerprint, "here", 1);
        var request = new PairingProver(code, Convert.FromHexString(_rig.Laptop.Fingerprint),
            Convert.FromHexString(call.DeviceFingerprint), RandomNumberGenerator.Fill);
        var answering = _rig.Answer(guest.Stream, offer);
        bool isAsked = await _rig.Ask(call.Stream, request);
        Assert.Equal(isAsked, await answering);
        return (isAsked, offer);
    }

    private static string Other(string code) => (code[0] == '9' ? '0' : (char)(code[0] + 1)) + code[1..];
}
