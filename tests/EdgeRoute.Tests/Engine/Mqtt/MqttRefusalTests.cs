using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>What a broker refuses, and what is said of it.</summary>
public sealed class MqttRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public void A_wrong_password_is_said_without_showing_it_and_a_right_one_lets_in(string version)
    {
        using var broker = new Mosquitto(settings: $"allow_anonymous false\npassword_file {Passwords()}");
        string password = Secret("the right one");
        string keys = $"broker: 'mqtt://127.0.0.1:{broker.Port}', user: rob, password_file: {password}, version: {version}";
        using (var rig = new MqttRig(keys))
        {
            rig.Said("connected to 127.0.0.1");
        }

        Secret("the wrong one");
        using (var rig = new MqttRig(keys))
        {
            string said = rig.Said("the broker does not let user 'rob' in");
            Assert.Contains("tried again every 2 minutes", said, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong one", said + rig.Output.Fault, StringComparison.Ordinal);
        }

        using var stranger = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}', version: {version}");
        stranger.Said("lets nobody in without a user");
    }

    [SkippableFact]
    public void A_topic_that_a_user_may_not_write_is_said_once_and_left_out_so_that_the_others_live()
    {
        string rights = _folder.Write("rights",
            "topic write robot/availability\ntopic write robot/status\ntopic write robot/events\ntopic read #\ntopic read $SYS/#\n");

        // With the last of these settings Debian's broker ends the connection at each message that it denies, as others always do.
        using var broker = new Mosquitto(settings: $"allow_anonymous true\nacl_file {rights}\nmax_queued_messages 0");
        using var listener = broker.Listen();
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}'");
        rig.Said("connected to 127.0.0.1");
        rig.Tell();
        rig.Said("the broker does not take what goes to 'robot/front/counts': NotAuthorized; it is left out and tried every 5 minutes");
        while (rig.CountOf("'robot/front/answers': NotAuthorized") == 0)
        {
            rig.Tell();
            Thread.Yield();
        }

        rig.Output.Tell(new EngineEvent(1, ReportLevel.Notice, "", EventKind.Note, "the others live"));
        listener.Until("an event", m => m.Topic == "robot/events" && m.Payload.Contains("the others live", StringComparison.Ordinal));
        int losses = rig.CountOf("no connection");
        long lost = rig.Output.Counts.Lost;
        rig.Tell();
        rig.Output.Tell(new EngineEvent(2, ReportLevel.Notice, "", EventKind.Note, "still"));
        listener.Until("another", m => m.Topic == "robot/events" && m.Payload.Contains("still", StringComparison.Ordinal));
        Assert.Equal((lost + 1, losses), (rig.Output.Counts.Lost, rig.CountOf("no connection")));
        Assert.Equal((1, 1), (rig.CountOf("'robot/front/answers'"), rig.CountOf("'robot/front/counts'")));
        Assert.Equal("the broker does not take what goes to 'robot/front/answers', 'robot/front/counts'; it is left out, and tried every "
            + "5 minutes", rig.Output.Fault);
    }

    [Fact]
    public void A_topic_that_was_left_out_is_tried_after_a_while_and_told_when_it_is_taken_again()
    {
        var (clock, said) = (new ScriptedClock(1), new List<string>());
        var refused = new RefusedTopics(new MqttOutputConfig("home", "mqtt://b") { DiscoveryPrefix = "ha" }, clock, said.Add, said.Add);
        long seenNs = 1;
        refused.Refuse("a", "it has 9 bytes, and the broker takes messages of 8");
        Assert.False(refused.LeavesOut("a"));
        for (int round = 0; round < 2; round++)
        {
            refused.Refuse("a", "NotAuthorized: no");
            clock.AdvanceMs(299_000);
            Assert.True(refused.LeavesOut("a"));
            Assert.False(refused.IsAnyDue(ref seenNs) || refused.LeavesOut("b"));
            clock.AdvanceMs(1000);
            Assert.True(refused.IsAnyDue(ref seenNs));
            Assert.False(refused.LeavesOut("a") || refused.IsAnyDue(ref seenNs));
        }

        Assert.Equal(2, said.Count);
        refused.Accept("a");
        refused.Accept("a");
        Assert.Equal("output home: the broker takes what goes to 'a' again", said[^1]);
        refused.Refuse("a", "NotAuthorized: no");
        Assert.Equal(4, said.Count);
        refused.Refuse("ha/sensor/x", "NotAuthorized: no");
        Assert.True(refused.LeavesOut("ha/sensor/y"));
    }

    [SkippableFact]
    public void Tls_believes_the_authority_that_is_named_and_no_other()
    {
        Mosquitto.Need();
        using var authority = Authority("the test's");
        using var other = Authority("another");
        string ca = _folder.Write("ca.pem", authority.ExportCertificatePem());
        string wrong = _folder.Write("wrong.pem", other.ExportCertificatePem());
        var (server, serverKey) = Signed(authority, "localhost", "server");
        var (own, ownKey) = Signed(authority, "robot", "own");
        using var broker = new Mosquitto(settings: $"allow_anonymous true\ncafile {ca}\ncertfile {server}\nkeyfile {serverKey}\n"
            + "require_certificate true");
        string mine = $"certificate_file: {own}, key_file: {ownKey}";
        using (var rig = new MqttRig($"broker: 'mqtts://localhost:{broker.Port}', ca_file: {ca}, {mine}, qos: 1"))
        {
            rig.Said("connected to localhost");
            rig.Tell();
            Assert.True(SpinWait.SpinUntil(() => rig.Output.Counts is { Written: 1, Lost: 0 }, Mosquitto.Patience));
        }

        using (var rig = new MqttRig($"broker: 'mqtts://localhost:{broker.Port}', ca_file: {wrong}, {mine}"))
        {
            rig.Said("the broker's certificate is signed by no authority in 'ca_file'");
        }

        using (var rig = new MqttRig($"broker: 'mqtts://127.0.0.1:{broker.Port}', ca_file: {ca}, {mine}"))
        {
            rig.Said("the broker's certificate is not for '127.0.0.1'");
        }

        using (var rig = new MqttRig($"broker: 'mqtts://localhost:{broker.Port}', ca_file: {ca}"))
        {
            rig.Said("'certificate_file'");
        }

        using var plain = new MqttRig($"broker: 'mqtt://localhost:{broker.Port}'");
        plain.Said("does that port want mqtts://?");
    }

    [SkippableFact]
    public void Tls_with_a_port_that_speaks_none_is_said()
    {
        using var broker = new Mosquitto();
        using var rig = new MqttRig($"broker: 'mqtts://127.0.0.1:{broker.Port}'");
        rig.Said("does that port speak TLS");
    }

    [Fact]
    public void A_host_that_nobody_knows_may_be_known_later()
    {
        var config = new MqttOutputConfig("a", "mqtt://nowhere.invalid");
        using var settings = new MqttSettings(config);
        var refusal = MqttRefusal.Of(new IOException("", new SocketException((int)SocketError.HostNotFound)), settings, config);
        Assert.Equal(("the host 'nowhere.invalid' is unknown: the name is wrong, or no name server answers", false),
            (refusal.Words, refusal.IsLasting));
    }

    /// <summary>It depends on who is quicker which of these the system says.</summary>
    [Theory]
    [InlineData(SocketError.ConnectionReset)]
    [InlineData(SocketError.ConnectionAborted)]
    [InlineData(SocketError.NotConnected)]
    [InlineData(SocketError.Shutdown)]
    public void A_broker_that_hangs_up_wants_something(SocketError error)
    {
        var config = new MqttOutputConfig("a", "mqtts://broker");
        using var settings = new MqttSettings(config);
        var refusal = MqttRefusal.Of(new IOException("", new SocketException((int)error)), settings, config);
        Assert.Contains("does the broker want a certificate from here ('certificate_file')?", refusal.Words, StringComparison.Ordinal);
        Assert.False(refusal.IsLasting);
    }

    [SkippableFact]
    public void Of_two_clients_of_one_id_the_one_that_had_to_go_says_so()
    {
        using var broker = new Mosquitto();
        string keys = $"broker: 'mqtt://127.0.0.1:{broker.Port}', client_id: same";
        using var first = new MqttRig(keys);
        first.Said("connected to 127.0.0.1");
        using var second = new MqttRig(keys);
        second.Said("connected to 127.0.0.1");
        Assert.Contains("the id 'same'", first.Said("another client"), StringComparison.Ordinal);
    }

    private string Passwords()
    {
        Mosquitto.Need();
        string path = _folder.Write("passwords", "");
        using var tool = Process.Start("/usr/bin/mosquitto_passwd", ["-b", path, "rob", "the right one"]);
        tool.WaitForExit();
        Assert.Equal(0, tool.ExitCode);
        return path;
    }

    private string Secret(string text)
    {
        string path = _folder.Write("secret", text);
        FileModes.Set(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private (string Certificate, string Key) Signed(X509Certificate2 authority, string host, string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), authority.NotAfter.AddMinutes(-1),
            RandomNumberGenerator.GetBytes(8));
        string path = _folder.Write($"{file}.pem", signed.ExportCertificatePem());
        string keyPath = _folder.Write($"{file}.key", key.ExportPkcs8PrivateKeyPem());
        FileModes.Set(keyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (path, keyPath);
    }
}
