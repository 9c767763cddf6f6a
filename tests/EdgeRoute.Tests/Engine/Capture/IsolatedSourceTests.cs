using System.Diagnostics;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.TestBench.Capture;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>A source in a real process of its own: its frames, its crashes, and what it may not do to this process.</summary>
public sealed class IsolatedSourceTests : IDisposable
{
    private const int KillCount = 20;
    private const int SignalKill = 9;
    private const int SignalCrash = 11;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _reports = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Frames_are_those_of_the_source_itself_and_so_is_the_end()
    {
        WritePictures();
        File.WriteAllText(_folder.File("1b.jpg"), "no picture");
        File.WriteAllText(_folder.File("notes.txt"), "no picture either");
        var alone = new PictureFolderSource(_folder.Path, SourceOptions.Usual, TimeProvider.System);
        using var plain = new CaptureRun(alone, DeliveryMode.EveryFrame);
        using var isolated = new CaptureRun(Isolated(isLive: false, new SourceOptions()), DeliveryMode.EveryFrame);
        Assert.Equal(FramesOf(plain), FramesOf(isolated));
        Assert.Equal(SourceFault.None, isolated.WaitFor<SourceEnded>().Fault);
        Assert.Contains("'notes.txt'", Assert.Single(isolated.Seen.OfType<SourceNoted>()).Text, StringComparison.Ordinal);
        Assert.Contains("1b.jpg", Assert.Single(isolated.Seen.OfType<SourceFaulted>()).Fault.Detail, StringComparison.Ordinal);
        Assert.Equal(0, isolated.Thread.Tally.FaultCount(SourceFaultKind.StreamError));
    }

    [SkippableTheory]
    [InlineData(SignalKill, " 9 (SIGKILL)")]
    [InlineData(SignalCrash, "): a library that it runs crashed")]
    public void A_process_that_is_ended_is_a_fault_in_words_and_the_next_one_goes_on(int signal, string words)
    {
        WritePictures();
        var source = Isolated(isLive: true, new SourceOptions { Loops = true });
        using var run = new CaptureRun(source, DeliveryMode.EveryFrame);
        for (int i = 0; i < KillCount / (signal == SignalKill ? 1 : 4); i++)
        {
            // As many as make it healthy again, or the pauses would grow.
            run.Take(2 * RestartBackoff.HealthyFrameCount);
            int id = source.ChildId;
            while (source.ChildId == id)
            {
                // Again, too: the first fault signal from outside only takes the runtime's own handler away.
                Send(signal, id);
                run.Take(1);
            }

            // A fault signal that comes while managed code runs is taken for that code's, and the runtime aborts: SIGABRT then.
            string detail = run.WaitFor<SourceFaulted>().Fault.Detail;
            Assert.Contains($"{id} was ended by signal ", detail, StringComparison.Ordinal);
            Assert.Contains(words, detail, StringComparison.Ordinal);
            Assert.False(Directory.Exists($"/proc/{id}"), "the process that was ended is not collected");
        }

        run.Take(1);
        Assert.Equal(run.Thread.Tally.RestartCount, run.Thread.Tally.FaultCount(SourceFaultKind.StreamError));
    }

    [SkippableFact]
    public void A_process_that_stands_still_is_killed_like_a_camera_that_does()
    {
        WritePictures();
        var source = Isolated(isLive: true, new SourceOptions { Loops = true });
        using var run = new CaptureRun(source, DeliveryMode.EveryFrame, new CaptureLimits(StallMs: 500, FirstFrameMs: 60_000));
        run.Take(5);
        int id = source.ChildId;
        Send(19, id);
        while (source.ChildId == id)
        {
            run.Take(1);
        }

        Assert.Equal(SourceFaultKind.Stall, run.WaitFor<SourceFaulted>().Fault.Kind);
        Assert.False(Directory.Exists($"/proc/{id}"));
        run.Take(1);
    }

