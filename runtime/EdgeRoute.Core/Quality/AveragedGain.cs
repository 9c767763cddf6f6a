namespace EdgeRoute.Core.Quality;

/// <summary>
/// The mean of several estimators. Tables on different signals, averaged, rank frames better than any one of them, and bear a scene that shifts better than a fit to all
/// signals at once.
/// </summary>
public sealed class AveragedGain : IGainEstimator
{
    /// <summary>Members at most: a decision looks at each.</summary>
    public const int MemberLimit = 8;

    private readonly IGainEstimator[] _members;

    /// <param name="members">The same one may stand several times, and then weighs as often. Averages of averages are not taken.</param>
    /// <exception cref="ArgumentException">None, too many, or one that is itself an average.</exception>
    public AveragedGain(IReadOnlyList<IGainEstimator> members)
    {
        if (members.Count is < 1 or > MemberLimit || members.Any(m => m is AveragedGain))
        {
            throw new ArgumentException($"An average is taken over 1 to {MemberLimit} estimators that are no averages themselves; there are {members.Count}.");
        }

        _members = [.. members];
    }

    public string Name => "averaged";

    public IReadOnlyList<IGainEstimator> Members => _members;

    public float Estimate(ReadOnlySpan<float> features)
    {
        float sum = 0;
        foreach (var member in _members)
        {
            sum += member.Estimate(features);
        }

        return sum / _members.Length;
    }
}
