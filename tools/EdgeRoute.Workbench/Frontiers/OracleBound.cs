namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// The least device time that an oracle needs for a quality: the lower convex hull of its points, since between two of them it can go by
/// the one on some frames and by the other on the rest.
/// </summary>
internal sealed class OracleBound
{
    private readonly List<FrontierPoint> _hull = [];

    /// <param name="points">What the oracle comes to, one at least.</param>
    public OracleBound(IEnumerable<FrontierPoint> points)
    {
        foreach (var point in points.OrderBy(p => p.Quality).ThenByDescending(p => p.Ms))
        {
            while (_hull.Count > 0 && (_hull[^1].Ms >= point.Ms || (_hull.Count > 1 && IsAbove(_hull[^2], _hull[^1], point))))
            {
                _hull.RemoveAt(_hull.Count - 1);
            }

            _hull.Add(point);
        }
    }

    /// <summary>Mean device time per frame for a quality; that of the nearest end where the oracle's points do not reach so far.</summary>
    public double MsAt(double quality)
    {
        int above = _hull.FindIndex(p => p.Quality >= quality);
        if (above <= 0)
        {
            return _hull[above < 0 ? ^1 : 0].Ms;
        }

        var (low, high) = (_hull[above - 1], _hull[above]);
        return low.Ms + ((quality - low.Quality) / (high.Quality - low.Quality) * (high.Ms - low.Ms));
    }

    /// <summary>Of the device time that the oracle saves at a point's quality, against always the heaviest path, the share that the point
    /// does not save: 0 as good as the oracle, 1 nothing saved, above 1 dearer than always the heaviest. Null where there is nothing to be
    /// saved.</summary>
    public double? RegretOf(FrontierPoint point, double heaviestMs)
    {
        double least = MsAt(point.Quality);
        return heaviestMs - least > 1e-9 * heaviestMs ? (point.Ms - least) / (heaviestMs - least) : null;
    }

    /// <summary>The middle one of three points does not lie below the line between the others.</summary>
    private static bool IsAbove(FrontierPoint left, FrontierPoint middle, FrontierPoint right) =>
        (middle.Ms - left.Ms) * (right.Quality - left.Quality) >= (right.Ms - left.Ms) * (middle.Quality - left.Quality);
}