    [SkippableFact]
    public void What_cannot_be_opened_is_told_in_the_words_of_the_source()
    {
        using var source = Isolated(isLive: false, new SourceOptions());
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        Assert.Equal(ReadOutcome.Fault, Next(source, slot));
        Assert.Equal(SourceFaultKind.OpenFailed, source.Fault.Kind);
        Assert.Contains("has no picture", source.Fault.Detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("stride", "bytes; 1..")]
    [InlineData("offset", "bytes; 1..")]
    [InlineData("outside", "bytes; 1..")]
    [InlineData("format", "does not exist")]
    [InlineData("side", "sides")]
    [InlineData("jpeg", "bytes; 1..")]
    [InlineData("sequence", "gives frame 7 where 0 is due")]
    [InlineData("word", "nobody understands")]
    [InlineData("short", "a frame's message of 20 bytes")]
    [InlineData("exit", "ended with exit code 7")]
    [InlineData("abort", "(SIGABRT)")]
    [InlineData("flood", "does not listen any more")]
    public void What_a_broken_process_says_is_checked(string kind, string words)
    {
        using var source = Isolated(isLive: false, new SourceOptions(), "hostile-child", kind);
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        ReadOutcome outcome;
        do
        {
            outcome = Next(source, slot);
        }
        while (outcome == ReadOutcome.Frame);
        Assert.Equal(ReadOutcome.Fault, outcome);
        Assert.Contains(words, source.Fault.Detail, StringComparison.Ordinal);
        source.Close();
        Assert.False(Directory.Exists($"/proc/{source.ChildId}"));
    }

    [SkippableFact]
    public void A_message_longer_than_any_is_a_fault()
    {
        using var source = Isolated(isLive: false, new SourceOptions(), "hostile-child", "long");
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        Assert.Contains("60000 bytes", Assert.Throws<IOException>(() => Next(source, slot)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_frame_allocates_nothing_here()
    {
        WritePictures();
        using var source = Isolated(isLive: false, new SourceOptions { Loops = true });
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => _ = Next(source, slot)));
        Assert.Equal(SourceFault.None, source.Fault);
    }

    [Fact]
    public void What_is_asked_for_arrives_whole()
    {
        var options = new SourceOptions { Pace = SourcePace.Source, Loops = true, FramesPerSecond = 12.5, IsLive = false,
            Delivery = DeliveryMode.NewestWins, RtspLatencyMs = 40 };
        var request = new SourceRequest("rtsp://camera/1?é", options);
        Assert.Equal(request, SourceRequest.Of(request.ToBytes()));
        var usual = new SourceRequest("x ! y", SourceOptions.Usual);
        Assert.Equal(usual, SourceRequest.Of(usual.ToBytes()));
    }

    [Fact]
    public void The_name_of_a_picture_comes_with_its_frame()
    {
        byte[] room = new byte[ChildMessages.BytesMax];
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 4, 4);
        var names = new PictureNameCache();
        string[] all = ["", "caf\u00e9.png", new string('x', ChildMessages.NameLimit), .. Enumerable.Range(0, 200).Select(i => $"{i}.png")];
        foreach (string name in all.Concat(all))
        {
            var message = ChildMessages.Frame(room, default, layout, name);
            Assert.Null(ChildMessages.FindProblem(message, out _, out _));
            Assert.Equal(name, names.Of(ChildMessages.NameOf(message)) ?? "");
        }
    }

    [Fact]
    public void Text_from_a_process_has_no_control_characters_and_no_secrets()
    {
        var fault = ChildMessages.TextOf(ChildMessages.Text(ChildWord.Fault, (SourceFaultKind)77, "\u001b[2Jrtsp://bob:s3cret@camera\n"));
        Assert.Equal((SourceFaultKind.StreamError, " [2Jrtsp://***@camera "), (fault.Kind, fault.Detail));
        byte[] endless = ChildMessages.Text(ChildWord.Fault, 0, new string('x', 9999));
        Assert.Equal(ChildMessages.TextLimit, ChildMessages.TextOf(endless).Detail.Length);
    }

    /// <summary>By the program beside the tests, as the host would do it.</summary>
    private IsolatedSource Isolated(bool isLive, SourceOptions options, params string[] verb)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes share memory and sockets in the way of Linux");
        string program = Path.Combine(AppContext.BaseDirectory, "EdgeRoute.TestBench.dll");
        return new IsolatedSource(new ScriptedSource(isLive, null), new SourceRequest(_folder.Path, options),
            ["dotnet", program, .. verb.Length > 0 ? verb : [CaptureChild.Verb]], _reports.Add)
        {
            // A busy machine takes its time over the end of a process; the flood is of one that goes on.
            EndLimitMs = verb.Contains("flood") ? 200 : 60_000,
        };
    }

    private void WritePictures()
    {
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllBytes(_folder.File($"{i}.jpg"), PictureMaker.Jpeg(32 + (8 * i), 24));
        }
    }

    private static ReadOutcome Next(IsolatedSource source, FrameSlot slot)
    {
        var outcome = ReadOutcome.Nothing;
        long endMs = Environment.TickCount64 + CaptureRun.PatienceMs;
        while (outcome == ReadOutcome.Nothing && Environment.TickCount64 < endMs)
        {
            outcome = source.Read(slot, CaptureLimits.ReadWaitMs, out _);
        }

        return outcome;
    }

    private static List<string> FramesOf(CaptureRun run)
    {
        var seen = new List<string>();
        run.Take(int.MaxValue, slot => seen.Add($"{slot.Layout} {Convert.ToHexString(slot.Bytes)}"));
        return seen;
    }

    private static void Send(int signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
    }
}
