using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>What holds for any answers at any instants, possible or not.</summary>
public sealed class DetectionTrackerProperties
{
    [Property(MaxTest = 1000)]
    public Property Carried_boxes_are_finite_inside_the_frame_ordered_and_no_more_than_the_limit()
    {
        var tracker = new DetectionTracker(new TrackerSettings(Limit, 0.3f, 0.1f));
        var into = new Answer(TaskKind.Detection, 2 * Limit, 0);
        return Prop.ForAll(Arb.From(Answers()), answers =>
        {
            tracker.Reset();
            return answers.All(step =>
            {
                tracker.Observe(step.Seen);
                tracker.Predict(new FrameStamp(0, 0, 0, step.AskedNs), into);
                var carried = tracker.Carried(step.AskedNs);
                return IsSound(into) && IsSound(carried) && carried.Count == into.DetectionCount;
            });
        });
    }

    /// <summary>Far from any other, a box that did not move is carried where it was, however long it was watched.</summary>
    [Property(MaxTest = 300)]
    public Property A_still_box_is_carried_still() => Prop.ForAll(Arb.From(Gen.Choose(1, 30)), Arb.From(Gen.Choose(1, 900)), (count, ms) =>
    {
        var tracker = new DetectionTracker(new TrackerSettings(Limit, 0.3f, 0.1f));
        var into = new Answer(TaskKind.Detection, Limit, 0);
        for (int i = 0; i < count; i++)
        {
            tracker.Observe(Seen(i * ms / 1e3, Box(0.3f, 0.3f, 0.2f)));
        }

        tracker.Predict(new FrameStamp(0, 0, 0, count * ms * 1_000_000L), into);
        return into.DetectionCount == 1 && into.Detections[0].OverlapWith(Box(0.3f, 0.3f, 0.2f)) > 0.999f;
    });

    private static bool IsSound(Answer carried)
    {
        var boxes = carried.Detections.ToArray();
        return boxes.Length <= Limit
            && boxes.All(b => b.Left >= 0 && b.Top >= 0 && b.Width > 0 && b.Height > 0 && b.Right <= 1 && b.Bottom <= 1
                && b.Confidence is >= 0 and <= 1)
            && boxes.Zip(boxes.Skip(1)).All(p => p.First.Confidence >= p.Second.Confidence);
    }

    private static bool IsSound(CarriedSignals carried) =>
        carried.Count <= Limit && carried.Doubt is >= 0 and <= 1 && carried.Shift >= 0 && float.IsFinite(carried.Shift)
            && carried.ExpectedAgreement is >= 0 and <= 1;

    private static Gen<Step[]> Answers()
    {
        var usual = Gen.Choose(-10, 110).Select(i => i / 100f);
        var odd = Gen.Elements(float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue,
            float.Epsilon, 0f);
        var floats = Gen.Frequency((12, usual), (1, odd));
        var box = from v in Gen.ArrayOf(floats, 5) from c in Gen.Choose(0, 1) select new Detection(v[0], v[1], v[2], v[3], v[4], c);
        var instant = Gen.Frequency((20, Gen.Choose(0, 3000).Select(ms => ms * 1_000_000L)),
            (1, Gen.Elements(long.MaxValue, long.MinValue, -1L)));
        var step = from count in Gen.Choose(0, Limit + 2) from boxes in Gen.ArrayOf(box, count) from at in instant from asked in instant
            select Make(boxes, at, asked);
        return Gen.ArrayOf(step, 12);
    }

    private static Step Make(Detection[] boxes, long at, long asked)
    {
        var seen = Seen(0, boxes);
        seen.Stamp = seen.Stamp with { SourceNs = at };
        return new Step(seen, asked);
    }

    private sealed record Step(Answer Seen, long AskedNs);
}
