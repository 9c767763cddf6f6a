namespace EdgeRoute.SystemTests;

/// <summary>The published binary on a machine that lacks something: one line that says what, and the exit code of a start error.</summary>
public sealed class MachineTests
{
    private const string Config = "device-configs/examples/shapes.yaml";

    [SkippableTheory]
    [InlineData("/proc", "mount -t proc")]
    [InlineData("/dev", "mount -t devtmpfs")]
    public void Without_the_kernels_folders_it_says_so(string folder, string remedy)
    {
        var (probe, _, denied) = HostProcess.RunBinary("unshare", null, "-rm", "mount", "-t", "tmpfs", "none", folder);
        Skip.If(probe != 0, $"this machine lets no test cover {folder}: {denied}");
        foreach (string verb in new[] { "run", "check" })
        {
            Refused(HostProcess.RunBinary("unshare", null, "-rm", "bash", "-c",
                $"mount -t tmpfs none {folder} && exec '{HostProcess.Binary}' {verb} {Config}"), folder, remedy);
        }
    }

    [Fact]
    public void With_too_few_open_files_it_says_how_many_it_needs() =>
        Refused(Limited("ulimit -n 40", "run"), "may open 40 files at once and needs 256", "LimitNOFILE=1024");

    [Fact]
    public void Where_no_TLS_library_can_be_loaded_the_package_is_named()
    {
        using var folder = new TempFolder();
        folder.Write("libssl.so.3", "");
        folder.Write("libssl.so.1.1", "");
        var environment = new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = folder.Path };
        Refused(HostProcess.RunBinary(HostProcess.Binary, environment, "run", Config), "OpenSSL", "apt-get install libssl3");
    }

    /// <summary>Nothing is locked into memory, so no limit of that kind is in the way.</summary>
    [Fact]
    public void Without_leave_to_lock_memory_it_runs()
    {
        var (exitCode, _, error) = Limited("ulimit -l 0", "run");
        Assert.True(exitCode == 0, error);
    }

    private static (int ExitCode, string Output, string Error) Limited(string limit, string verb) => HostProcess.RunBinary("bash", null,
        "-c", $"{limit} && exec '{HostProcess.Binary}' {verb} {Config} --frames 3 --quiet");

    private static void Refused((int ExitCode, string Output, string Error) run, string what, string remedy)
    {
        Assert.True(run.ExitCode == 1, $"exit code {run.ExitCode}: {run.Error}");
        string line = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("edgerouted: ", line, StringComparison.Ordinal);
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
    }
}
