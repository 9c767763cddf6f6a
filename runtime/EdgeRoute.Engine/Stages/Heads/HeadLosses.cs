namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>What detection heads let go, over all frames.</summary>
/// <param name="CandidateOverflowCount">Candidates let go because a frame had too many.</param>
/// <param name="DetectionOverflowCount">Detections let go because a frame had more than an answer holds.</param>
public readonly record struct HeadLosses(long CandidateOverflowCount, long DetectionOverflowCount)
{
    public static HeadLosses Of(IEnumerable<IHead?> heads)
    {
        var sum = default(HeadLosses);
        foreach (var head in heads.OfType<DetectionHead>().Distinct())
        {
            sum = new HeadLosses(sum.CandidateOverflowCount + head.CandidateOverflowCount,
                sum.DetectionOverflowCount + head.DetectionOverflowCount);
        }

        return sum;
    }
}
