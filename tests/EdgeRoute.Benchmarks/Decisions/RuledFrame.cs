using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;

namespace EdgeRoute.Benchmarks.Decisions;

/// <summary>Fifty rules, each of a zone, a dwell, a crossing and nearness, on fifty boxes that move and change.</summary>
internal sealed class RuledFrame
{
    private const int Count = 50, SceneCount = 64, ClassCount = 4, TrackCount = 70;
    private const long FrameNs = 33_000_000, TimingNs = 10_000_000;

    private static readonly Zone Door = new("door", [new(0.1f, 0.1f), new(0.5f, 0.1f), new(0.5f, 0.9f), new(0.1f, 0.9f)]);

    private static readonly CountingLine Gate = new("gate", new(0.5f, 0), new(0.5f, 1));

    private readonly Rule[] _rules = [.. Enumerable.Range(0, Count).Select(i => new Rule("rule" + i, new AllOf([
        new ObjectCount(new ObjectFilter(i % ClassCount, 0.3f, Door), 1, 5), new Dwell(new ObjectFilter(-1, 0, Door), 10 * TimingNs, 100),
        new Crosses(ObjectFilter.Any, Gate, CrossingDirection.Both, 100), new AreNear(ObjectFilter.Any, ObjectFilter.Any, 0.5f)]),
        new RuleTiming(i * TimingNs / Count, TimingNs)))];

    private readonly RuleScene _scene = new() { Answer = new Answer(TaskKind.Detection, Count, 0), End = FrameEnd.Completed };
    private readonly Detection[][] _boxes;

    public RuledFrame()
    {
        var random = new Random(5);
        _boxes = [.. Enumerable.Range(0, SceneCount).Select(_ => Enumerable.Range(0, Count).Select(i => new Detection(
            random.NextSingle(), random.NextSingle(), 0.1f, 0.1f, random.NextSingle(), i % ClassCount)).ToArray())];
    }

    public void Observe(int frame)
    {
        (_scene.SourceNs, _scene.Answer!.NodeIndex, _scene.Answer.DetectionCount) = (frame * FrameNs, 1, Count);
        _boxes[frame % SceneCount].CopyTo(_scene.Answer.DetectionSlots);
        for (int i = 0; i < Count; i++)
        {
            _scene.Answer.TrackSlots[i] = new DetectionTrack(1 + ((i + frame) % TrackCount), 1, 0, 0);
        }

        foreach (var rule in _rules)
        {
            rule.Observe(_scene);
        }
    }
}
