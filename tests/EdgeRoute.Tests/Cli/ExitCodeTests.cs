using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli;

/// <summary>What the laptop tool ends with, as the README says it: each code by commands that give it.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WorkConsole.Done, "--help")]
    [InlineData(WorkConsole.Done, "status", "--device", "DEVICE")]
    [InlineData(WorkConsole.Done, "journal", "--device", "DEVICE", "--json")]
    [InlineData(WorkConsole.Done, "devices")]
    [InlineData(WorkConsole.Failed, "status", "--device", "unix:/nowhere/control.sock")]
    [InlineData(WorkConsole.Failed, "config", "diff", "missing.yaml", "--device", "DEVICE")]
    [InlineData(WorkConsole.Failed, "replay", "missing.erec", "--pack", "missing")]
    [InlineData(WorkConsole.Refused, "status", "--devise", "robot")]
    [InlineData(WorkConsole.Refused, "no-such-command")]
    [InlineData(WorkConsole.Refused, "status", "--device", "robot-unknown")]
    [InlineData(WorkConsole.Refused, "devices", "remove", "robot-unknown")]
    [InlineData(WorkConsole.Refused, "budget", "set", "device_ms=fast", "--device", "DEVICE")]
    [InlineData(WorkConsole.Refused, "status", "--device", "DEVICE", "surplus")]
    [InlineData(WorkConsole.Differs, "config", "diff", "other.yaml", "--device", "DEVICE")]
    [InlineData(WorkConsole.DeviceRefused, "snapshot", "--out", "now.jpg", "--device", "DEVICE")]
    [InlineData(WorkConsole.DeviceRefused, "trial", "keep", "--device", "DEVICE")]
    [InlineData(WorkConsole.RolledBack, "budget", "try", "device_ms=6", "--for", "1s", "--device", "DEVICE")]
    public async Task Each_code_means_what_the_readme_says(int exitCode, params string[] arguments)
    {
        _folder.Write("other.yaml", "# another");
        await using var device = new ScriptedDevice(_folder.File("s"));
        var script = new RobotScript();
        script.Teach(device);
        device.Answer(ControlMethod.Journal, _ => new JournalList());
        device.Answer(ControlMethod.ConfigGet, _ => new ConfigReply { Path = "/etc/device.yaml", Text = "# one" });
        device.Answer(ControlMethod.Trial, _ => new TrialStatus { State = "rolled_back", Conditions = ["p99 ms 40 (must be <= 33)"] });
        foreach (string method in new[] { ControlMethod.Snapshot, ControlMethod.TrialKeep })
        {
            device.Answer(method, _ => throw new RpcRefusedException(RpcErrorCode.NotFound, "there is none"));
        }

        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = _folder.Path, ["EDGEROUTE_DEVICE"] = null };
        string[] given = [.. arguments.Select(a => a.Replace("DEVICE", "unix:" + device.Path, StringComparison.Ordinal))];
        var run = await Task.Run(() => LaptopTool.Run(_folder.Path, "", environment, given));
        Assert.True(exitCode == run.ExitCode, $"{string.Join(' ', given)}: {run.ExitCode}\n{run.Output}\n{run.Error}");
    }

    [Fact]
    public void An_interrupted_command_ends_as_a_shell_reports_it()
    {
        using var console = new WorkConsole();
        Assert.Equal(130, console.Run(() => throw new OperationCanceledException()));
    }

    [Theory]
    [InlineData("edgeroute", "0", "1", "2", "3", "4", "5", "130")]
    [InlineData("edgerouted", "0", "1", "2", "130", "143")]
    public void The_readme_names_every_code(string program, params string[] codes)
    {
        string readme = File.ReadAllText(Path.Combine(TestPlaces.Repository, "README.md"));
        string begin = $"Exit codes of `{program}`:";
        int at = readme.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(at >= 0, $"no '{begin}'");
        string sentence = readme[at..readme.IndexOf('.', at)];
        Assert.All(codes, c => Assert.Matches($@"[\s:;]{c} ", sentence));
    }
}
