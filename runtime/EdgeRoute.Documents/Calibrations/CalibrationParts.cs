using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Documents.Calibrations;

/// <summary>Between calibration objects and the parts of a calibration file.</summary>
internal static class CalibrationParts
{
    private const string Constant = "constant", Isotonic = "isotonic", Logistic = "logistic", Averaged = "averaged";

    public static CalibrationDocument.NodePart PartOf(RouteNode node, CalibratedNode calibrated) => new()
    {
        Path = node.PathName,
        Signals = [.. Enumerable.Range(0, calibrated.Scale.SignalCount).Select(i => new CalibrationDocument.SignalPart
        {
            Name = SignalVector.Names[i], Knots = [.. calibrated.Scale.KnotsOf(i)],
        })],
        Options = [.. node.Options.Zip(calibrated.Plans, (option, plans) => new CalibrationDocument.OptionPart
        {
            Name = option.Name,
            Plans = [.. plans.Select(p => new CalibrationDocument.PlanPart { Gain = PartOf(p.Gain),
                Onward = p.Onward is null ? null : PartOf(p.Onward) })],
        })],
    };

    /// <exception cref="ArgumentException">The part is not one of this node.</exception>
    public static CalibratedNode NodeOf(RouteNode node, CalibrationDocument.NodePart part)
    {
        for (int i = 0; i < part.Signals.Count; i++)
        {
            if (i >= SignalVector.Count || part.Signals[i].Name != SignalVector.Names[i])
            {
                throw new ArgumentException($"signal {i} at '{node.PathName}' is '{part.Signals[i].Name}'; this build has "
                    + $"{string.Join(", ", SignalVector.Names)}");
            }
        }

        string[] names = [.. node.Options.Select(o => o.Name)];
        if (!part.Options.Select(o => o.Name).SequenceEqual(names))
        {
            throw new ArgumentException($"the options at '{node.PathName}' are {string.Join(", ", part.Options.Select(o => o.Name))}; the "
                + $"pack has {string.Join(", ", names)}");
        }

        var plans = part.Options.Select(o =>
            (IReadOnlyList<CalibratedPlan>)[.. o.Plans.Select(p => new CalibratedPlan(EstimatorOf(p.Gain), OnwardOf(p.Onward)))]);
        return new CalibratedNode(new SignalScale([.. part.Signals.Select(s => (IReadOnlyList<float>)s.Knots)]), [.. plans]);
    }

    private static CalibrationDocument.EstimatorPart PartOf(IGainEstimator estimator) => estimator switch
    {
        ConstantGain constant => new() { Kind = Constant, Value = constant.Value },
        IsotonicGain table => new() { Kind = Isotonic, Feature = table.FeatureIndex, At = [.. table.At], Values = [.. table.Values] },
        LogisticGain logistic => new() { Kind = Logistic, Bias = logistic.Bias, Weights = [.. logistic.Weights] },
        AveragedGain average => new()
        {
            Kind = Averaged,
            Members = [.. average.Members.Select(PartOf)],
            Shares = [.. average.Shares],
        },
        _ => throw new ArgumentException($"an estimator '{estimator.Name}' cannot be written"),
    };

    private static IGainEstimator? OnwardOf(CalibrationDocument.EstimatorPart? part) => part is null ? null : EstimatorOf(part);

    private static IGainEstimator EstimatorOf(CalibrationDocument.EstimatorPart? part) => part?.Kind switch
    {
        Constant when part is { Value: { } value } => new ConstantGain(value),
        Isotonic when part is { Feature: { } feature, At: { } at, Values: { } values } => new IsotonicGain(feature, at, values),
        Logistic when part is { Bias: { } bias, Weights: { } weights } => new LogisticGain(bias, weights),
        Averaged when part is { Members: { } members, Shares: { } shares } => new AveragedGain([.. members.Select(EstimatorOf)], shares),
        _ => throw new ArgumentException($"an estimator of kind '{part?.Kind}' is unknown or lacks its numbers; known are {Constant}, "
            + $"{Isotonic}, {Logistic} and {Averaged}"),
    };
}
