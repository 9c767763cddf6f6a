using System.Globalization;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary with a source in a process of its own, which is ended again and again.</summary>
public sealed class IsolationTests : IDisposable
{
    private const int KillCount = 100;
    private const int Kill = 9;
    private const int Crash = 11;
    private const int Terminate = 15;

    /// <summary>Frames after which a source counts as healthy; killed sooner, it would be opened again ever later.</summary>
    private const int HealthyFrameCount = 30;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Killed_a_hundred_times_a_source_goes_on_each_time_and_the_one_beside_it_loses_no_frame()
    {
        SkipWithoutGstreamer();
        using var host = HostProcess.Start("run", Config(), "--json");
        await host.Line("first frame done");
        using var owner = ChannelClient.Unix(_folder.File("control.sock"));
        owner.Hello();
        owner.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = "telemetry", RateHz = 20 });
        Until(owner, s => s.Captured > HealthyFrameCount);
        int files = OpenFilesOf(host.Id);
        for (int i = 1; i <= KillCount; i++)
        {
            End(ChildOf(host.Id), i % 4 == 0 ? Crash : Kill);
            long restarts = i, before = Until(owner, s => s.SourceRestarts >= restarts)[0].Captured;
            var streams = Until(owner, s => s.Captured > before + HealthyFrameCount);
            Assert.Equal((restarts, restarts), (streams[0].SourceRestarts, streams[0].SourceFaults));
            Assert.Equal((0, 0, 0), (streams[1].Dropped, streams[1].Failed, streams[1].SourceFaults));
        }

        Assert.InRange(OpenFilesOf(host.Id), files - 2, files + 2);
        host.Signal(Terminate);
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.Contains("was ended by signal 9 (SIGKILL)", host.Error, StringComparison.Ordinal);
        Assert.Contains("was ended by signal 11 (SIGSEGV): a library that it runs crashed", host.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_process_ends_when_the_one_that_began_it_is_killed()
    {
        SkipWithoutGstreamer();
        using var host = HostProcess.Start("run", Config());
        await host.Line("first frame done");
        int child = ChildOf(host.Id);
        // Others can read a command line, so the address and its secrets are not there.
        Assert.Equal("/proc/self/exe\0capture-child\0", File.ReadAllText($"/proc/{child}/cmdline"));
        host.Signal(Kill);
        host.WaitForExit();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (IsRunning(child))
        {
            Assert.False(limit.IsCancellationRequested, "the capture process outlives the engine");
            await Task.Yield();
        }
    }

    [SkippableFact]
    public void A_pipeline_that_aborts_its_process_ends_no_other()
    {
        SkipWithoutGstreamer();
        // A warning of GLib is an abort of the process that it happens in; a range without room in it is such a warning.
        string address = "pipeline: 'videotestsrc num-buffers=3 ! video/x-raw,width=[9,3] ! videoconvert', live: false";
        var (exitCode, output, error) = HostProcess.RunBinary(HostProcess.Binary, new Dictionary<string, string?> { ["G_DEBUG"] =
            "fatal-warnings" }, "run", Config(address, frames: 40), "--json");
        Assert.Contains("a library that it runs crashed", error, StringComparison.Ordinal);
        Assert.NotEqual(0, exitCode);
        var ends = HostProcess.ReportOf(output).GetProperty("sources")[1].GetProperty("ends");
        Assert.Equal((40, 0), (ends.GetProperty("captured").GetInt32(), ends.GetProperty("failed").GetInt32()));
    }

    [Fact]
    public void A_source_that_acts_cannot_be_isolated()
    {
        var (exitCode, _, error) = HostProcess.Run("run", Config("open: 'sim://tabletop?task=pick_place', take: every, pace: free"));
        Assert.True(exitCode == 2, error);
        Assert.Contains("'isolate' is true", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_verb_is_not_for_people()
    {
        var (exitCode, _, error) = HostProcess.Run("capture-child");
        Assert.Equal(2, exitCode);
        Assert.Contains("isolate: true", error, StringComparison.Ordinal);
        Assert.DoesNotContain("capture-child", HostProcess.Run("--help").Output, StringComparison.Ordinal);
    }

    private string Config(string? address = null, int frames = 0)
    {
        address ??= "pipeline: 'videotestsrc is-live=true pattern=ball ! video/x-raw,format=NV12,width=64,height=48,framerate=200/1'";
        return _folder.Write("device.yaml", $$"""
            runtime: { threads: 1 }
            packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} } }
            sources:
              hurt: { {{address}}, isolate: true, pack: shapes, policy: { kind: fixed, path: light } }
              beside: { open: 'sim://tabletop?seed=3&width=64&height=48&fps=20&frames={{frames}}', take: every, pace: source,
                        pack: shapes, policy: { kind: fixed, path: light } }
            control: { unix: {{_folder.File("control.sock")}} }
            """);
    }

    /// <summary>The first fault signal from outside only takes the runtime's own handler away, so it is sent until it has ended.</summary>
    private static void End(int process, int signal)
    {
        while (IsRunning(process))
        {
            HostProcess.Send(signal, process);
        }
    }

    /// <summary>All streams, once it is so of the first.</summary>
    private static List<StreamStatus> Until(ChannelClient owner, Func<StreamStatus, bool> isSo)
    {
        List<StreamStatus> streams;
        do
        {
            streams = owner.Notification<TelemetryMessage>(ControlNotification.Telemetry).Status.Streams;
        }
        while (!isSo(streams[0]));
        return streams;
    }

    /// <summary>The process whose parent is this one.</summary>
    private static int ChildOf(int parent)
    {
        var children = Directory.GetDirectories("/proc").Select(Path.GetFileName).OfType<string>().Where(n => n.All(char.IsAsciiDigit))
            .Select(n => int.Parse(n, CultureInfo.InvariantCulture)).Where(id => ParentOf(id) == parent);
        return Assert.Single(children);
    }

    /// <summary>The fourth word, the name in brackets being the second; 0 where it has ended meanwhile.</summary>
    private static int ParentOf(int id) => WordsOf(id) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    private static bool IsRunning(int id) => WordsOf(id) is [not "Z", ..];

    private static string[] WordsOf(int id)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int OpenFilesOf(int id) => Directory.GetFileSystemEntries($"/proc/{id}/fd").Length;

    private static void SkipWithoutGstreamer()
    {
        using var folder = new TempFolder();
        string config = folder.Write("device.yaml",
            "packs: { none: { manifest: none.json } }\nsources: { s: { open: 'test://smpte', pack: none } }\n");
        Skip.If(HostProcess.Run("doctor", config).ExitCode != 0, "GStreamer or its test source is not on this machine");
    }
}
