using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Tests.Core.Gains;

/// <summary>Scales, estimators and whole calibrations drawn by chance, each sound by its own rules.</summary>
internal static class RandomCalibration
{
    public static Calibration Of(Random random, RouteTree tree)
    {
        var nodes = tree.Nodes.Select(n => n.Index == 0 || n.Options.Length > 1 ? NodeOf(random, n) : null).ToList();
        var centroids = Enumerable.Range(0, random.Next(4))
            .Select(_ => (IReadOnlyList<float>)[.. Floats(random, SignalVector.FrameCount, -1, 1)]);
        return new Calibration(tree, nodes, [.. centroids]);
    }

    /// <summary>Knots with ties, and signals that never changed.</summary>
    public static SignalScale Scale(Random random, int signalCount) =>
        new([.. Enumerable.Range(0, signalCount).Select(_ => (IReadOnlyList<float>)Knots(random))]);

    public static float[] Knots(Random random)
    {
        float[] knots = [.. Floats(random, random.Next(1, 10), -2, 2)];
        for (int i = 1; i < knots.Length; i++)
        {
            knots[i] = random.Next(3) == 0 ? knots[i - 1] : knots[i];
        }

        return [.. knots.Order()];
    }

    public static IGainEstimator Estimator(Random random, int featureCount) => random.Next(4) switch
    {
        0 => new ConstantGain(random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextSingle() }),
        1 => Table(random, featureCount),
        2 => Logistic(random, featureCount),
        _ => Average(random, featureCount),
    };

    public static IsotonicGain Table(Random random, int featureCount)
    {
        float[] at = [.. Floats(random, random.Next(1, IsotonicGain.PointLimit + 1), -1.2f, 1.2f).Distinct().Order()];
        var values = Enumerable.Range(0, at.Length).Select(_ => random.Next(5) == 0 ? 0.5f : random.NextSingle());
        values = random.Next(2) == 0 ? values.Order() : values.OrderDescending();
        return new IsotonicGain(random.Next(featureCount), at, [.. values]);
    }

    public static LogisticGain Logistic(Random random, int featureCount)
    {
        float size = random.Next(4) == 0 ? 900_000 : 3;
        return new LogisticGain(Floats(random, 1, -size, size).First(), [.. Floats(random, featureCount, -size, size)]);
    }

    public static AveragedGain Average(Random random, int featureCount)
    {
        int count = random.Next(1, AveragedGain.MemberLimit + 1);
        var members = Enumerable.Range(0, count).Select(i => i % 2 == 0 ? (IGainEstimator)Table(random, featureCount)
            : Logistic(random, featureCount)).ToList();
        float[] shares = [.. Floats(random, count, 0.05f, 1)];
        float sum = shares.Sum();
        return random.Next(2) == 0 ? new AveragedGain(members) : new AveragedGain(members, [.. shares.Select(s => Math.Min(s / sum, 1))]);
    }

    public static IEnumerable<float> Floats(Random random, int count, float from, float to)
    {
        for (int i = 0; i < count; i++)
        {
            yield return from + ((to - from) * random.NextSingle());
        }
    }

    private static CalibratedNode NodeOf(Random random, RouteNode node)
    {
        var scale = Scale(random, node.Index == 0 ? SignalVector.FrameCount : SignalVector.Count);
        return new CalibratedNode(scale,
            [.. node.Options.Select(_ => (IReadOnlyList<CalibratedPlan>)[.. Plans(random, scale.FeatureCount)])]);
    }

    private static IEnumerable<CalibratedPlan> Plans(Random random, int featureCount)
    {
        int count = random.Next(1, Calibration.PlanLimit + 1);
        for (int i = 0; i < count; i++)
        {
            yield return new CalibratedPlan(Estimator(random, featureCount), random.Next(3) == 0 ? null : Estimator(random, featureCount));
        }
    }
}
