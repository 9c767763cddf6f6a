using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>The kernel's own V4L2 with its virtual camera, in a User-Mode-Linux machine that boots in seconds without rights.</summary>
public sealed class V4l2Tests
{
    private const int LimitMs = 900_000;

    [SkippableFact]
    public void A_kernel_camera_is_read_lost_and_found_again()
    {
        string archive = TestPlaces.NeedBench("uml-6.1.192.tgz");
        GstNeeds.TestPicture();
        GstNeeds.Elements(("v4l2src", "gstreamer1.0-plugins-good"));
        Skip.IfNot(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the bench is built for x64");
        Skip.IfNot(File.Exists("/usr/bin/v4l2-ctl"), "needs v4l2-ctl: apt-get install v4l-utils");
        Skip.IfNot(File.Exists("/usr/sbin/insmod") || File.Exists("/sbin/insmod"), "needs insmod: apt-get install kmod");
        using var folder = new TemporaryFolder();
        Run("tar", ["xzf", archive, "-C", folder.Path]);
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string job = folder.Write("job.sh", $"cd /run && exec '{dotnet}' '{typeof(V4l2Bench).Assembly.Location}' v4l2-unplug\n");
        string output = Run(
            folder.File("linux.s"),
            [
                "mem=1024M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", $"init={TestPlaces.Fixture("bench", "init.sh")}",
                "con=null", "con0=null,fd:1", "quiet",
                $"BENCH_MODULES={folder.File("mods")}", $"BENCH_ORDER={TestPlaces.Fixture("bench", "camera-modules")}", $"BENCH_JOB={job}",
            ]);
        Assert.Contains("FRAMES Yuy2 320x180", output, StringComparison.Ordinal);
        Assert.Contains("FAULT StreamError", output, StringComparison.Ordinal);
        Assert.Contains("AGAIN True 0", output, StringComparison.Ordinal);
        Assert.Contains("JOB_RC=0", output, StringComparison.Ordinal);
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
