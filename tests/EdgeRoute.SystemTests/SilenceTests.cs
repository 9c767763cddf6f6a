using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace EdgeRoute.SystemTests;

/// <summary>
/// Builds of ONNX Runtime look up an event host and leave a device id and a database in the home folder unless they are told not to before
/// they are loaded. The kernel is the witness: every call of a whole demo that has to do with networks or files.
/// </summary>
public sealed partial class SilenceTests(ITestOutputHelper output)
{
    /// <summary>The program has to say it to its library, so the test's own environment must not.</summary>
    private const string Switch = "ORT_DISABLE_TELEMETRY";

    [SkippableFact]
    public void A_whole_demo_opens_no_connection_and_writes_nothing_but_its_sheet()
    {
        using var folder = new TempFolder();
        string calls = folder.File("calls.txt"), sheet = folder.File("sheets/episodes.png");
        string home = Directory.CreateDirectory(folder.File("home")).FullName;
        SkipWithoutTracing(calls);
        var environment = new Dictionary<string, string?> { ["HOME"] = home, [Switch] = null, ["XDG_CACHE_HOME"] = null,
            ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null };
        using var demo = HostProcess.StartBinary("strace", environment, ["-f", "-qq", "--seccomp-bpf", "-s", "200",
            "-e", "trace=%network,%file", "-e", "signal=none", "-o", calls,
            HostProcess.Binary, "demo", Config(folder), "--seconds", "3600", "--sheet", sheet], Patience);
        Assert.True(demo.WaitForExit() == 0, demo.Error);
        string[] lines = File.ReadAllLines(calls);
        output.WriteLine($"{lines.Length} calls");
        Assert.Contains(lines, l => Writing().IsMatch(l) && l.Contains(sheet, StringComparison.Ordinal));
        string[] faults = [.. lines.Where(l => Network().IsMatch(l)
            || (Writing().IsMatch(l) && !l.Contains(Path.GetDirectoryName(sheet)!, StringComparison.Ordinal)))];
        Assert.True(faults.Length == 0, $"{faults.Length} calls that nobody asked for:\n{string.Join('\n', faults)}");
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
    }

    /// <summary>A whole demo, each of its calls stopped at: ten seconds on a machine with nothing else to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private static void SkipWithoutTracing(string calls)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        Skip.IfNot(folders.Any(f => File.Exists(Path.Combine(f, "strace"))), "'strace' is missing: apt-get install strace");
        var (exitCode, _, error) = HostProcess.RunBinary("strace", null, ["-f", "--seccomp-bpf", "-o", calls, "true"]);
        Skip.If(exitCode != 0, $"this machine lets no program trace another: {error}");
    }

    /// <summary>Enough frames for a few seconds: the event host is looked up some time after the start.</summary>
    private static string Config(TempFolder folder) => folder.Write("demo.yaml", $$"""
        runtime: { threads: 1 }
        packs:
          tabletop: { manifest: {{Path.Combine(HostProcess.Repository, "models", "tabletop", "manifest.json")}} }
        sources:
          arm:
            open: sim://tabletop?task=pick_place&seed=1&frames=600
            pack: tabletop
            take: every
            pace: free
            policy: { kind: cascade }
            deadline_ms: none
        """);

    /// <summary>Also the Unix socket of the name service, by which hosts are looked up.</summary>
    [GeneratedRegex(@"^\d+ +(socket|connect|bind|listen|send\w*)\(")]
    private static partial Regex Network();

    /// <summary>Not devices, nor the standard outputs that the program has already.</summary>
    [GeneratedRegex(@"^\d+ +(?!.*""/(dev|proc/self/fd)/)(open\w*\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)|"
        + @"(creat|mkdir|mknod|rename|link|symlink|unlink|rmdir|truncate|chmod|fchmod)\w*\()")]
    private static partial Regex Writing();
}
