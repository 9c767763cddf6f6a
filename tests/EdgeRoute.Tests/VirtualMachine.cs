using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeRoute.TestBench.Capture;

namespace EdgeRoute.Tests;

/// <summary>A User-Mode-Linux machine with virtual hardware that boots in seconds without rights; it sees this machine's files.</summary>
internal static class VirtualMachine
{
    private const int LimitMs = 900_000;

    /// <summary>The program of the bench, as a job's script starts it.</summary>
    public static string Bench
    {
        get
        {
            string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            return $"'{dotnet}' '{typeof(V4l2Bench).Assembly.Location}'";
        }
    }

    /// <summary>Boots it, loads the modules that a fixture lists, runs a script and returns its output. Skips where it cannot.</summary>
    public static string Run(string modules, string job)
    {
        string archive = TestPlaces.NeedBench("uml-6.1.192.tgz");
        Skip.IfNot(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the bench is built for x64");
        Skip.IfNot(File.Exists("/usr/sbin/insmod") || File.Exists("/sbin/insmod"), "needs insmod: apt-get install kmod");
        using var folder = new TemporaryFolder();
        Run("tar", ["xzf", archive, "-C", folder.Path]);
        return Run(
            folder.File("linux.s"),
            [
                "mem=1024M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                $"init={TestPlaces.Fixture("bench", "init.sh")}", "con=null", "con0=null,fd:1", "quiet",
                $"BENCH_MODULES={folder.File("mods")}", $"BENCH_ORDER={TestPlaces.Fixture("bench", modules)}",
                $"BENCH_JOB={folder.Write("job.sh", job)}",
            ]);
    }

    private static string Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(LimitMs))
        {
            process.Kill(entireProcessTree: true);
        }

        return output.GetAwaiter().GetResult();
    }
}
