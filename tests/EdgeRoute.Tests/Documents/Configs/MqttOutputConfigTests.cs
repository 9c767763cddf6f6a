using EdgeRoute.Documents.Configs;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class MqttOutputConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Fact]
    public void An_output_is_read_with_its_defaults_and_written_back()
    {
        const string Text = """
            outputs:
              plain: { kind: mqtt, broker: mqtt://broker.local }
              full:
                kind: mqtt
                broker: mqtts://10.0.0.2:8884
                user: rob
                password_file: secret
                topic: site/robot1
                client_id: robot1
                version: 3.1.1
                qos: 1
                status_seconds: 60
                ca_file: ca.pem
                certificate_file: own.pem
                key_file: own.key
                rate_hz: 5
                min_confidence: 0.4
                classes: [person, "traffic light"]
                only_changes: true
                home_assistant: true
            """;
        var config = Read(Text).Config!;
        var (plain, full) = ((MqttOutputConfig)config.Outputs[0], (MqttOutputConfig)config.Outputs[1]);
        Assert.Equal((MqttVersion.Five, 0, 10, null), (plain.Version, plain.Qos, plain.StatusSeconds, plain.DiscoveryPrefix));
        Assert.Equal(($"edgeroute/{Environment.MachineName}", $"edgeroute-{Environment.MachineName}-plain"), (plain.Topic, plain.ClientId));
        Assert.Equal((MqttVersion.ThreeOneOne, 1, "homeassistant", "/a/ca.pem"), (full.Version, full.Qos, full.DiscoveryPrefix,
            full.CaFile!.Full));
        Assert.Equal((5, 0.4, true), (full.Filter.RateHz, full.Filter.MinConfidence, full.Filter.OnlyChanges));
        Assert.Equal(["person", "traffic light"], full.Filter.Classes);
        string effective = config.Effective();
        Assert.Equal(effective, DeviceConfigReader.ReadText(effective, "/a/e.yaml", checkPaths: false).Config!.Effective());
    }

    [Theory]
    [InlineData("mqtt://h", "h", 1883, false, null)]
    [InlineData("mqtts://h", "h", 8883, true, null)]
    [InlineData("mqtt://u:p%40w@h:99", "h", 99, false, "u")]
    [InlineData("mqtt://[::1]:7", "::1", 7, false, null)]
    public void An_address_is_taken_apart(string text, string host, int port, bool isTls, string? user)
    {
        var address = MqttAddress.Of(text, out string problem)!;
        Assert.Equal((host, port, isTls, user, ""), (address.Host, address.Port, address.IsTls, address.User, problem));
    }

    [Fact]
    public void A_password_in_the_address_is_not_printed()
    {
        var config = Read("outputs: { a: { kind: mqtt, broker: 'mqtt://rob:very-secret@h' } }").Config!;
        Assert.DoesNotContain("very-secret", config.Printable(), StringComparison.Ordinal);
        Assert.Contains("very-secret", config.Effective(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "outputs.a needs 'broker'")]
    [InlineData("broker: h:1883", "outputs.a.broker must begin with mqtt:// or, for TLS, mqtts://")]
    [InlineData("broker: 'mqtt://h:99999'", "outputs.a.broker names no host, or a port that is no number from 1 to 65535")]
    [InlineData("broker: 'mqtt://h/topic'", "outputs.a.broker has something behind host and port")]
    [InlineData("broker: 'mqtt://u:p@h', user: x, password_file: y", "outputs.a.broker holds a user already")]
    [InlineData("broker: 'mqtt://h', password_file: y", "outputs.a has 'password_file' and no 'user'")]
    [InlineData("broker: 'mqtt://h', ca_file: y", "outputs.a.broker is mqtt://, which has no TLS, and certificates are given")]
    [InlineData("broker: 'mqtts://h', key_file: y", "outputs.a.key_file is given, and 'certificate_file' is not")]
    [InlineData("broker: 'mqtt://h', topic: a/#", "outputs.a.topic is 'a/#'; a topic is words with '/' between them")]
    [InlineData("broker: 'mqtt://h', topic: /a", "outputs.a.topic is '/a'")]
    [InlineData("broker: 'mqtt://h', qos: 2", "outputs.a.qos is '2'; it must be a whole number from 0 to 1")]
    [InlineData("broker: 'mqtt://h', version: 4", "outputs.a.version is '4'; it must be one of 5, 3.1.1")]
    [InlineData("broker: 'mqtt://h', discovery_prefix: x", "outputs.a.discovery_prefix is given, and 'home_assistant' is not true")]
    [InlineData("broker: 'mqtt://h', classes: [[x]]", "outputs.a.classes holds a list; it must hold names of classes")]
    [InlineData("broker: 'mqtt://h', rate: 1", "unknown key 'rate' in outputs.a")]
    public void What_is_wrong_is_told(string keys, string expected) => Assert.Contains(expected,
        Assert.Single(Read($"outputs: {{ a: {{ kind: mqtt, {keys} }} }}").Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_outputs_of_one_client_id_are_refused() => Assert.Contains("outputs.b.client_id is that of the output 'a' too",
        Assert.Single(Read("outputs: { a: { kind: mqtt, broker: 'mqtt://h', client_id: x }, b: { kind: mqtt, broker: 'mqtt://h', "
            + "client_id: x } }").Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void Files_that_hold_the_wrong_thing_and_variables_that_are_not_set_are_found_on_the_machine_with_their_line()
    {
        using var folder = new TemporaryFolder();
        string open = folder.Write("open", "secret");
        FileModes.Set(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        folder.Write("ca.pem", "nothing of the kind");
        folder.Write("m.json", "{}");
        folder.Write("x.mp4", "");
        string text = Rest + $$"""
            outputs:
              a:
                kind: mqtt
                broker: "mqtts://${EDGEROUTE_TEST_UNSET}"
                user: u
                password_file: open
                ca_file: ca.pem
            """;
        var problems = DeviceConfigReader.ReadText(text, folder.File("d.yaml")).Problems;
        Assert.Equal([6, 8, 9], problems.Select(p => p.At.Line).Order());
        Assert.Contains(problems, p => p.Message.Contains("EDGEROUTE_TEST_UNSET", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("is open to others", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("holds no certificate", StringComparison.Ordinal));
        Assert.Empty(DeviceConfigReader.ReadText(text, folder.File("d.yaml"), checkPaths: false).Problems);
    }

    private static DeviceConfigReading Read(string text) => DeviceConfigReader.ReadText(Rest + text + "\n", "/a/d.yaml", checkPaths: false);
}
