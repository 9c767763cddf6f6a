namespace EdgeRoute.Core.Gains;

/// <summary>
/// The weighted mean of several estimators. Tables on different signals, averaged, rank frames better than any one of them, and bear a
/// scene that shifts better than a fit to all signals at once.
/// </summary>
public sealed class AveragedGain : IGainEstimator
{
    /// <summary>Members at most: a decision looks at each.</summary>
    public const int MemberLimit = 9;

    private readonly IGainEstimator[] _members;
    private readonly float[] _shares;

    /// <param name="members">Averages of averages are not taken.</param>
    /// <param name="shares">How much each counts, above 0, together 1; null for all alike.</param>
    /// <exception cref="ArgumentException">None or too many, one that is itself an average, or shares that do not fit.</exception>
    public AveragedGain(IReadOnlyList<IGainEstimator> members, IReadOnlyList<float>? shares = null)
    {
        if (members.Count is < 1 or > MemberLimit || members.Any(m => m is AveragedGain))
        {
            throw new ArgumentException($"An average is taken over 1 to {MemberLimit} estimators that are no averages themselves; there "
                + $"are {members.Count}.");
        }

        _members = [.. members];
        _shares = [.. shares ?? [.. Enumerable.Repeat(1f / members.Count, members.Count)]];
        if (_shares.Length != members.Count || !_shares.All(s => s is > 0 and <= 1) || Math.Abs(_shares.Sum() - 1) > 1e-3)
        {
            throw new ArgumentException($"The {members.Count} members of an average need as many shares above 0 that sum to 1.");
        }
    }

    public string Name => "averaged";

    public IReadOnlyList<IGainEstimator> Members => _members;

    public IReadOnlyList<float> Shares => _shares;

    public float Estimate(ReadOnlySpan<float> features)
    {
        float sum = 0;
        for (int i = 0; i < _members.Length; i++)
        {
            sum += _shares[i] * _members[i].Estimate(features);
        }

        return Math.Clamp(sum, 0, 1);
    }
}
