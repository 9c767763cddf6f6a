using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;
using EdgeRoute.Core.Signals;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Rules;

/// <summary>Rules as people ask for them, over frames made by hand.</summary>
public sealed class RuleTests
{
    private const int Person = 0, Dog = 1, Room = 16;
    private const long Ms = 1_000_000;

    private static readonly Zone Door = new("door", [new(0.1f, 0.1f), new(0.5f, 0.1f), new(0.5f, 0.9f), new(0.1f, 0.9f)]);

    private static readonly CountingLine Gate = new("gate", new(0.5f, 0), new(0.5f, 1));

    private readonly RuleScene _scene = new() { Answer = new Answer(TaskKind.Detection, Limit, 0) };

    [Fact]
    public void A_person_in_a_zone_turns_it_on_and_two_quiet_seconds_off()
    {
        var rule = new Rule("someone", new ObjectCount(new ObjectFilter(Person, 0.5f, Door), 1, int.MaxValue),
            new RuleTiming(0, 2000 * Ms));
        Assert.False(See(rule, 0, Box(0.7f, 0.4f, 0.2f)));
        Assert.False(See(rule, 100, Box(0.2f, 0.4f, 0.2f, 0.4f)));
        Assert.True(See(rule, 200, Box(0.2f, 0.4f, 0.2f)));
        Assert.True(rule.IsOn);
        Assert.False(See(rule, 2100));
        Assert.True(rule.IsOn);
        Assert.True(See(rule, 2200));
        Assert.False(rule.IsOn);
        Assert.Equal((1, 2200 * Ms), (rule.OnCount, rule.ChangedNs));
    }

    [Fact]
    public void An_object_stands_where_its_lower_edge_is()
    {
        var rule = new Rule("someone", new ObjectCount(new ObjectFilter(Person, 0, Door), 1, int.MaxValue), default);
        Assert.False(See(rule, 0, new Detection(0.2f, 0.5f, 0.2f, 0.45f, 0.9f, Person)));
        Assert.True(See(rule, 1, new Detection(0.2f, 0.3f, 0.2f, 0.45f, 0.9f, Person)));
    }

    [Fact]
    public void No_one_for_ten_seconds()
    {
        var rule = new Rule("empty", new NotThat(new ObjectCount(new ObjectFilter(Person, 0, null), 1, int.MaxValue)),
            new RuleTiming(10_000 * Ms, 0));
        See(rule, 0);
        See(rule, 9_000);
        See(rule, 9_500, Box(0.1f, 0.1f, 0.1f));
        Assert.False(See(rule, 10_500));
        Assert.False(See(rule, 20_000));
        Assert.True(See(rule, 20_500));
        Assert.True(See(rule, 20_600, Box(0.1f, 0.1f, 0.1f)));
        Assert.False(rule.IsOn);
    }

    /// <summary>A camera that fails does not say that nobody is there.</summary>
    [Fact]
    public void Frames_that_tell_nothing_leave_a_rule_as_it_is()
    {
        var empty = new Rule("empty", new NotThat(new ObjectCount(ObjectFilter.Any, 1, int.MaxValue)), default);
        var full = new Rule("full", new ObjectCount(ObjectFilter.Any, 1, int.MaxValue), default);
        See(empty, 0, Box(0.1f, 0.1f, 0.1f));
        See(full, 0, Box(0.1f, 0.1f, 0.1f));
        _scene.End = FrameEnd.Failed;
        _scene.SourceNs = 60_000 * Ms;
        Assert.False(empty.Observe(_scene) || full.Observe(_scene));
        Assert.True(full.IsOn && !empty.IsOn);
    }

    [Fact]
    public void A_line_is_crossed_once_and_the_way_is_told()
    {
        var right = new Rule("in", new Crosses(ObjectFilter.Any, Gate, CrossingDirection.LeftToRight, Room), default);
        var left = new Rule("out", new Crosses(ObjectFilter.Any, Gate, CrossingDirection.RightToLeft, Room), default);
        float[] places = [0.3f, 0.38f, 0.42f, 0.5f, 0.42f, 0.38f, 0.3f];
        var seen = places.Select((x, i) => (Right: Now(right, i * 100, x), Left: Now(left, i * 100, x))).ToList();
        // A box of 0.2 stands 0.1 to the right of its left edge.
        Assert.Equal([false, false, true, false, false, false, false], seen.Select(s => s.Left));
        Assert.Equal([false, false, false, false, false, true, false], seen.Select(s => s.Right));

        bool Now(Rule rule, int ms, float x)
        {
            See(rule, ms, Box(x, 0.4f, 0.2f));
            return rule.IsOn;
        }
    }

    [Fact]
    public void Beside_the_end_of_a_line_nothing_is_crossed()
    {
        var line = new CountingLine("short", new(0.5f, 0.4f), new(0.5f, 0.6f));
        Assert.Equal(CrossingDirection.Both, line.Crossing(new(0.4f, 0.8f), new(0.6f, 0.8f)));
        Assert.NotEqual(CrossingDirection.Both, line.Crossing(new(0.4f, 0.5f), new(0.6f, 0.5f)));
    }

