namespace EdgeRoute.Cli.Top;

/// <summary>The characters that pictures are made of: such as every UTF-8 terminal font has, or plain ASCII.</summary>
/// <param name="Rule">Of lines across the screen.</param>
/// <param name="Fill">Of bars.</param>
/// <param name="Empty">Of the rest of a bar.</param>
/// <param name="Marker">Of a limit in a bar.</param>
/// <param name="Previous">Of frames that reused the previous answer.</param>
/// <param name="Paths">From light to heavy.</param>
internal sealed record Glyphs(char Rule, char Fill, char Empty, char Marker, char Previous, string Paths)
{
    public static Glyphs Unicode { get; } = new('─', '█', ' ', '│', '·', "░▒▓█");

    public static Glyphs Ascii { get; } = new('-', '=', ' ', '|', '.', "-+*#");

    private const string MorePaths = "oxvz%&@";

    /// <summary>
    /// Of a path by its place among the paths that run a stage: the last four get the shades, from light to heavy; with more, the first
    /// ones letters.
    /// </summary>
    public char OfPath(int place, int count)
    {
        int shade = place + Paths.Length - count;
        return shade >= 0 ? Paths[Math.Min(shade, Paths.Length - 1)] : MorePaths[place % MorePaths.Length];
    }
}
