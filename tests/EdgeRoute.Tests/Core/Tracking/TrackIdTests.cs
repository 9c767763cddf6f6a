using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Which object a detection shows is told with it, whether it was looked at or carried.</summary>
public sealed class TrackIdTests
{
    private static readonly TrackerSettings Settings = new(Limit, 0.3f, 0.1f);

    private readonly DetectionTracker _tracker = new(Settings);

    private static readonly Detection Cup = Box(0.1f, 0.1f, 0.2f, 0.9f, 1),
        Fork = Box(0.6f, 0.6f, 0.2f, 0.8f, 2);

    [Fact]
    public void Objects_keep_their_ids_however_their_detections_are_ordered()
    {
        Assert.Equal([1, 2], Ids(0, Cup, Fork));
        Assert.Equal([2, 1], Ids(0.1, Fork, Cup));
        Assert.Equal([1, 3], Ids(0.2, Cup, Box(0.4f, 0.1f, 0.1f, 0.5f, 2)));
    }

    [Fact]
    public void An_object_missed_for_a_few_answers_is_the_same_when_it_returns()
    {
        Ids(0, Cup, Fork);
        Ids(0.1, Cup);
        Ids(0.2, Cup);
        Assert.Equal([1, 2], Ids(0.3, Cup, Fork));
    }

    [Fact]
    public void A_carried_box_has_the_id_of_its_object_and_grows_older()
    {
        Ids(0, Fork, Cup);
        Ids(0.1, Fork, Cup);
        var carried = new Answer(TaskKind.Detection, Limit, 0);
        _tracker.Predict(new FrameStamp(0, 0, 0, 500_000_000), carried);
        Assert.Equal(2, carried.DetectionCount);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(carried.Detections[i].ClassIndex == 2 ? 1 : 2, carried.Tracks[i].Id);
            Assert.Equal(0.5f, carried.Tracks[i].AgeSeconds, 3);
        }

        Assert.Equal([1, 2], Ids(0.6, Fork, Cup));
    }

    [Fact]
    public void An_object_that_is_taken_for_another_class_stays_the_same_object()
    {
        Ids(0, Cup);
        Assert.Equal([1], Ids(0.2, Cup with { ClassIndex = 7 }));
        var answer = Seen(0.4, Cup);
        _tracker.Observe(answer);
        Assert.Equal((1L, 0.4f), (answer.Tracks[0].Id, answer.Tracks[0].AgeSeconds));
    }

    [Fact]
    public void No_id_is_given_twice_at_a_source()
    {
        Ids(0, Cup, Fork);
        _tracker.Reset();
        Assert.Equal([3], Ids(1, Cup));
        Assert.Equal([4], Ids(60, Cup));
        Assert.Equal([9], new List<long>(Told(new DetectionTracker(Settings, lastId: 8), 0, Cup)));
    }

    [Fact]
    public void A_box_that_cannot_be_followed_has_no_id() =>
        Assert.Equal([0, 1], Ids(0, Box(float.NaN, 0.1f, 0.2f), Cup));

    [Fact]
    public void A_moving_object_is_told_with_its_velocity()
    {
        var answer = Seen(0, Cup);
        for (int i = 0; i <= 20; i++)
        {
            answer = Seen(i / 20.0, Cup with { Left = 0.1f + (0.3f * i / 20), Top = 0.5f - (0.2f * i / 20) });
            _tracker.Observe(answer);
        }

        Assert.Equal(1, answer.Tracks[0].Id);
        Assert.InRange(answer.Tracks[0].VelocityX, 0.2f, 0.36f);
        Assert.InRange(answer.Tracks[0].VelocityY, -0.26f, -0.12f);
    }

    private long[] Ids(double seconds, params Detection[] detections) => Told(_tracker, seconds, detections);

    private static long[] Told(DetectionTracker tracker, double seconds, params Detection[] detections)
    {
        var answer = Seen(seconds, detections);
        tracker.Observe(answer);
        long[] ids = new long[answer.DetectionCount];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = answer.Tracks[i].Id;
        }

        return ids;
    }
}
