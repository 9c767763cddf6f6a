using System.Diagnostics;
using EdgeRoute.Documents.Configs;

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
            StringComparison.Ordinal);
        var start = new ProcessStartInfo(Tool, ["verify", "--man=no", folder.Write("edgeroute.service", unit)]) { RedirectStandardError =
            true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", output);
        Assert.Equal(0, process.ExitCode);
    }
}
