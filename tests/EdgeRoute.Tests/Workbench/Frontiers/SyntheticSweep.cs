using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Frontiers;

/// <summary>Sweeps drawn by chance instead of run, so small that every way through them can be tried.</summary>
internal static class SyntheticSweep
{
    public static readonly TrackerSettings Tracking = new(4, 0.3f, 0.1f);

    public static RouteTree Tree { get; } = SampleGraphs.Cascade();

    /// <summary>A scene whose class stays for some frames and then is another; light is often wrong, heavy never.</summary>
    public static SweptRecording Classes(int frameCount, int seed, double change = 0.3, int intervalMs = 33)
    {
        var random = new Random(seed);
        int right = 0;
        return Of(frameCount, TaskKind.Classification, intervalMs, i =>
        {
            right = random.NextDouble() < change ? random.Next(3) : right;
            return (Class(random.Next(3) == 0 ? random.Next(3) : right), Class(right));
        }, random);
    }

    /// <summary>A box that moves, and one that comes and goes; light sees the first one only, a little beside it.</summary>
    public static SweptRecording Boxes(int frameCount, int seed, int intervalMs = 33)
    {
        var random = new Random(seed);
        double speed = 0.02 * random.NextDouble();
        return Of(frameCount, TaskKind.Detection, intervalMs, i =>
        {
            float left = (float)(0.1 + (speed * i));
            var first = new Detection(left, 0.3f, 0.2f, 0.3f, 0.9f, 0);
            Detection[] seen = random.Next(3) == 0 ? [first] : [first, new(0.7f, 0.1f, 0.2f, 0.2f, 0.8f, 1)];
            return (Box([first with { Left = left + (float)(0.1 * random.NextDouble()) }]), Box(seen));
        }, random);
    }

    public static QualityJudge JudgeOf(SweptRecording sweep) => new(sweep, new AgreementSettings(4),
        [.. sweep.Tree.Nodes.Select(_ => 0f)], sweep.Tree.FindPath("heavy")!, null);

    private static SweptRecording Of(int frameCount, TaskKind task, int intervalMs, Func<int, (Answer Light, Answer Heavy)> answers,
        Random random) => new("synthetic", Tree, task, [.. Enumerable.Range(0, frameCount).Select(i =>
        {
            var (light, heavy) = answers(i);
            var stamp = new FrameStamp(0, i, i * intervalMs * 1_000_000L, i * intervalMs * 1_000_000L);
            var variants = Tree.Variants.Select(v =>
            {
                var node = Tree.Nodes.First(n => n.VariantIndex == v.Index);
                bool isHeavy = node.PathName.EndsWith("heavy", StringComparison.Ordinal);
                var answer = (isHeavy ? heavy : light).Shrunk();
                (answer.Stamp, answer.NodeIndex) = (stamp, node.Index);
                return new SweptVariant((isHeavy ? 20 : 3) + random.NextSingle(), default, answer);
            });
            return new SweptFrame(stamp, new FrameSignals(0.01f, 0.5f, 0.5f, 0.2f, 0.1f, float.PositiveInfinity),
                new byte[Thumbnail.Width * Thumbnail.Height], [.. variants]);
        })]);

    private static Answer Class(int index)
    {
        var answer = new Answer(TaskKind.Classification, 0, 3) { ValueCount = 3, NodeIndex = 0 };
        answer.ValueSlots[index] = 1;
        return answer;
    }

    private static Answer Box(Detection[] boxes)
    {
        var answer = new Answer(TaskKind.Detection, 4, 0) { DetectionCount = boxes.Length, NodeIndex = 0 };
        boxes.CopyTo(answer.DetectionSlots);
        return answer;
    }
}
