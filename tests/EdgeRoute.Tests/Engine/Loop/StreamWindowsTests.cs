using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// A detector that comes back to windows of the frame, in the real loop over real sessions. Frames are twice as wide and as high as its
/// input, so that it sees every pixel in a window of half the side, and every other one in the whole frame.
/// </summary>
public sealed class StreamWindowsTests : IDisposable
{
    private const int Width = 2 * CropScene.Width, Height = 2 * CropScene.Height;

    /// <summary>In the whole frame: a sure large box, and one too doubtful to tell at three quarters of width and height.</summary>
    private static readonly SceneBox Large = Box(4, 6, 24, 36, 230), Doubtful = Box(46, 34, 50, 38, 64);

    /// <summary>In the window from the middle of the frame on: the same thing, surely; and one that the window's border cuts.</summary>
    private static readonly SceneBox Sure = Box(30, 22, 34, 26, 204), Cut = Box(0, 10, 6, 20, 250);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Detection[]> _answers = [];
    private Pack? _pack;

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("union")]
    [InlineData("boxes")]
    public void What_the_window_shows_joins_what_the_frame_showed(string merge)
    {
        using var rig = Rig($$"""{ "from": "finder", "to": "finder", "region": { "from": "doubt", "side": 0.5 }, "merge": "{{merge}}" }""");
        Feed(rig, [Large, Doubtful], [Sure, Cut]);
        Assert.Equal("finder>finder@doubt", rig.LastPath);
        Assert.Equal([230, 204], _answers[0].Select(d => (int)MathF.Round(d.Confidence * 255)));
        Assert.Equal(0.75f, _answers[0][1].Left + (_answers[0][1].Width / 2), 3);
        var window = Assert.Single(FrameAnnotation.WindowsOf(rig.LastRecord));
        Assert.Equal(new TracedWindow(0.5f, 0.5f, 0.5f, 0.5f, 1), window);
        Assert.Equal(FrameEnd.Escalated, rig.LastEnd);
    }

    [SkippableFact]
    public void Windows_of_pixels_are_so_many_pixels_wide()
    {
        using var rig = Rig("""{ "from": "finder", "to": "finder", "region": { "from": "doubt", "side": 64 }, "merge": "replace" }""");
        Feed(rig, [Large, Doubtful], [Sure, Cut]);
        var window = Assert.Single(FrameAnnotation.WindowsOf(rig.LastRecord));
        Assert.Equal((0.5f, 64f / Height), (window.Width, window.Height));
        // What replaces the answer is all that the window shows.
        Assert.DoesNotContain(_answers[0], d => d.Left < 0.1f);
    }

    [SkippableFact]
    public void Where_there_is_nothing_to_look_at_the_look_is_no_option()
    {
        using var rig = Rig("""{ "from": "finder", "to": "finder", "region": { "from": "doubt", "side": 0.5 } }""");
        Feed(rig, [Large], [Sure]);
        Assert.Equal("finder", rig.LastPath);
        Assert.Equal((1, 0), (_answers[0].Length, rig.LastRecord.WindowCount));
        var record = rig.LastRecord;
        var decision = record.Decisions[1];
        Assert.Equal(OptionDenial.NothingThere, decision.Values[1].Denial);
        Assert.Equal((decision.OptionIndex, decision.Reason), rig.Stream.Router.DecideAgain(decision, record.Signals));
    }

    [SkippableFact]
    public void Four_windows_are_four_runs_of_one_option_and_cost_as_many()
    {
        using var rig = Rig("""{ "from": "finder", "to": "finder", "region": { "from": "tiles", "side": 0.5, "count": 4 } }""");
        for (int i = 0; i < 12; i++)
        {
            Feed(rig, [Large, Doubtful], [Sure, Cut]);
        }

        Assert.Equal("finder>finder@tiles*4", rig.LastPath);
        Assert.Equal(4, rig.LastRecord.WindowCount);
        Assert.Equal(2, rig.LastRecord.DecisionCount - 1);
        var costs = rig.Stream.Router.Costs;
        int node = rig.Tree.FindPath(rig.LastPath)!.Index;
        Assert.Equal(4 * costs.OfVariant(rig.Tree.Nodes[node].VariantIndex).MsP50, costs.ToNextExit(node).MsP50, 4);
        Assert.Contains(_answers[^1], d => Math.Abs(d.Confidence - 0.8f) < 0.01f);
    }

    [SkippableFact]
    public void A_sweep_answers_as_the_loop_does_and_a_look_at_nothing_costs_nothing()
    {
        using var rig = Rig("""{ "from": "finder", "to": "finder", "region": { "from": "doubt", "side": 0.5 } }""");
        int look = rig.Tree.FindPath("finder>finder@doubt")!.VariantIndex;
        Feed(rig, [Large, Doubtful], [Sure, Cut]);
        using var sweep = new PathSweep(new LoadedPack(_pack!, rig.Tree, rig.Stages), PreprocessKernels.Default, TimeProvider.System);
        using var slot = new FrameSlot();
        Frame([Large, Doubtful], [Sure, Cut]).CopyTo(slot.Prepare(Layout));
        var swept = sweep.Run(slot).Variants;
        Assert.Equal(_answers[0], swept[look].Answer!.Detections.ToArray());
        Assert.True(swept[look].Ms > 0 && swept[look].Answer!.NodeIndex == rig.LastNodeIndex);
        Frame([Large], [Sure, Cut]).CopyTo(slot.Prepare(Layout));
        swept = sweep.Run(slot).Variants;
        Assert.Equal(0, swept[look].Ms);
        Assert.Equal(1, swept[look].Answer!.DetectionCount);
    }

    [SkippableFact]
    public void Looks_at_windows_allocate_nothing()
    {
        using var rig = Rig("""
            { "from": "finder", "to": "finder", "region": { "from": "doubt", "side": 0.5 } },
            { "from": "finder", "to": "finder", "region": { "from": "motion", "side": 0.4 }, "merge": "boxes" },
            { "from": "finder", "to": "finder", "region": { "from": "drift", "side": 0.4, "count": 2 } }
            """);
        rig.OnAnswer = null;
        byte[][] frames = [.. Enumerable.Range(0, 16).Select(i =>
            Frame([Large, Doubtful with { Left = (byte)(40 + (i % 5)) }], [Sure, Cut], i))];
        int at = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => rig.Feed(Layout, frames[at++ % frames.Length])));
        Assert.True(rig.CountOf("finder>finder@doubt") > 100);
    }

    private static FrameLayout Layout => FrameLayout.Packed(PixelFormat.Rgb, Width, Height);

    private static SceneBox Box(byte left, byte top, byte right, byte bottom, byte confidence) =>
        new(left, top, right, bottom, [90, 90, 90], confidence);

    private PackRig Rig(string look)
    {
        _pack = PackReader.Read(CropScene.WriteWithEdges(_folder, $$"""{ "from": "frame", "to": "finder" }, {{look}}"""));
        var name = new RouteTree(_pack.Graph).Nodes[1].Options[1].Name;
        var rig = new PackRig(_pack, tree => new FixedPolicy(tree, "finder>" + name));
        rig.OnAnswer = answer => _answers.Add([.. answer.Detections]);
        return rig;
    }

    private static void Feed(PackRig rig, SceneBox[] whole, SceneBox[] window) => rig.Feed(Layout, Frame(whole, window));

    /// <summary>
    /// The first two rows tell the boxes of the whole frame, each byte in a square of two by two; the middle row, from the middle on,
    /// those of the window there.
    /// </summary>
    private static byte[] Frame(SceneBox[] whole, SceneBox[] window, int seed = 0)
    {
        byte[] frame = new byte[Layout.SizeBytes];
        frame.AsSpan(Width * 3 * 2).Fill((byte)(20 + seed));
        frame.AsSpan(Width * 3 * (Height / 2), Width * 3).Clear();
        byte[] told = CropScene.Told(whole), inside = CropScene.Told(window);
        for (int i = 0; i < told.Length; i++)
        {
            for (int pixel = 0; pixel < 4; pixel++)
            {
                frame[((pixel / 2 * Width) + (2 * i) + (pixel % 2)) * 3] = told[i];
            }
        }

        for (int i = 0; i < inside.Length; i++)
        {
            frame[((Height / 2 * Width) + (Width / 2) + i) * 3] = inside[i];
        }

        return frame;
    }
}
