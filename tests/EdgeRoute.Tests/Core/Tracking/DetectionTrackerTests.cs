using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Tracking;

public sealed class DetectionTrackerTests
{
    private static readonly TrackerSettings Settings = new(Limit, 0.3f, 0.1f);

    private readonly DetectionTracker _tracker = new(Settings);

    [Fact]
    public void Without_an_answer_there_is_nothing_to_carry()
    {
        Assert.False(Predict(1).HasValue);
        Assert.Equal(default, _tracker.Carried(1_000_000_000));
    }

    [Fact]
    public void A_box_seen_once_stays_where_it_was()
    {
        _tracker.Observe(Seen(1, Box(0.4f, 0.3f, 0.2f, 0.8f, 3)));
        var carried = Predict(1.5);
        var box = Assert.Single(carried.Detections.ToArray());
        Assert.Equal((0.4f, 0.3f, 3), (box.Left, box.Top, box.ClassIndex));
        Assert.Equal(0.2f, box.Width, 6);
        Assert.Equal(0, _tracker.Carried(1_500_000_000).Shift);
    }

    [Fact]
    public void The_carried_answer_keeps_the_stamp_and_the_node_of_the_observed_one()
    {
        var seen = Seen(1, Box(0.4f, 0.3f, 0.2f));
        _tracker.Observe(seen);
        var carried = Predict(1.2);
        Assert.Equal((seen.Stamp, seen.NodeIndex), (carried.Stamp, carried.NodeIndex));
    }

    [Theory]
    [InlineData(0.3, 0, 0.1)]
    [InlineData(0.3, -0.2, 0.25)]
    [InlineData(-0.1, 0.3, 0.04)]
    public void A_moving_box_is_carried_along(double x, double y, double interval)
    {
        // Irregular on purpose: a tracker that counts frames rather than time would be wrong here.
        double[] instants = [0, interval, 2.5 * interval, 3 * interval, 5 * interval];
        Detection At(double t) => Box((float)(0.4 + (x * t)), (float)(0.4 + (y * t)), 0.2f);
        foreach (double t in instants)
        {
            _tracker.Observe(Seen(t, At(t)));
        }

        double now = instants[^1] + 0.2;
        var box = Predict(now).Detections[0];
        Assert.True(box.OverlapWith(At(now)) > At(instants[^1]).OverlapWith(At(now)) + 0.1f, $"{box} for {At(now)}");
        Assert.True(_tracker.Carried((long)(now * 1e9)).Shift > 0.05f);
    }

