using System.Diagnostics;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;

namespace EdgeRoute.TestBench.Capture;

/// <summary>Runs inside the bench: frames from a kernel camera, the camera goes away, the source finds out and takes it back.</summary>
internal static class V4l2Bench
{
    private const string Address = "v4l2:///dev/video0?width=320&height=180&fps=25";

    public static int Unplug()
    {
        if (!new SourceFactory(TimeProvider.System).TryMake(Address, SourceOptions.Usual, out var source, out string problem))
        {
            Console.WriteLine(problem);
            return 1;
        }

        // First start of GStreamer in the bench searches all plugins: seconds there, and minutes on a machine that has other work.
        using var run = new CaptureRun(source, DeliveryMode.NewestWins, new CaptureLimits(StallMs: 30_000, FirstFrameMs: 200_000));
        FrameLayout layout = default;
        run.Take(10, slot => layout = slot.Layout);
        Console.WriteLine($"FRAMES {layout.Format} {layout.Width}x{layout.Height}");
        using var unplug = Process.Start("v4l2-ctl", ["-d", "/dev/video0", "--set-ctrl=disconnect=1"]);
        unplug.WaitForExit();
        Console.WriteLine($"FAULT {run.WaitFor<SourceFaulted>().Fault.Kind}");
        run.WaitFor<SourceOpened>(_ => run.Seen.OfType<SourceFaulted>().Any());
        run.Take(10);
        bool isStopped = run.Thread.Stop();
        var counts = run.Exchange.Counts;
        Console.WriteLine($"AGAIN {isStopped} {counts.Captured - counts.Taken - counts.Dropped}");
        return 0;
    }
}