    [Fact]
    public void Who_stays_for_three_seconds_loiters_and_who_leaves_between_does_not()
    {
        var rule = new Rule("loiters", new Dwell(new ObjectFilter(Person, 0, Door), 3000 * Ms, Room), default);
        See(rule, 0, Box(0.2f, 0.4f, 0.2f));
        See(rule, 2000, Box(0.7f, 0.4f, 0.2f));
        See(rule, 2500, Box(0.2f, 0.4f, 0.2f));
        Assert.False(See(rule, 3500, Box(0.2f, 0.4f, 0.2f)));
        Assert.True(See(rule, 5500, Box(0.2f, 0.4f, 0.2f)));
    }

    [Fact]
    public void Two_classes_near_each_other()
    {
        var rule = new Rule("walked", new AreNear(new ObjectFilter(Person, 0, null), new ObjectFilter(Dog, 0, null), 1), default);
        Assert.False(See(rule, 0, Box(0.1f, 0.1f, 0.1f), Box(0.5f, 0.1f, 0.1f, 0.9f, Dog)));
        Assert.False(See(rule, 1, Box(0.1f, 0.1f, 0.1f), Box(0.2f, 0.1f, 0.1f)));
        Assert.True(See(rule, 2, Box(0.1f, 0.1f, 0.1f), Box(0.2f, 0.1f, 0.1f, 0.9f, Dog)));
    }

    [Fact]
    public void A_fast_object()
    {
        var rule = new Rule("runs", new MovesAtLeast(ObjectFilter.Any, 0.5f), default);
        See(rule, 0, Box(0.1f, 0.1f, 0.1f));
        Assert.False(rule.IsOn);
        _scene.Answer.TrackSlots[0] = new DetectionTrack(1, 1, 0.3f, -0.45f);
        Assert.True(rule.Observe(_scene));
    }

    [Fact]
    public void Dark_frames_and_paths_and_their_joins()
    {
        var dark = new SignalWithin(s => s.Exposure, 0, 0.1f);
        var heavy = new PathTaken([3]);
        _scene.Answer.NodeIndex = 3;
        (_scene.NodeIndex, _scene.End) = (3, FrameEnd.Completed);
        _scene.Signals = FrameSignals.Unknown with { Exposure = 0.05f };
        Assert.True(new AllOf([dark, heavy]).Holds(_scene));
        _scene.Signals = FrameSignals.Unknown with { Exposure = float.NaN };
        Assert.False(new AllOf([dark, heavy]).Holds(_scene));
        Assert.True(new AnyOf([dark, heavy]).Holds(_scene));
        _scene.End = FrameEnd.Failed;
        Assert.False(new AllOf([dark, heavy]).Holds(_scene));
        Assert.Null(new AnyOf([dark, heavy]).Holds(_scene));
        Assert.True(new EndedAs(FrameEnd.Failed).Holds(_scene));
    }

    [Fact]
    public void Fifty_rules_on_fifty_boxes_allocate_nothing()
    {
        var scene = new RuleScene { Answer = new Answer(TaskKind.Detection, 50, 0), End = FrameEnd.Completed };
        var rules = Enumerable.Range(0, 50).Select(i => new Rule($"r{i}", new AllOf([
            new ObjectCount(new ObjectFilter(i % 3, 0.3f, Door), 1, 5), new Dwell(new ObjectFilter(-1, 0, Door), 100 * Ms, 100),
            new Crosses(ObjectFilter.Any, Gate, CrossingDirection.Both, 100), new AreNear(ObjectFilter.Any, ObjectFilter.Any, 0.5f)]),
            new RuleTiming(i * Ms, 10 * Ms))).ToArray();
        var random = new Random(5);
        long before = 0;
        for (int frame = 0; frame < 60; frame++)
        {
            before = frame == 30 ? GC.GetAllocatedBytesForCurrentThread() : before;
            Fill(scene, random, frame);
            foreach (var rule in rules)
            {
                rule.Observe(scene);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Fill(RuleScene scene, Random random, int frame)
    {
        (scene.SourceNs, scene.Answer.NodeIndex, scene.Answer.DetectionCount) = (frame * 33 * Ms, 1, 50);
        for (int i = 0; i < 50; i++)
        {
            scene.Answer.DetectionSlots[i] = Box(random.NextSingle(), random.NextSingle(), 0.1f, random.NextSingle(), i % 4);
            scene.Answer.TrackSlots[i] = new DetectionTrack(1 + ((i + frame) % 70), 1, 0, 0);
        }
    }

    private bool See(Rule rule, int ms, params Detection[] boxes)
    {
        boxes.CopyTo(_scene.Answer.DetectionSlots);
        (_scene.Answer.DetectionCount, _scene.Answer.NodeIndex, _scene.SourceNs) = (boxes.Length, 1, ms * Ms);
        _scene.End = FrameEnd.Completed;
        for (int i = 0; i < boxes.Length; i++)
        {
            _scene.Answer.TrackSlots[i] = new DetectionTrack(i + 1, 0, 0, 0);
        }

        return rule.Observe(_scene);
    }
}
