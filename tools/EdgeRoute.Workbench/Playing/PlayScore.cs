namespace EdgeRoute.Workbench.Playing;

/// <summary>A policy's play in figures.</summary>
/// <param name="Quality">Mean quality of the answers, in [0, 1].</param>
/// <param name="Ms">Mean device time per frame, measured at the sweep.</param>
public readonly record struct PlayScore(double Quality, double Ms)
{
    public static PlayScore Of(IReadOnlyList<PlayedFrame> played) => new(played.Average(p => (double)p.Quality), played.Average(p => (double)p.Ms));
}
