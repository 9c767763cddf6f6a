using System.Diagnostics;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class ShippedConfigTests
{
    private static string Folder => Path.Combine(TestPlaces.Repository, "device-configs");

    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal);

    [Fact]
    public void Every_shipped_config_is_read_without_a_problem()
    {
        Assert.True(Files.Count() >= 3, "the shipped configs are gone");
        Assert.All(Files, file => Assert.Empty(DeviceConfigReader.ReadFile(file, checkPaths: false).Problems));
    }

    /// <summary>
    /// As `edgerouted check` does. What stands for a board of another kind (its folders, its library, its camera) is put in its place.
    /// </summary>
    [Fact]
    public void A_check_finds_every_shipped_config_right()
    {
        using var folder = new TemporaryFolder();
        var board = new Dictionary<string, string>
        {
            ["../../out"] = folder.Path,
            ["/opt/onnxruntime/lib/libonnxruntime.so"] = TestPlaces.OnnxRuntimeLibrary,
            ["/var/lib/edgeroute/packs/detect"] = Path.Combine(TestPlaces.Repository, "models", "shapes"),
            ["/var/lib/edgeroute"] = folder.Path,
            ["/run/edgeroute"] = folder.Path,
            ["nvarguscamerasrc sensor-id=0"] = "videotestsrc",
            ["(memory:NVMM)"] = "",
            ["nvvidconv"] = "videoconvert",
        };
        foreach (string file in Files)
        {
            string text = board.Aggregate(File.ReadAllText(file), (t, b) => t.Replace(b.Key, b.Value, StringComparison.Ordinal));
            var reading = DeviceConfigReader.ReadText(text, file);
            Assert.True(reading.Config is not null, string.Join('\n', reading.Problems));
            Assert.Equal([], [.. StartCheck.Problems(reading.Config!, SimulatedSources.Schemes),
                .. ConfigTrial.ProblemsOfMachine(reading.Config!, _ => { })]);
        }
    }

    /// <summary>The daemon says when it is ready and that it is alive; a unit that does not ask would never hear it.</summary>
    [Fact]
    public void The_unit_listens_to_what_the_daemon_says()
    {
        string unit = File.ReadAllText(Path.Combine(Folder, "edgeroute.service"));
        Assert.All(["\nType=notify\n", "\nWatchdogSec=", "\nTimeoutStartSec="], l => Assert.Contains(l, unit, StringComparison.Ordinal));
    }

    [Fact]
    public void README_names_every_shipped_file()
    {
        string readme = File.ReadAllText(Path.Combine(Folder, "README.md"));
        Assert.All(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f))
            .Where(f => f != "README.md"),
            f => Assert.Contains($"`{f}`", readme, StringComparison.Ordinal));
    }

    /// <summary>Its exit code stays 0 for unknown keys and wrong values, so any output at all is a failure.</summary>
    [SkippableFact]
    public void Systemd_accepts_the_unit()
    {
        const string Tool = "/usr/bin/systemd-analyze";
        Skip.IfNot(File.Exists(Tool), "needs systemd-analyze (Debian package systemd)");
        using var folder = new TemporaryFolder();
        string unit = File.ReadAllText(Path.Combine(Folder, "edgeroute.service")).Replace("/usr/bin/edgerouted", "/bin/true",
            StringComparison.Ordinal).Replace("/usr/lib/edgeroute/config-start", "/bin/true", StringComparison.Ordinal);
        var start = new ProcessStartInfo(Tool, ["verify", "--man=no", folder.Write("edgeroute.service", unit)]) { RedirectStandardError =
            true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", output);
        Assert.Equal(0, process.ExitCode);
    }
}
