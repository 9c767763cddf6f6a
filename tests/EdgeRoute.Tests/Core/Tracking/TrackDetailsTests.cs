using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Details go where their boxes go.</summary>
public sealed class TrackDetailsTests
{
    private const int Limit = 8;

    private static readonly DetailForm Form = new(DetailKind.Keypoints, 3);

    private static Answer Room(DetailForm form) => new(TaskKind.Detection, Limit, 0, form);

    /// <summary>Key points at a corner, the middle and outside of each box; a box's confidence is that of its first point.</summary>
    private static Answer Seen(double seconds, params (float Left, float Top, float Confidence)[] boxes)
    {
        long ns = (long)(seconds * 1e9);
        var answer = Room(Form);
        (answer.NodeIndex, answer.Stamp, answer.DetectionCount) = (1, new FrameStamp(0, 0, ns, ns), boxes.Length);
        answer.Details.Begin(Form, 640, 480);
        for (int i = 0; i < boxes.Length; i++)
        {
            var (left, top, confidence) = boxes[i];
            answer.DetectionSlots[i] = new Detection(left, top, 0.1f, 0.2f, confidence, 0);
            var points = answer.Details.Points(i);
            points[0] = new(left, top, confidence);
            points[1] = new(left + 0.05f, top + 0.1f, 0.5f);
            points[2] = new(left + 0.2f, top - 0.1f, 0.25f);
        }

        return answer;
    }

    private static Answer Predict(DetectionTracker tracker, double seconds)
    {
        var into = Room(Form);
        tracker.Predict(new FrameStamp(0, 7, 7, (long)(seconds * 1e9)), into);
        return into;
    }

    private static DetectionTracker Tracker(DetailForm form) => new(new TrackerSettings(Limit, 0.3f, 0.1f) { Details = form });

    private static void AssertInPlace(Answer carried)
    {
        for (int i = 0; i < carried.DetectionCount; i++)
        {
            var box = carried.Detections[i];
            var points = carried.Details.Points(i).ToArray();
            Assert.Equal(box.Left, points[0].X, 1e-5);
            Assert.Equal(box.Top, points[0].Y, 1e-5);
            Assert.Equal(box.Left + (box.Width / 2), points[1].X, 1e-5);
            Assert.Equal(box.Left + (box.Width * 2), points[2].X, 1e-5);
            Assert.Equal(box.Top - (box.Height / 2), points[2].Y, 1e-5);
            Assert.Equal(0.5f, points[1].Visibility);
        }
    }

    [Fact]
    public void Key_points_move_and_stretch_with_the_carried_box()
    {
        var tracker = Tracker(Form);
        for (int i = 0; i < 6; i++)
        {
            tracker.Observe(Seen(i * 0.1, (0.2f + (0.03f * i), 0.3f, 0.9f)));
        }

        var carried = Predict(tracker, 0.6);
        Assert.Equal((1, Form, 640), (carried.DetectionCount, carried.Details.Form, carried.Details.FrameWidth));
        Assert.True(carried.Detections[0].Left > 0.36f, $"carried to {carried.Detections[0].Left}");
        AssertInPlace(carried);
    }

    /// <summary>Detections come in another order in each answer, one is missed, one is new, and one is no box.</summary>
    [Fact]
    public void Each_detection_keeps_its_own()
    {
        var tracker = Tracker(Form);
        tracker.Observe(Seen(0, (0.1f, 0.3f, 0.9f), (0.4f, 0.3f, 0.8f), (0.7f, 0.3f, 0.7f)));
        tracker.Observe(Seen(0.1, (0.7f, 0.3f, 0.95f), (2, 0.3f, 0.9f), (0.1f, 0.3f, 0.85f), (0.4f, 0.7f, 0.6f)));
        var carried = Predict(tracker, 0.12);
        Assert.Equal([0.7f, 0.1f, 0.4f], carried.Detections.ToArray().Take(3).Select(d => d.Left));
        Assert.Equal([0.95f, 0.85f, 0.6f], Enumerable.Range(0, 3).Select(i => carried.Details.Points(i)[0].Visibility));
        AssertInPlace(carried);
    }

    [Fact]
    public void A_mask_goes_along_with_its_window()
    {
        var tracker = Tracker(DetailForm.Mask);
        var seen = Room(DetailForm.Mask);
        (seen.NodeIndex, seen.Stamp, seen.DetectionCount) = (1, new FrameStamp(0, 0, 0, 0), 1);
        seen.DetectionSlots[0] = new Detection(0.2f, 0.2f, 0.2f, 0.2f, 0.9f, 0);
        seen.Details.Begin(DetailForm.Mask, 640, 480);
        (seen.Details.Points(0)[0], seen.Details.Points(0)[1]) = (new(0.2f, 0.2f, 1), new(0.4f, 0.4f, 1));
        seen.Details.Mask(0)[5] = 0xF0;
        tracker.Observe(seen);
        var into = Room(DetailForm.Mask);
        tracker.Predict(new FrameStamp(0, 1, 0, 10_000_000), into);
        Assert.Equal((1, 0xF0UL), (into.DetectionCount, into.Details.Mask(0)[5]));
        Assert.Equal(into.Detections[0].Right, into.Details.Points(0)[1].X, 1e-5);
    }

    [Fact]
    public void A_copy_of_an_answer_has_its_details_and_a_cleared_one_none()
    {
        var copy = Room(new DetailForm(DetailKind.Keypoints, 20));
        copy.CopyFrom(Seen(0, (0.1f, 0.3f, 0.9f), (0.4f, 0.3f, 0.8f)));
        Assert.Equal((Form, 0.8f), (copy.Details.Form, copy.Details.Points(1)[0].Visibility));
        var shrunk = copy.Shrunk();
        Assert.Equal((2, 0, Form), (shrunk.DetectionSlots.Length, shrunk.ValueSlots.Length, shrunk.Details.Room));
        Assert.Equal((copy.Stamp, 0.8f), (shrunk.Stamp, shrunk.Details.Points(1)[0].Visibility));
        copy.Clear();
        Assert.Equal((DetailKind.None, 1f), (copy.Details.Form.Kind, copy.Details.FrameAspect));
        Assert.Throws<ArgumentException>(() => Room(default).CopyFrom(Seen(0)));
        Assert.Equal(new DetailForm(DetailKind.Mask, 17), DetailForm.Mask.Or(new DetailForm(DetailKind.Keypoints, 17)).Or(default));
    }

    /// <summary>An engine of several packs has one room for the answers of all.</summary>
    [Fact]
    public void A_copy_is_of_the_task_of_what_was_copied()
    {
        var room = new Answer(TaskKind.Detection, 4, 4);
        room.CopyFrom(new Answer(TaskKind.Depth, 0, 4) { NodeIndex = 1, ValueCount = 4 });
        Assert.Equal((TaskKind.Depth, 4), (room.Task, room.ValueCount));
    }

    [Fact]
    public void Following_allocates_nothing()
    {
        var tracker = Tracker(Form);
        var (seen, into) = (Seen(1, (0.1f, 0.3f, 0.9f), (0.4f, 0.3f, 0.8f)), Room(Form));
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            tracker.Observe(seen);
            tracker.Predict(seen.Stamp, into);
        }));
        Assert.Equal(2, into.DetectionCount);
    }
}
