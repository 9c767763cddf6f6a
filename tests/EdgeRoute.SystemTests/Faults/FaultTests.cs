using System.Globalization;
using Xunit.Abstractions;

namespace EdgeRoute.SystemTests.Faults;

/// <summary>The short form of <c>./build.sh soak faults</c>: a disk, descriptors and memory that fail under frames and channel.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const string Python = "/usr/bin/python3";

    private const double Seconds = 20;

    [SkippableFact]
    public void Under_random_faults_the_program_lives_and_its_counts_and_its_journal_are_true()
    {
        Skip.IfNot(File.Exists(Python) && HostProcess.RunBinary(Python, null, "-c", "import msgpack").ExitCode == 0,
            "needs the Debian package python3-msgpack");
        Skip.IfNot(HostProcess.RunBinary("sh", null, "-c", "command -v gcc").ExitCode == 0, "needs the Debian package gcc");
        string script = Path.Combine(HostProcess.Repository, "tests", "EdgeRoute.SystemTests", "Faults", "soak.py");
        using var soak = HostProcess.StartBinary(Python, new Dictionary<string, string?> { ["EDGEROUTED"] = HostProcess.Binary }, script,
            Seconds.ToString(CultureInfo.InvariantCulture), "22");
        int exitCode = soak.WaitForExit();
        output.WriteLine(soak.Output);
        Assert.True(exitCode == 0, soak.Output + soak.Error);
    }
}
