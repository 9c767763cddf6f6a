using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// Stages on crops of boxes, in the real loop over real sessions: what they see, when they look, and what becomes of faults.
/// </summary>
public sealed class StreamCropsTests : IDisposable
{
    private static readonly byte[] Red = [250, 10, 10], Green = [10, 240, 10], Blue = [10, 10, 230], Bright = [255, 255, 255];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];
    private readonly List<List<Seen>> _frames = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Each_box_gets_what_the_stage_says_of_its_own_pixels()
    {
        using var rig = Rig(CropScene.Colour());
        Feed(rig, new SceneBox(8, 8, 24, 24, Red), new SceneBox(36, 10, 60, 40, Blue, 180));
        Assert.Equal([Red, Blue], _frames[0].Select(s => s.Bytes));
        Assert.Equal(2, rig.LastRecord.CropCount);
        Assert.True(rig.LastRecord.CropsMicroseconds * 1000L <= rig.LastRecord.PreprocessNs + rig.LastRecord.StagesNs
            + rig.LastRecord.HeadsNs);
        Assert.Equal(2, Assert.Single(rig.Stream.Crops).RunCount);
    }

    /// <summary>
    /// Half a side is added on each side: of the eight columns of the tensor four lie in the box. In the corner of the frame five do.
    /// </summary>
    [SkippableFact]
    public void A_crop_is_expanded_as_far_as_the_frame_reaches()
    {
        using var rig = Rig(CropScene.Colour(""", "expand": 0.5"""));
        Feed(rig, new SceneBox(16, 12, 32, 28, Red));
        Feed(rig, new SceneBox(48, 32, 64, 48, Green));
        Assert.Equal(20 + (230 * 16 / 64f), Assert.Single(_frames[0]).Values[0], 2);
        Assert.Equal(20 + (220 * 25 / 64f), Assert.Single(_frames[1]).Values[1], 2);
    }

    [SkippableFact]
    public void Classes_and_texts_come_with_their_probabilities()
    {
        using var rig = Rig(CropScene.Hue(), CropScene.Plate());
        Feed(rig, new SceneBox(8, 8, 24, 24, Green));
        var (hue, plate) = (_frames[0][0], _frames[0][1]);
        Assert.Equal([1f, 0f], [hue.Values[0], hue.Values[2]]);
        Assert.InRange(hue.Values[1], 0.99f, 1);
        Assert.Equal("AB", TextValues.Read(plate.Values, ["A", "B"]));
        Assert.Equal(0.7f, TextValues.ConfidenceOf(plate.Values), 5);
    }

    [SkippableFact]
    public void A_known_object_costs_nothing_until_its_answer_is_too_old()
    {
        using var rig = Rig(CropScene.Colour(""", "refresh_ms": 80"""));
        for (int i = 0; i < 6; i++)
        {
            Feed(rig, new SceneBox((byte)(8 + i), 8, (byte)(24 + i), 24, i == 0 ? Red : Blue));
        }

        // Frames come every 33 ms: the first and the fourth are looked at.
        Assert.Equal([Red, Red, Red, Blue, Blue, Blue], _frames.Select(f => f[0].Bytes));
        Assert.Equal([0, 33, 66, 0, 33, 66], _frames.Select(f => (int)f[0].AgeMs));
        Assert.Equal((2, 4), (rig.Stream.Crops[0].RunCount, rig.Stream.Crops[0].KnownCount));
    }

    [SkippableFact]
    public void An_object_that_has_come_nearer_is_looked_at_again()
    {
        using var rig = Rig(CropScene.Colour());
        Feed(rig, new SceneBox(20, 16, 36, 32, Red));
        Feed(rig, new SceneBox(19, 15, 37, 33, Blue));
        Feed(rig, new SceneBox(16, 12, 42, 37, Blue));
        Assert.Equal([Red, Red, Blue], _frames.Select(f => f[0].Bytes));
    }

    [SkippableFact]
    public void A_reused_answer_keeps_its_crops_and_runs_none()
    {
        using var rig = Rig(Cascade(CropScene.Colour(""", "refresh_ms": 0"""), CropScene.Hue()));
        byte[] frame = CropScene.Frame(new SceneBox(8, 8, 24, 24, Red));
        Feed(rig, frame);
        Feed(rig, frame);
        Assert.Equal(FrameEnd.Skipped, rig.LastEnd);
        Assert.Equal(0, rig.LastRecord.CropCount);
        Assert.Equal(2, _frames[1].Count);
        Assert.Equal(Red, _frames[1][0].Bytes);
        Assert.Equal(33, _frames[1][0].AgeMs);
    }

    [SkippableFact]
    public void At_most_so_many_crops_a_frame_the_surest_first_and_the_rest_later()
    {
        using var rig = Rig(CropScene.Colour(""", "at_most": 1, "least_pixels": 8, "classes": ["car"]"""));
        SceneBox[] boxes = [new(4, 4, 14, 14, Green, 120), new(20, 4, 34, 18, Red), new(40, 4, 58, 20, Blue, 250, Class: 1)];
        Feed(rig, boxes);
        Feed(rig, [.. boxes.Select(b => b with { Top = (byte)(b.Top + 1), Bottom = (byte)(b.Bottom + 1) })]);
        Assert.Equal(Red, Assert.Single(_frames[0]).Bytes);
        Assert.Equal(new[] { Green, Red }.Select(c => c[0]).Order(), _frames[1].Select(s => s.Bytes[0]).Order());
        Assert.DoesNotContain(_frames[1], s => s.Class == 1);
    }

    [SkippableFact]
    public void Boxes_of_few_pixels_are_left_out_and_counted()
    {
        using var rig = Rig(CropScene.Colour(""", "least_pixels": 10"""));
        Feed(rig, new SceneBox(8, 8, 17, 30, Red), new SceneBox(30, 8, 42, 20, Blue, 180));
        Assert.Equal(Blue, Assert.Single(_frames[0]).Bytes);
        Assert.Equal(1, rig.Stream.Crops[0].SmallCount);
    }

    [SkippableFact]
    public void No_crop_runs_once_the_deadline_is_over()
    {
        using var rig = Rig(CropScene.Pack(_folder, "", CropScene.Colour()), p => p with { DeadlineNs = 1 });
        Feed(rig, new SceneBox(8, 8, 24, 24, Red));
        Assert.Empty(_frames[0]);
        Assert.Equal((0, 1), (rig.Stream.Crops[0].RunCount, rig.Stream.Crops[0].ShortCount));
    }

    [SkippableFact]
    public void A_stage_that_fails_fails_no_frame_and_is_left_out_after_some_faults()
    {
        using var rig = Rig(CropScene.Fragile(""", "refresh_ms": 0"""), CropScene.Colour());
        for (int i = 0; i < CircuitBreaker.FaultLimit; i++)
        {
            Feed(rig, new SceneBox((byte)(8 + i), 8, (byte)(24 + i), 24, Bright));
            Assert.Equal((FrameEnd.Completed, FrameFault.None), (rig.LastEnd, rig.LastRecord.Fault));
            Assert.Equal(Bright, Assert.Single(_frames[^1]).Bytes);
        }

        var fragile = rig.Stream.Crops[0];
        Assert.Equal((CircuitBreaker.FaultLimit, CircuitBreaker.FaultLimit), (fragile.RunCount, fragile.FailedCount));
        Assert.Equal(("fragile", "open"), rig.Stream.StageHealth.Select(h => (h.Stage, h.State)).Single());
        Assert.Contains(_told, t => t.StartsWith("crop by stage 'fragile'", StringComparison.Ordinal));
        Assert.Contains(_told, t => t.Contains("'fragile' on crops left out", StringComparison.Ordinal));
        Assert.Equal(2, _told.Count);
    }

    [SkippableFact]
    public void What_is_no_number_is_no_answer_and_does_not_take_the_place_of_others()
    {
        using var rig = Rig(CropScene.Unsound(""", "at_most": 1"""));
        SceneBox[] boxes = [new(4, 4, 20, 20, Red), new(30, 4, 46, 20, [0, 0, 0], 150)];
        Feed(rig, boxes);
        Assert.Empty(_frames[0]);
        Feed(rig, [.. boxes.Select(b => b with { Top = (byte)(b.Top + 1), Bottom = (byte)(b.Bottom + 1) })]);
        Assert.Single(_frames[1]);
        Assert.Equal((2, 1), (rig.Stream.Crops[0].RunCount, rig.Stream.Crops[0].FailedCount));
        Assert.Contains("not numbers", Assert.Single(_told), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_same_frames_yield_the_same_answers_again()
    {
        var pack = CropScene.Pack(_folder, "", CropScene.Hue(""", "refresh_ms": 60, "at_most": 2"""), CropScene.Colour());
        var random = new Random(5);
        byte[][] frames = [.. Enumerable.Range(0, 40).Select(_ => CropScene.Frame([.. Enumerable.Range(0, 3).Select(i =>
            new SceneBox((byte)((20 * i) + random.Next(4)), (byte)(4 + random.Next(6)), (byte)((20 * i) + 14 + random.Next(4)),
                (byte)(20 + random.Next(20)), [(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)],
                (byte)(100 + random.Next(150))))]))];
        List<string> Told()
        {
            _frames.Clear();
            using var rig = Rig(pack);
            Array.ForEach(frames, f => Feed(rig, f));
            return [.. _frames.SelectMany(f => f).Select(s => $"{s.Class} {s.AgeMs} {string.Join(' ', s.Values)}")];
        }

        Assert.Equal(Told(), Told());
    }

    [SkippableFact]
    public void Frames_with_crops_of_every_kind_allocate_nothing()
    {
        using var rig = Rig(Cascade(CropScene.Colour(""", "refresh_ms": 0, "expand": 0.2"""), CropScene.Hue(""", "refresh_ms": 90"""),
            CropScene.Plate(""", "refresh_ms": 60""")));
        rig.OnAnswer = null;
        byte[][] frames = [.. Enumerable.Range(0, 20).Select(i => CropScene.Frame(
            new SceneBox((byte)(4 + i), 6, (byte)(20 + i), (byte)(22 + (i / 4)), Red),
            new SceneBox((byte)(44 - i), 24, (byte)(62 - i), 44, Blue, 180)))];
        int at = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => rig.Feed(CropScene.Layout, frames[at++ % frames.Length])));
        Assert.All(rig.Stream.Crops, c => Assert.True(c.RunCount > 100, $"{c}"));
    }

    private PackRig Rig(params SceneCrop[] crops) => Rig(CropScene.Pack(_folder, "", crops));

    /// <summary>With a policy that reuses answers where a frame is like the one before.</summary>
    private RigPlan Cascade(params SceneCrop[] crops)
    {
        var pack = CropScene.Pack(_folder, "", crops);
        return new RigPlan(pack, PackRig.CascadeOf(pack));
    }

    private PackRig Rig(Pack pack, Func<FrameStreamParts, FrameStreamParts>? with = null) =>
        Rig(new RigPlan(pack, tree => new FixedPolicy(tree, "finder")), with);

    private PackRig Rig(RigPlan plan, Func<FrameStreamParts, FrameStreamParts>? with = null)
    {
        var rig = new PackRig(plan.Pack, plan.Policy, with: p =>
        {
            var told = p with { OnEvent = Tell };
            return with?.Invoke(told) ?? told;
        });
        rig.OnAnswer = answer => _frames.Add(SeenOf(answer, rig.LastRecord.Stamp.SourceNs));
        return rig;
    }

    private void Tell(EventKind kind, string text)
    {
        Assert.Equal(EventKind.StageFailed, kind);
        _told.Add(text);
    }

    private static List<Seen> SeenOf(Answer answer, long sourceNs)
    {
        var seen = new List<Seen>();
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            for (int crop = 0; crop < answer.Crops.Form.Count; crop++)
            {
                if (answer.Crops.Has(i, crop))
                {
                    seen.Add(new Seen(answer.Detections[i].ClassIndex, answer.Crops.Values(i, crop).ToArray(),
                        (sourceNs - answer.Crops.SourceNs(i, crop)) / 1e6));
                }
            }
        }

        return seen;
    }

    private static void Feed(PackRig rig, params SceneBox[] boxes) => Feed(rig, CropScene.Frame(boxes));

    private static void Feed(PackRig rig, byte[] frame) => rig.Feed(CropScene.Layout, frame);

    private sealed record RigPlan(Pack Pack, Func<RouteTree, IRoutePolicy> Policy);

    /// <summary>An answer of a crop.</summary>
    private sealed record Seen(int Class, float[] Values, double AgeMs)
    {
        public byte[] Bytes => [.. Values.Select(v => (byte)MathF.Round(v))];
    }
}
