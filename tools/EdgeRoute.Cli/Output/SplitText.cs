using System.Globalization;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Splitting;

namespace EdgeRoute.Cli.Output;

/// <summary>What splitting came to, for people.</summary>
internal static class SplitText
{
    /// <summary>Points of quality that people ask the cost of.</summary>
    private static readonly double[] Losses = [0.01, 0.03];

    public static void Show(SplitReport report)
    {
        var found = report.Found;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{found.Depth} blocks, width {found.Width}, {found.Heads} heads, {found.Tokens} tokens, {found.TokensInFront} of them in ")
            + $"front{(found.HasClassToken ? ", answered from the first" : ", answered from all")}; {string.Join(", ", found.Layers)}");
        Console.Out.WriteLine($"right by {report.Reference}; times on {report.Device}");
        Console.Out.WriteLine("effective rank by block: " + string.Join(' ', report.Blocks.Select(b =>
            b.ToString("0.0", CultureInfo.InvariantCulture))));
        var tried = new TextTable("sites", "from", "form", "by", ">keep", ">arithmetic", ">quality", ">of whole", ">time");
        foreach (var t in report.Tried)
        {
            tried.Add(string.Join(' ', t.Sites), t.How, Word(t.Form), Word(t.Rank), Number(t.Ratio), Percent(t.Arithmetic),
                Number(t.Quality), Number(t.WholeQuality), Percent(t.TimeShare));
        }

        tried.Show("no sites were tried");
        var exits = new TextTable("exit after", ">agreement", ">may stop", ">saves", "kept");
        foreach (var e in report.Exits)
        {
            exits.Add(e.At.ToString(CultureInfo.InvariantCulture), Number(e.Agreement), Percent(e.StopShare), Percent(e.Saving),
                e.IsKept ? "yes" : "no");
        }

        exits.Show("no exit was tried");
        var paths = new TextTable("path", ">quality", ">arithmetic", ">ms", ">time", ">return");
        foreach (var p in report.Paths.Prepend(report.Original))
        {
            paths.Add(p.Path, Number(p.Quality), Percent(p.Arithmetic), FigureText.Short(p.Ms), Percent(p.TimeShare),
                p.Return is { } back ? Number(back) : "-");
        }

        paths.Show("no paths");
    }

    /// <summary>The cheapest routed point that loses no more than so much against all tokens, beside the cheapest fixed path.</summary>
    public static List<string> Routed(IReadOnlyList<FrontierPoint> points, SplitReport report)
    {
        var lines = new List<string>();
        string whole = report.Paths.Where(p => !p.Path.Contains('@', StringComparison.Ordinal)).MaxBy(p => p.Arithmetic)!.Path;
        double best = points.First(p => p.Family == "fixed" && p.Name == whole).Quality;
        foreach (double loss in Losses)
        {
            var found = new[] { "fixed", "cascade", "value", "oracle" }.Select(f => (Family: f, Point: points
                .Where(p => p.Family == f && p.Quality >= best - loss).MinBy(p => p.Ms)));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"with {100 * loss:0} points less than {best:0.000}: ")
                + string.Join("; ", found.Select(f => f.Point is { } point ? string.Create(CultureInfo.InvariantCulture,
                    $"{f.Family} {point.Ms:0.00} ms ({point.Name})") : $"{f.Family} none")));
        }

        return lines;
    }

    private static string Word(TokenForm form) => form == TokenForm.Drop ? "drop" : "merge";

    private static string Word(TokenRank rank) => rank == TokenRank.ClassAttention ? "class attention" : "norm";

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0%", CultureInfo.InvariantCulture);
}
