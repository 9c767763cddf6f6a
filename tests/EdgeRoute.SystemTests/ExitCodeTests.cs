using System.Net;
using System.Net.Sockets;

namespace EdgeRoute.SystemTests;

/// <summary>What the device's program ends with, as the README says it: each code by commands that give it.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private const int Done = 0, Missing = 1, Refused = 2;

    private readonly TempFolder _folder = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);

    public ExitCodeTests() => _taken.Start();

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Done, "--help")]
    [InlineData(Done, "check", "device-configs/demo.yaml")]
    [InlineData(Done, "check", "device-configs/examples/desktop.yaml")]
    [InlineData(Done, "run", "device-configs/examples/shapes.yaml", "--frames", "2", "--quiet")]
    [InlineData(Done, "doctor")]
    [InlineData(Missing, "pair", "PAIRING")]
    [InlineData(Missing, "run", "PORT", "--frames", "2")]
    [InlineData(Missing, "run", "device-configs/examples/shapes.yaml", "--frames", "2", "--answers", "/proc/answers.jsonl")]
    [InlineData(Refused)]
    [InlineData(Refused, "run")]
    [InlineData(Refused, "walk", "device-configs/demo.yaml")]
    [InlineData(Refused, "run", "device-configs/demo.yaml", "--fremes", "2")]
    [InlineData(Refused, "run", "device-configs/demo.yaml", "--frames", "-1")]
    [InlineData(Refused, "run", "device-configs/demo.yaml", "--frames", "abc")]
    [InlineData(Refused, "run", "missing.yaml")]
    [InlineData(Refused, "check", "missing.yaml")]
    [InlineData(Refused, "check", "PORT")]
    [InlineData(Refused, "check", "LOCK")]
    [InlineData(Refused, "run", "LOCK", "--frames", "2")]
    [InlineData(Refused, "check", "UNSET")]
    [InlineData(Refused, "run", "UNSET", "--frames", "2")]
    [InlineData(Refused, "doctor", "missing.yaml")]
    [InlineData(Refused, "pair", "device-configs/demo.yaml")]
    [InlineData(Refused, "demo", "device-configs/demo.yaml", "--seconds", "0")]
    public void Each_code_means_what_the_readme_says(int exitCode, params string[] arguments)
    {
        string manifest = Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json");
        string Config(string open, string more) => $"packs: {{ p: {{ manifest: {manifest} }} }}\nsources: {{ s: {{ open: '{open}', pack: p"
            + $"{more}\n";
        var configs = new Dictionary<string, string>
        {
            ["PORT"] = Config("sim://tabletop", $" }} }}\ncontrol: {{ unix: none, metrics: '{_taken.LocalEndpoint}' }}"),
            ["LOCK"] = Config("sim://tabletop", ", lock: nowhere } }"),
            ["UNSET"] = Config("rtsp://a:${ER_NOT_SET}@127.0.0.1:1/x", " } }"),
            ["PAIRING"] = Config("sim://tabletop", " } }\ncontrol: { unix: nobody.sock, tcp: '127.0.0.1:7420', state: . }"),
        };
        string[] given = [.. arguments.Select(a => configs.TryGetValue(a, out string? text) ? _folder.Write($"{a}.yaml", text) : a)];
        var (ended, output, error) = HostProcess.Run(given);
        Assert.True(exitCode == ended, $"{string.Join(' ', given)}: {ended}\n{output}\n{error}");
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(15, 0)]
    public async Task A_run_that_is_asked_to_stop_has_done_what_it_was_to(int signal, int exitCode)
    {
        using var run = HostProcess.Start("run", "device-configs/demo.yaml");
        await run.FirstFrame;
        run.Signal(signal);
        Assert.Equal(exitCode, run.WaitForExit());
    }

    /// <summary>As where the tests themselves run in the background of a shell.</summary>
    [Fact]
    public void What_the_tests_start_can_be_interrupted_where_they_cannot()
    {
        string[] command = HostProcess.Hearing("bash", ["-c", "kill -INT $$; echo deaf"]);
        var (_, heard, _) = HostProcess.RunBinary("bash", null, ["-c", "trap '' INT; \"$0\" \"$@\"", .. command]);
        Assert.Equal("", heard);
        var (_, deaf, _) = HostProcess.RunBinary("bash", null, ["-c", "trap '' INT; \"$0\" \"$@\"", .. command[2..]]);
        Assert.Equal("deaf\n", deaf);
    }
}
