using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Which box is looked at next, and what is kept of whom.</summary>
public sealed class CropMemoryTests
{
    private const int Side = 100;

    private static readonly CropForm Form = new([2, 3]);
    private static readonly CropRule Rule = new([true, false], 0, 4, 1000, 1.5f, 10);

    private readonly CropMemory _memory = new(Form, [Rule, Rule with { RefreshMs = double.PositiveInfinity }], 3);

    [Fact]
    public void The_surest_new_object_comes_first_and_then_the_one_not_looked_at_for_longest()
    {
        var answer = Answer((1, 0.9f), (2, 0.8f), (3, 0.7f));
        _memory.Attach(answer);
        for (int turn = 0; turn < 3; turn++)
        {
            Assert.Equal(turn, Next(answer, 0));
            _memory.Keep(answer, turn, 0, [turn, 0], Ms(turn));
        }

        Assert.Equal(-1, Next(answer, 0));
        answer = Answer((3, 0.9f), (2, 0.8f), (1, 0.7f));
        _memory.Attach(answer);
        Assert.Equal(-1, Next(answer, 0, 500));
        Assert.Equal(2, Next(answer, 0, 1000));
        Assert.Equal(2, Next(answer, 0, 5000));
        _memory.GiveUp(answer, 2, 0, Ms(5000));
        Assert.Equal(1, Next(answer, 0, 5000));
        Assert.Equal([2, 0], answer.Crops.Values(0, 0).ToArray());
    }

    [Fact]
    public void Each_crop_has_a_memory_of_its_own()
    {
        var answer = Answer((1, 0.9f));
        _memory.Attach(answer);
        _memory.Keep(answer, 0, 1, [1, 2, 3], Ms(0));
        Assert.Equal((0, -1), (Next(answer, 0), Next(answer, 1)));
        Assert.False(answer.Crops.Has(0, 0));
        Assert.Equal([1, 2, 3], answer.Crops.Values(0, 1).ToArray());
    }

    [Fact]
    public void What_went_back_in_time_or_changed_its_size_is_looked_at_again()
    {
        var answer = Answer((1, 0.9f));
        _memory.Attach(answer);
        _memory.Keep(answer, 0, 1, [1], Ms(100));
        Assert.Equal(1, _memory.Attach(answer));
        Assert.Equal((-1, 0), (Next(answer, 1, 100_000), Next(answer, 1, 99)));
        answer.DetectionSlots[0] = answer.Detections[0] with { Width = 0.31f };
        Assert.Equal(0, Next(answer, 1, 100));
    }

    [Fact]
    public void Boxes_without_a_track_of_another_class_or_too_small_are_left_out()
    {
        var answer = Answer((0, 0.9f), (2, 0.8f), (3, 0.7f));
        answer.DetectionSlots[1] = answer.Detections[1] with { ClassIndex = 1 };
        answer.DetectionSlots[2] = answer.Detections[2] with { Height = 0.09f };
        _memory.Attach(answer);
        Assert.Equal(-1, Next(answer, 0));
        Assert.Equal(1, _memory.CountSmall(answer, 0, Side, Side));
        Assert.Equal(2, _memory.Next(answer, 0, Side, 2 * Side, 0));
        Assert.False((Rule with { LeastPixels = 16 }).IsSmall(new Detection(0, 0, 0.25f, 1 / 3f, 1, 0), 64, 48));
    }

    [Fact]
    public void A_full_memory_forgets_who_was_not_seen_for_longest_and_answers_of_others_stay()
    {
        for (int id = 1; id <= 50; id++)
        {
            var answer = Answer((id, 0.9f), (1000, 0.8f));
            Assert.Equal(id == 1 ? 0 : 1, _memory.Attach(answer));
            _memory.Keep(answer, 0, 0, [id, 0], 0);
            _memory.Keep(answer, 1, 0, [1000, 0], 0);
        }

        var last = Answer((50, 0.9f), (1000, 0.8f), (1, 0.7f));
        Assert.Equal(2, _memory.Attach(last));
        Assert.Equal((50, 1000), (last.Crops.Values(0, 0)[0], last.Crops.Values(1, 0)[0]));
        Assert.Equal(2, Next(last, 0));
    }

    [Fact]
    public void A_region_is_the_box_with_its_surroundings_inside_the_frame()
    {
        var rule = Rule with { Expand = 0.5f };
        Assert.Equal(new FrameRegion(0.125, 0.25, 0.5, 0.5), rule.RegionOf(new Detection(0.25f, 0.375f, 0.25f, 0.25f, 1, 0)));
        Assert.Equal(new FrameRegion(0, 0.5, 0.5, 0.5), rule.RegionOf(new Detection(-0.25f, 0.75f, 0.5f, 0.5f, 1, 0)));
        Assert.True(rule.RegionOf(new Detection(0.99f, 0.999f, 0.5f, 0.5f, 1, 0)).IsInside);
    }

    [Fact]
    public void Answers_travel_with_a_copy_and_end_with_a_clear()
    {
        var answer = Answer((1, 0.9f), (2, 0.8f));
        _memory.Attach(answer);
        _memory.Keep(answer, 1, 1, [7, 8], Ms(5));
        var copy = new Answer(TaskKind.Detection, 5, 0, default, new CropRoom(4, 40));
        copy.CopyFrom(answer);
        Assert.Equal([7, 8], copy.Crops.Values(1, 1).ToArray());
        Assert.Equal((false, Ms(5)), (copy.Crops.Has(0, 1), copy.Crops.SourceNs(1, 1)));
        Assert.Equal([7, 8], copy.Shrunk().Crops.Values(1, 1).ToArray());
        copy.Clear();
        Assert.Equal(0, copy.Crops.Form.Count);
        Assert.Throws<ArgumentException>(() => new Answer(TaskKind.Detection, 5, 0).CopyFrom(answer));
    }

    private int Next(Answer answer, int crop, double ms = 0) => _memory.Next(answer, crop, Side, Side, Ms(ms));

    private static long Ms(double ms) => (long)(ms * 1e6);

    private static Answer Answer(params (long Track, float Confidence)[] boxes)
    {
        var answer = new Answer(TaskKind.Detection, 3, 0, default, Form.Room) { DetectionCount = boxes.Length, NodeIndex = 1 };
        for (int i = 0; i < boxes.Length; i++)
        {
            answer.DetectionSlots[i] = new Detection(0.1f, 0.1f, 0.2f, 0.2f, boxes[i].Confidence, 0);
            answer.TrackSlots[i] = new DetectionTrack(boxes[i].Track, 0, 0, 0);
        }

        return answer;
    }
}
