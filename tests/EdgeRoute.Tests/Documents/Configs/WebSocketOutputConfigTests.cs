using System.Net;
using System.Net.Sockets;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class WebSocketOutputConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Fact]
    public void Addresses_tokens_and_origins_are_read_and_written_back()
    {
        const string Text = """
            outputs:
              page: { kind: websocket, listen: "127.0.0.1:8090" }
              free: { kind: websocket, listen: "[::1]:0", format: msgpack, origins: ["https://dashboard.lan", "http://robot:3000"] }
              also: { kind: websocket, listen: "[::1]:0" }
              team: { kind: websocket, listen: "0.0.0.0:8091", token_file: token, origins: ["*"], certificate: c.pem, key: k.pem }
              open: { kind: websocket, listen: "[::]:8092", anyone: true }
            """;
        var config = Read(Text).Config!;
        var outputs = config.Outputs.Cast<WebSocketOutputConfig>().ToList();
        Assert.Equal(["127.0.0.1:8090", "[::1]:0", "[::1]:0", "0.0.0.0:8091", "[::]:8092"], outputs.Select(o => o.Listen.ToString()));
        Assert.Equal((AnswerFormat.Json, AnswerFormat.MessagePack), (outputs[0].Format, outputs[1].Format));
        Assert.Equal((null, "/a/token"), (outputs[0].TokenFile, outputs[3].TokenFile!.Full));
        Assert.Equal(["https://dashboard.lan", "http://robot:3000"], outputs[1].Origins!);
        string effective = config.Effective();
        Assert.Contains("  page:\n    kind: websocket\n    listen: \"127.0.0.1:8090\"\n    format: json\n    anyone: false\n", effective,
            StringComparison.Ordinal);
        Assert.Equal(effective, DeviceConfigReader.ReadText(effective, "/a/e.yaml", checkPaths: false).Config!.Effective());
    }

    [Theory]
    [InlineData("kind: websocket", "outputs.w needs 'listen'")]
    [InlineData("kind: websocket, listen: 8090", "outputs.w.listen is '8090'; write an address of this machine and a port")]
    [InlineData("kind: websocket, listen: 'localhost:8090'", "outputs.w.listen is 'localhost:8090'")]
    [InlineData("kind: websocket, listen: '127.0.0.1'", "outputs.w.listen is '127.0.0.1'")]
    [InlineData("kind: websocket, listen: '::1:8090'", "outputs.w.listen is '::1:8090'")]
    [InlineData("kind: websocket, listen: '127.0.0.1:99999'", "outputs.w.listen is '127.0.0.1:99999'")]
    [InlineData("kind: websocket, listen: '0.0.0.0:8090'", "which others on the network reach: name a 'token_file'")]
    [InlineData("kind: websocket, listen: '192.168.1.5:8090'", "which others on the network reach: name a 'token_file'")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', anyone: true, token_file: t", "outputs.w.anyone is true, and there is a "
        + "'token_file'")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', format: xml", "outputs.w.format is 'xml'; it must be one of json, msgpack")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', path: x", "unknown key 'path' in outputs.w")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', origins: ['https://a.b/c']", "outputs.w.origins has 'https://a.b/c'; an origin "
        + "is")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', origins: [dashboard]", "outputs.w.origins has 'dashboard'")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', origins: '*'", "outputs.w.origins is '*'; it must be a list")]
    [InlineData("kind: websocket, listen: '127.0.0.1:7420'", "outputs.w.listen is 127.0.0.1:7420, the port of control.tcp (0.0.0.0:7420)")]
    [InlineData("kind: websocket, listen: '[::1]:9100', anyone: true", "")]
    [InlineData("kind: websocket, listen: '0.0.0.0:9100', anyone: true", "the port of control.metrics (127.0.0.1:9100); write the same "
        + "address to share it")]
    [InlineData("kind: websocket, listen: '127.0.0.1:9100'", "")]
    [InlineData("kind: websocket, listen: '127.0.0.1:9100', certificate: c, key: k", "these are served without TLS: give each its own")]
    [InlineData("kind: websocket, listen: '127.0.0.1:8090', key: k", "outputs.w has one of 'certificate' and 'key'; TLS wants both")]
    public void What_is_wrong_is_told(string output, string expected)
    {
        const string Control = "control: { unix: none, tcp: '0.0.0.0:7420', state: /tmp, metrics: '127.0.0.1:9100' }\n";
        var problems = Read($"outputs: {{ w: {{ {output} }} }}\n{Control}").Problems;
        Assert.Equal(expected.Length > 0 ? 1 : 0, problems.Count);
        Assert.All(problems, p => Assert.Contains(expected, p.Message, StringComparison.Ordinal));
        Assert.All(problems, p => Assert.Equal(3, p.At.Line));
    }

    [Fact]
    public void Two_outputs_at_one_address_are_refused() => Assert.Contains("outputs.b.listen is that of the output 'a' too", Assert.Single(
        Read("outputs: { a: { kind: websocket, listen: '127.0.0.1:8090' }, b: { kind: websocket, listen: '127.0.0.1:8090' } }").Problems)
        .Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0123456789abcdef\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, "")]
    [InlineData("0123456789abcdef\n", UnixFileMode.UserRead | UnixFileMode.OtherRead, "is open to others")]
    [InlineData("short", UnixFileMode.UserRead, "must hold a token of at least 16 characters on one line")]
    [InlineData("0123456789 abcdef", UnixFileMode.UserRead, "without spaces")]
    [InlineData("", UnixFileMode.UserRead, "must hold a token")]
    public void A_token_file_that_is_none_is_a_problem_with_its_line(string content, UnixFileMode mode, string expected)
    {
        using var folder = new TemporaryFolder();
        FileModes.Set(folder.Write("token", content), mode);
        var found = DeviceConfigReader.ReadText(Rest + "outputs: { w: { kind: websocket, listen: '127.0.0.1:0', token_file: token } }",
            folder.File("d.yaml")).Problems.Where(p => p.Message.Contains("token", StringComparison.Ordinal)).ToList();
        Assert.Equal(expected.Length > 0 ? 1 : 0, found.Count);
        Assert.All(found, p => Assert.Contains(expected, p.ToString(), StringComparison.Ordinal));
        Assert.All(found, p => Assert.Contains("d.yaml:3:", p.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_port_that_is_taken_is_a_problem_before_a_start()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var config = Read($"outputs: {{ w: {{ kind: websocket, listen: '{taken.LocalEndpoint}' }} }}").Config!;
        Assert.Equal($"outputs.w.listen {taken.LocalEndpoint} cannot be opened: Address already in use",
            Assert.Single(ConfigTrial.ProblemsOfMachine(config, _ => { })));
    }

    private static DeviceConfigReading Read(string text) => DeviceConfigReader.ReadText(Rest + text + "\n", "/a/d.yaml", checkPaths: false);
}
