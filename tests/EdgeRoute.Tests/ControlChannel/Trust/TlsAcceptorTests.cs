using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Cli.Trust;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>Who gets through the TLS handshake, and who does not, on both ends.</summary>
public sealed class TlsAcceptorTests : IDisposable
{
    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Both_sides_see_the_others_fingerprint_and_speak_the_newest_version()
    {
        var (call, guest) = await _rig.Connect(_rig.Device.Fingerprint);
        Assert.Equal(_rig.Laptop.Fingerprint, guest.Fingerprint);
        Assert.Equal(_rig.Device.Fingerprint, call.DeviceFingerprint);
        Assert.Equal(SslProtocols.Tls13, guest.Stream.SslProtocol);
        Assert.Equal(ControlProtocol.TlsName, guest.Stream.NegotiatedApplicationProtocol.ToString());
        await call.Stream.WriteAsync(new byte[] { 7 }, _rig.Cancel);
        Assert.Equal(7, guest.Stream.ReadByte());
    }

    [Fact]
    public async Task A_device_with_another_key_is_refused_with_words_and_gets_nothing()
    {
        using var other = DeviceIdentity.LoadOrCreate(_rig.Folder("other"), "robot");
        var (client, server) = await _rig.Wire();
        var receiving = new TlsAcceptor(other).Receive(server, _rig.Cancel);
        var refusal = await Assert.ThrowsAsync<TrustException>(() => TlsConnector.Connect(client, _rig.Laptop, _rig.Device.Fingerprint,
            _rig.Cancel));
        Assert.Contains("the device's key is not the one that was paired", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(other.Fingerprint[..16], refusal.Message, StringComparison.Ordinal);

        // SslStream looks at the certificate after its half of the handshake is sent, so the device may have finished before it is told: it
        // reads an alert or the end.
        await AssertNothingComes(receiving);
    }

    [Fact]
    public async Task A_client_without_certificate_is_received_as_nobody()
    {
        var options = Options();
        options.ClientCertificateContext = null;
        Assert.Null((await Handshake(options)).Fingerprint);
    }

    [Fact]
    public async Task The_age_and_kind_of_a_certificate_do_not_matter_only_its_fingerprint()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=expired", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var expired = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var options = Options();
        options.ClientCertificateContext = TlsTerms.Shown(expired);
        Assert.Equal(SelfSigned.FingerprintOf(expired), (await Handshake(options)).Fingerprint);
    }

    [Fact]
    public async Task A_client_of_an_older_version_is_refused()
    {
        var options = Options();
        options.EnabledSslProtocols = SslProtocols.Tls12;
        await AssertRefused(options);
    }

    [Theory]
    [InlineData("http/1.1")]
    [InlineData("edgeroute/2")]
    [InlineData(null)]
    public async Task Another_application_protocol_or_none_is_refused(string? protocol)
    {
        var options = Options();
        options.ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)];
        await AssertRefused(options);
    }

    [Fact]
    public async Task A_recorded_connection_played_again_is_refused()
    {
        var (client, server) = await _rig.Wire();
        var wire = new RecordingStream(client);
        var receiving = _rig.Acceptor.Receive(server, _rig.Cancel);
        var call = _rig.Keep((await TlsConnector.Connect(wire, _rig.Laptop, _rig.Device.Fingerprint, _rig.Cancel)).Stream);
        var guest = _rig.Keep((await receiving).Stream);
        await call.WriteAsync(new byte[] { 7 }, _rig.Cancel);
        Assert.Equal(7, guest.ReadByte());

        var (again, acceptor) = await _rig.Wire();
        receiving = _rig.Acceptor.Receive(acceptor, _rig.Cancel);
        await again.WriteAsync(wire.Written, _rig.Cancel);
        await Assert.ThrowsAsync<TlsRefusedException>(() => receiving);
    }

    [Fact]
    public async Task What_is_no_TLS_is_refused()
    {
        var (client, server) = await _rig.Wire();
        var receiving = _rig.Acceptor.Receive(server, _rig.Cancel);
        await client.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), _rig.Cancel);
        Assert.Contains("handshake", (await Assert.ThrowsAsync<TlsRefusedException>(() => receiving)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_refused()
    {
        var (client, server) = await _rig.Wire();
        var receiving = _rig.Acceptor.Receive(server, _rig.Cancel);
        client.Close();
        await Assert.ThrowsAsync<TlsRefusedException>(() => receiving);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_let_go_when_its_time_is_over()
    {
        var (client, server) = await _rig.Wire();
        using var limit = new CancellationTokenSource();
        var receiving = _rig.Acceptor.Receive(server, limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(0, await client.ReadAsync(new byte[1], _rig.Cancel));
    }

    [Fact]
    public async Task A_port_that_speaks_something_else_is_told_from_a_device()
    {
        var (client, server) = await _rig.Wire();
        await server.WriteAsync("220 mail\r\n"u8.ToArray(), _rig.Cancel);
        var refusal = await Assert.ThrowsAsync<TrustException>(() => TlsConnector.Connect(client, _rig.Laptop, _rig.Device.Fingerprint,
            _rig.Cancel));
        Assert.Contains("no secure connection with the device", refusal.Message, StringComparison.Ordinal);
    }

    private SslClientAuthenticationOptions Options()
    {
        var options = TlsTerms.Client(TlsTerms.Shown(_rig.Laptop.Certificate), f => f == _rig.Device.Fingerprint);
        options.TargetHost = "";
        return options;
    }

    private async Task<TlsPeer> Handshake(SslClientAuthenticationOptions options)
    {
        var (client, server) = await _rig.Wire();
        var receiving = _rig.Acceptor.Receive(server, _rig.Cancel);
        await _rig.Keep(new SslStream(client)).AuthenticateAsClientAsync(options, _rig.Cancel);
        var guest = await receiving;
        _rig.Keep(guest.Stream);
        return guest;
    }

    private async Task AssertNothingComes(Task<TlsPeer> receiving)
    {
        try
        {
            var guest = await receiving;
            _rig.Keep(guest.Stream);
            Assert.Equal(0, await guest.Stream.ReadAsync(new byte[1], _rig.Cancel));
        }
        catch (Exception told) when (told is TlsRefusedException or IOException)
        {
            // Told during the handshake, or by an alert after it: both are a refusal that the device notices.
        }
    }

    private async Task AssertRefused(SslClientAuthenticationOptions options)
    {
        var (client, server) = await _rig.Wire();
        var receiving = _rig.Acceptor.Receive(server, _rig.Cancel);
        var tls = _rig.Keep(new SslStream(client));
        var dialling = tls.AuthenticateAsClientAsync(options, _rig.Cancel);
        await Assert.ThrowsAsync<TlsRefusedException>(() => receiving);

        // Where the client's half of the handshake was done before the device said no, its first read says so.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await dialling;
            await tls.ReadExactlyAsync(new byte[1], _rig.Cancel);
        });
    }
}