    [Fact]
    public void What_the_picture_shows_goes_before_what_the_track_expects()
    {
        _tracker.Observe(Seen(0, Box(0.2f, 0.2f, 0.1f), Box(0.7f, 0.2f, 0.1f)));
        _tracker.Follow([new BoxMove(0.05f, -0.02f, 0.9f), new BoxMove(0.3f, 0.3f, 0.1f)]);
        var carried = Predict(0.2).Detections.ToArray();
        Assert.Equal([0.25f, 0.7f], carried.Select(b => b.Left), (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.Equal(0.18f, carried[0].Top, 5);
        var signals = _tracker.Carried(200_000_000);
        Assert.Equal(0.5f, signals.Doubt);
        Assert.Equal(MathF.Sqrt((0.05f * 0.05f) + (0.02f * 0.02f)) / MathF.Sqrt(0.02f), signals.Shift, 4);
        _tracker.Follow(default);
        Assert.Equal(0.2f, Predict(0.2).Detections[0].Left, 5);
    }

    /// <summary>
    /// Too far in one go for a track to be found again by where it was, or to be carried for long: the source would be taken for one whose
    /// boxes never fit.
    /// </summary>
    [Fact]
    public void Followed_boxes_keep_their_track_and_the_trust_in_what_is_carried()
    {
        float trusted = 0, left = 0;
        foreach (bool isFollowed in new[] { true, false })
        {
            var tracker = new DetectionTracker(Settings);
            for (int i = 0; i < 6; i++)
            {
                // To and fro, so that no speed can be learned.
                left = i % 2 == 0 ? 0.2f : 0.45f;
                tracker.Follow(isFollowed ? [new BoxMove(i % 2 == 0 ? -0.25f : 0.25f, 0, 0.9f)] : default);
                tracker.Observe(Seen(i * 0.3, Box(left, 0.3f, 0.1f)));
            }

            float expected = tracker.Carried(1_600_000_000).ExpectedAgreement;
            Assert.Equal(isFollowed ? 1 : 2, tracker.LastId);
            Assert.True(isFollowed || expected < trusted, $"{expected} without, {trusted} with");
            trusted = expected;
        }
    }

    /// <summary>
    /// The noise of a detector on a still scene must not be taken for motion: the carried box is on average no further from the truth than
    /// the last one.
    /// </summary>
    [Fact]
    public void Noise_is_not_taken_for_motion()
    {
        var random = new Random(5);
        double still = 0, carried = 0;
        for (int i = 0; i < 300; i++)
        {
            float x = 0.4f + (float)((random.NextDouble() - 0.5) * 0.02), y = 0.4f + (float)((random.NextDouble() - 0.5) * 0.02);
            _tracker.Observe(Seen(i * 0.1, Box(x, y, 0.2f)));
            still += 1 - Box(x, y, 0.2f).OverlapWith(Box(0.4f, 0.4f, 0.2f));
            carried += 1 - Predict((i * 0.1) + 0.08).Detections[0].OverlapWith(Box(0.4f, 0.4f, 0.2f));
        }

        Assert.True(carried <= still, $"off by {carried:0.00}; left alone by {still:0.00}");
    }

    [Fact]
    public void A_velocity_does_not_run_on_for_ever()
    {
        for (int i = 0; i < 10; i++)
        {
            _tracker.Observe(Seen(i * 0.1, Box(0.1f + (i * 0.005f), 0.4f, 0.2f)));
        }

        float soon = Predict(1.9).Detections[0].Left, late = Predict(4.9).Detections[0].Left;
        Assert.InRange(late - 0.145f, 0, 0.06f);
        Assert.True(late >= soon);
    }

    [Fact]
    public void A_box_that_leaves_the_frame_is_dropped()
    {
        for (int i = 0; i < 8; i++)
        {
            _tracker.Observe(Seen(i * 0.1, Box(0.35f + (i * 0.05f), 0.4f, 0.2f)));
        }

        Assert.Equal(1, Predict(0.8).DetectionCount);
        Assert.Equal(0, Predict(1.7).DetectionCount);
        Assert.Equal(0, _tracker.Carried(1_700_000_000).Count);
    }

    [Fact]
    public void The_edge_of_a_box_cut_off_by_the_frame_stands_still_while_the_other_moves()
    {
        for (int i = 0; i < 8; i++)
        {
            _tracker.Observe(Seen(i * 0.1, new Detection(0, 0.4f, 0.1f + (i * 0.02f), 0.2f, 0.9f, 0)));
        }

        var box = Predict(0.9).Detections[0];
        Assert.Equal(0, box.Left, 3);
        Assert.InRange(box.Right, 0.26f, 0.29f);
    }

    [Fact]
    public void What_the_last_answer_missed_is_not_carried_until_such_tracks_have_returned()
    {
        var box = Box(0.4f, 0.4f, 0.2f);
        Flicker(2, box);
        Assert.Equal(0, Predict(0.35).DetectionCount);
        Flicker(20, box);
        Assert.Equal(1, Predict(3.95).DetectionCount);
        Assert.Equal(1, _tracker.Carried(3_950_000_000).Doubt);
    }

    [Fact]
    public void A_missed_track_is_let_go_after_a_while()
    {
        Flicker(20, Box(0.4f, 0.4f, 0.2f));
        for (int i = 0; i < 10; i++)
        {
            _tracker.Observe(Seen(4 + (i * 0.1)));
        }

        Assert.Equal(0, Predict(4.9).DetectionCount);
    }

    [Fact]
    public void A_missed_track_under_a_box_of_another_class_is_not_carried_twice()
    {
        Flicker(20, Box(0.4f, 0.4f, 0.2f));
        _tracker.Observe(Seen(4, Box(0.41f, 0.4f, 0.2f, 0.9f, 5)));
        var box = Assert.Single(Predict(4.05).Detections.ToArray());
        Assert.Equal(5, box.ClassIndex);
    }

    [Fact]
    public void Confidence_falls_with_age_and_the_surest_comes_first()
    {
        _tracker.Observe(Seen(1, Box(0.1f, 0.1f, 0.2f, 0.5f), Box(0.6f, 0.6f, 0.2f, 0.9f), Box(0.1f, 0.6f, 0.2f, 0.7f)));
        float[] soon = Confidences(1.1), late = Confidences(2);
        Assert.Equal(soon.OrderDescending(), soon);
        Assert.All(soon.Zip(late), p => Assert.True(p.First > p.Second));
    }

    [Fact]
    public void Doubt_is_the_share_of_boxes_near_the_threshold()
    {
        _tracker.Observe(Seen(1, Box(0.1f, 0.1f, 0.2f, 0.35f), Box(0.6f, 0.6f, 0.2f, 0.9f)));
        var carried = _tracker.Carried(1_000_000_000);
        Assert.Equal((2, 0.5f), (carried.Count, carried.Doubt));
    }

    /// <summary>Where answers keep losing boxes soon, boxes are carried less long, and less agreement is expected.</summary>
    [Fact]
    public void A_restless_scene_teaches_not_to_carry_for_long()
    {
        var calm = new DetectionTracker(Settings);
        for (int i = 0; i < 40; i++)
        {
            calm.Observe(Seen(i * 0.5, Box(0.4f, 0.4f, 0.2f)));
            _tracker.Observe(Seen(i * 0.5, Box((i * 0.37f) % 0.8f, (i * 0.23f) % 0.8f, 0.2f)));
        }

        var (rest, unrest) = (calm.Carried(20_000_000_000), _tracker.Carried(20_000_000_000));
        Assert.Equal((1, 0), (rest.Count, unrest.Count));
        Assert.True(rest.ExpectedAgreement > unrest.ExpectedAgreement + 0.3f, $"{rest} {unrest}");
    }

    /// <summary>Boxes near the threshold come and go; that must not be held against those which stay.</summary>
    [Fact]
    public void Boxes_in_doubt_and_sure_ones_are_graded_apart()
    {
        for (int i = 0; i < 40; i++)
        {
            var sure = Box(0.1f, 0.1f, 0.2f);
            _tracker.Observe(i % 4 == 3 ? Seen(i * 0.2, sure, Box(0.6f, 0.6f, 0.2f, 0.32f)) : Seen(i * 0.2, sure));
        }

        Assert.Equal(2, Predict(7.9).DetectionCount);
        Assert.Equal(0.9f, Predict(9.5).Detections.ToArray().Single().Confidence, 1);
    }

    [Fact]
    public void Nothing_seen_is_trusted_less_the_older_it_is()
    {
        _tracker.Observe(Seen(1));
        var (soon, late) = (_tracker.Carried(1_100_000_000), _tracker.Carried(3_000_000_000));
        Assert.Equal((0, 0f, 0f), (soon.Count, soon.Doubt, soon.Shift));
        Assert.True(soon.ExpectedAgreement > late.ExpectedAgreement);
        Assert.InRange(soon.ExpectedAgreement, 0.9f, 1);
    }

    [Fact]
    public void Time_that_goes_back_begins_anew()
    {
        for (int i = 0; i < 8; i++)
        {
            _tracker.Observe(Seen(5 + (i * 0.1), Box(0.1f + (i * 0.03f), 0.4f, 0.2f)));
        }

        var last = Predict(5.7).Detections[0];
        Assert.Equal(last, Predict(2).Detections[0]);
        _tracker.Observe(Seen(1, Box(0.7f, 0.7f, 0.2f)));
        Assert.Equal(0.7f, Assert.Single(Predict(1.2).Detections.ToArray()).Left, 5);
    }

    [Fact]
    public void Two_answers_to_one_frame_are_one_instant()
    {
        _tracker.Observe(Seen(1, Box(0.4f, 0.4f, 0.2f)));
        _tracker.Observe(Seen(1, Box(0.42f, 0.4f, 0.2f)));
        Assert.InRange(Predict(3).Detections[0].Left, 0.4f, 0.42f);
    }

    [Fact]
    public void A_huge_gap_forgets()
    {
        _tracker.Observe(Seen(1, Box(0.4f, 0.4f, 0.2f)));
        Assert.Equal(0, Predict(1e6).DetectionCount);
        Assert.Equal(0, Predict(long.MaxValue / 1e9).DetectionCount);
        _tracker.Observe(Seen(1e6, Box(0.1f, 0.1f, 0.2f)));
        Assert.Equal(0.1f, Assert.Single(Predict(1e6).Detections.ToArray()).Left, 5);
    }

    [Fact]
    public void An_answer_without_a_value_changes_nothing()
    {
        _tracker.Observe(Seen(1, Box(0.4f, 0.4f, 0.2f)));
        var failed = Seen(1.1);
        failed.Clear();
        _tracker.Observe(failed);
        Assert.Equal(1, Predict(1.2).DetectionCount);
    }

    [Fact]
    public void Reset_forgets()
    {
        _tracker.Observe(Seen(1, Box(0.4f, 0.4f, 0.2f)));
        _tracker.Reset();
        Assert.False(Predict(1.1).HasValue);
    }

    [Fact]
    public void Boxes_that_cannot_be_followed_are_counted()
    {
        _tracker.Observe(Seen(1, Box(float.NaN, 0, 0.2f), Box(0.4f, 0.4f, 0), Box(2, 2, 0.2f), Box(0.4f, 0.4f, 0.2f, float.NaN),
            Box(0.4f, 0.4f, 0.2f)));
        Assert.Equal(4, _tracker.UnusableCount);
        Assert.Equal(1, Predict(1.1).DetectionCount);
    }

    [Fact]
    public void Boxes_beyond_the_limit_are_counted_and_the_surest_kept()
    {
        _tracker.Observe(Seen(1, [.. Enumerable.Range(0, Limit + 2).Select(i => Box(i * 0.09f, 0, 0.08f, 0.9f - (i * 0.01f)))]));
        Assert.Equal(2, _tracker.OverflowCount);
        var small = new Answer(TaskKind.Detection, 3, 0);
        _tracker.Predict(new FrameStamp(0, 0, 0, 1_000_000_000), small);
        Assert.Equal((3, 2L + Limit - 3), (small.DetectionCount, _tracker.OverflowCount));
        Assert.Equal([0f, 0.09f, 0.18f], small.Detections.ToArray().Select(d => MathF.Round(d.Left, 4)));
    }

    /// <summary>All places taken by missed tracks must not keep out what is seen now.</summary>
    [Fact]
    public void What_is_seen_takes_the_place_of_what_is_not()
    {
        _tracker.Observe(Seen(1, [.. Enumerable.Range(0, Limit).Select(i => Box(i * 0.1f, 0, 0.08f))]));
        var seen = Enumerable.Range(0, Limit).Select(i => Box(i * 0.1f, 0.5f, 0.08f)).ToArray();
        _tracker.Observe(Seen(1.1, seen));
        Assert.Equal(seen.Select(s => s.Left), Predict(1.1).Detections.ToArray().Select(d => d.Left).Order());
    }

    [Fact]
    public void Following_allocates_nothing()
    {
        Answer[] seen = [.. Enumerable.Range(0, 8).Select(i =>
            Seen(i * 0.1, [.. Enumerable.Range(0, i % Limit).Select(j => Box((j * 0.1f) + (i * 0.01f), 0.3f, 0.09f))]))];
        var into = new Answer(TaskKind.Detection, Limit, 0);
        Follow(seen, into);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
        {
            Follow(seen, into);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Follow(Answer[] seen, Answer into)
    {
        foreach (var answer in seen)
        {
            _tracker.Observe(answer);
            _tracker.Predict(answer.Stamp with { SourceNs = answer.Stamp.SourceNs + 50_000_000 }, into);
            _tracker.Carried(answer.Stamp.SourceNs + 50_000_000);
        }
    }

    /// <summary>Shown and missed in turn, every 0.1 s, the last time missed at 0.2 n - 0.1 s.</summary>
    private void Flicker(int count, Detection box)
    {
        _tracker.Reset();
        for (int i = 0; i < count; i++)
        {
            _tracker.Observe(Seen(i * 0.2, box));
            _tracker.Observe(Seen((i * 0.2) + 0.1));
        }
    }

    private float[] Confidences(double seconds) => [.. Predict(seconds).Detections.ToArray().Select(d => d.Confidence)];

    private Answer Predict(double seconds)
    {
        var into = new Answer(TaskKind.Detection, Limit, 0);
        _tracker.Predict(new FrameStamp(0, 7, 7, (long)(seconds * 1e9)), into);
        return into;
    }
}
