using EdgeRoute.Documents;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Tests.Engine.Capture;
using EdgeRoute.Workbench.Sweeps;
using Act = EdgeRoute.Tests.Engine.Capture.ScriptedSource.Act;

namespace EdgeRoute.Tests.Workbench.Sweeps;

/// <summary>Sources that end otherwise than with their end: what came before is kept, and why no more did is told.</summary>
public sealed class BrokenSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nothing", "it has given neither a frame nor its end for 0 s, so that what decodes it most likely hangs")]
    [InlineData("fault", "broken by script")]
    [InlineData("end", null)]
    public void A_sweep_says_why_its_source_broke_off(string last, string? reason)
    {
        var (request, warnings) = (RequestOf(last), new List<string>());
        var swept = SweepRun.Run(request, new SweepFolder(_folder.File("sweep")), long.MaxValue,
            (level, text) => warnings.AddRange(level == ReportLevel.Warning ? [text] : Array.Empty<string>()), _ => { },
            CancellationToken.None);
        Assert.Equal(3, swept.Frames.Count);
        Assert.Equal(reason is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, w => Assert.StartsWith($"source 'scripted://x' broke off before its end, after 3 frames: {reason}", w,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Frames_that_are_counted_say_it_too()
    {
        var warnings = new List<string>();
        Assert.Equal(3, SweepRun.CountFrames(RequestOf("nothing"), long.MaxValue,
            (level, text) => warnings.AddRange(level == ReportLevel.Warning ? [text] : Array.Empty<string>()), _ => { },
            CancellationToken.None));
        Assert.Contains("broke off before its end, after 3 frames", Assert.Single(warnings), StringComparison.Ordinal);
    }

    /// <summary>Three frames, then for ever what is asked for.</summary>
    private static EdgeRoute.Engine.Sweeping.SweepRequest RequestOf(string last)
    {
        IFrameSource? Make(CaptureAddress address, EdgeRoute.Documents.Configs.SourceOptions options, ref string problem) =>
            new ScriptedSource(false, null, [Act.Opens, .. Act.Many(Act.Frame with { Width = 160, Height = 120 }, 3),
                .. Act.Many(new Act(last), 1000)]);
        return ShapesSweeps.RequestOf("scripted://x") with
        {
            SilenceMost = TimeSpan.Zero, Schemes = new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["scripted"] = Make },
        };
    }
}
