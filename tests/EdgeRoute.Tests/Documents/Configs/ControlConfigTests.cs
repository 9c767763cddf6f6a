using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class ControlConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Fact]
    public void Without_the_group_there_is_no_channel() => Assert.Null(Read("").Control);

    [Fact]
    public void An_empty_group_is_a_Unix_socket_and_nothing_else()
    {
        var control = Read("control: {}").Control!;
        Assert.Equal(ControlConfig.UsualUnixPath, control.Unix!.Full);
        Assert.True(control is { Tcp: null, State: null, Name: null, Metrics: null });
        Assert.Equal(Environment.MachineName, control.DeviceName);
    }

    [Fact]
    public void All_keys_are_read()
    {
        var control = Read("control: { unix: run/c.sock, tcp: \"0.0.0.0:7420\", state: state, name: \"Robot 7\", metrics: "
            + "\"[::1]:9420\" }").Control!;
        Assert.Equal("/a/run/c.sock|0.0.0.0:7420|/a/state|Robot 7|[::1]:9420",
            $"{control.Unix!.Full}|{control.Tcp}|{control.State!.Full}|{control.DeviceName}|{control.Metrics}");
        Assert.Null(Read("control: { unix: none, tcp: none, metrics: none }").Control!.Unix);
    }

    [Theory]
    [InlineData("")]
    [InlineData("control: {}")]
    [InlineData("control: { unix: none, tcp: \"[::]:7420\", state: s, name: \"a \\\"b\\\"\", metrics: \"127.0.0.1:9420\" }")]
    public void The_effective_text_reads_back_to_itself(string control)
    {
        string text = Read(control).Effective();
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/b/c.yaml", checkPaths: false).Config!.Effective());
        Assert.Equal(control.Length > 0, text.Contains("\ncontrol:\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Everything_wrong_is_named_at_once()
    {
        string text = Rest + "control:\n  tcp: localhost:7420\n  metrics: \"9420\"\n  unix: " + new string('x', 120) + "\n  port: 1\n";
        var problems = DeviceConfigReader.ReadText(text, "/a/d.yaml", checkPaths: false).Problems;
        Assert.Equal([4, 5, 6, 7], problems.Select(p => p.At.Line).Distinct());
        Assert.Contains(problems, p => p.Message.Contains("control.tcp is 'localhost:7420'", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("107 bytes", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("unknown key 'port'", StringComparison.Ordinal));
    }

    [Fact]
    public void TCP_needs_a_folder_for_its_keys()
    {
        var problem = Assert.Single(DeviceConfigReader.ReadText(Rest + "control: { tcp: \"0.0.0.0:7420\" }", "/a/d.yaml",
            checkPaths: false).Problems);
        Assert.Contains("'state'", problem.Message, StringComparison.Ordinal);
    }

    private static DeviceConfig Read(string control)
    {
        var reading = DeviceConfigReader.ReadText(Rest + control, "/a/d.yaml", checkPaths: false);
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }
}
