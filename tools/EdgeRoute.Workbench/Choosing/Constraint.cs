using System.Globalization;
using EdgeRoute.Documents;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A figure of a point that may be bounded.</summary>
public enum PointFigure
{
    LatencyP50,
    LatencyP95,
    LatencyP99,
    LatencyMean,
    FramesPerSecond,
    Memory,
    Watts,
    Energy,
    Quality,
    LookShare,
}

/// <summary>A bound that the chosen point has to keep.</summary>
/// <param name="Limit">In ms, frames per second, bytes, W, mJ, quality or part of the frames in [0, 1].</param>
public sealed record Constraint(PointFigure Figure, double Limit)
{
    /// <summary>What may be bounded, as people write it.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. FigureKind.All.Select(k => k.Word + (k.IsAtLeast ? ">=" : "<="))];

    private FigureKind Kind => FigureKind.Of(Figure);

    /// <summary>Such as <c>latency_p95&lt;=30ms,memory&lt;=2GB,watts&lt;=10</c>; commas or spaces between.</summary>
    /// <exception cref="ArgumentException">It cannot be read; the message says what and how to write it.</exception>
    public static IReadOnlyList<Constraint> ParseAll(string text)
    {
        Constraint[] all = [.. text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        return all.GroupBy(c => c.Figure).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new ArgumentException($"--under bounds '{FigureKind.Of(twice.Key).Word}' twice; once is enough") : all;
    }

    /// <summary>How far a value is beyond the limit, as a part of the limit; 0 where it keeps it, infinite where it is not known.</summary>
    public double Excess(double value)
    {
        if (double.IsNaN(value))
        {
            return double.PositiveInfinity;
        }

        return Math.Max(Kind.IsAtLeast ? (Limit / Math.Max(value, 1e-12)) - 1 : (value / Limit) - 1, 0);
    }

    /// <summary>Its word, the value, and by how much it breaks the limit.</summary>
    public string Lack(double value) => double.IsNaN(value) ? $"{Kind.Word} is not known"
        : string.Create(CultureInfo.InvariantCulture, $"{Kind.Word} is {Kind.Text(value)}, {(Kind.IsAtLeast ? "below" : "above")} "
            + $"{Kind.Text(Limit)} by {100 * Excess(value):0.#} %");

    public override string ToString() => $"{Kind.Word} {(Kind.IsAtLeast ? ">=" : "<=")} {Kind.Text(Limit)}";

    private static Constraint Parse(string text)
    {
        int at = text.IndexOfAny(['<', '>', '=']);
        string word = at < 0 ? text : text[..at];
        var kind = Array.Find(FigureKind.All, k => k.Word == word) ?? throw new ArgumentException($"--under has '{text}'; "
            + $"{NearestName.Suggest(word, [.. FigureKind.All.Select(k => k.Word)])}; write it such as latency_p95<=30ms");
        string rest = at < 0 ? "" : text[at..], wanted = kind.IsAtLeast ? ">=" : "<=";
        string sign = rest.StartsWith(wanted, StringComparison.Ordinal) ? wanted : rest[..Math.Min(rest.Length, 1)];
        if (sign.Length == 0 || sign[0] != wanted[0])
        {
            throw new ArgumentException($"--under has '{text}'; '{word}' is bounded by {wanted}, such as {word}{wanted}{kind.Example}");
        }

        return new Constraint(kind.Figure, kind.Value(rest[sign.Length..], text));
    }
}

/// <summary>How a figure is written.</summary>
/// <param name="IsAtLeast">More of it is better.</param>
/// <param name="Units">Each with what it is worth; one that is empty may be left out.</param>
internal sealed record FigureKind(PointFigure Figure, string Word, bool IsAtLeast, string Example,
    params (string Unit, double Factor)[] Units)
{
    private static readonly (string, double)[] Times = [("ms", 1), ("us", 1e-3), ("s", 1e3)];

    public static readonly FigureKind[] All =
    [
        new(PointFigure.LatencyP50, "latency_p50", false, "20ms", Times),
        new(PointFigure.LatencyP95, "latency_p95", false, "30ms", Times),
        new(PointFigure.LatencyP99, "latency_p99", false, "40ms", Times),
        new(PointFigure.LatencyMean, "latency_mean", false, "20ms", Times),
        new(PointFigure.FramesPerSecond, "frames_per_second", true, "30", ("", 1), ("fps", 1)),
        new(PointFigure.Memory, "memory", false, "2GB", ("MB", 1e6), ("GB", 1e9), ("kB", 1e3), ("MiB", 1 << 20), ("GiB", 1 << 30)),
        new(PointFigure.Watts, "watts", false, "10", ("W", 1), ("", 1), ("mW", 1e-3)),
        new(PointFigure.Energy, "energy", false, "50mJ", ("mJ", 1), ("J", 1e3)),
        new(PointFigure.Quality, "quality", true, "0.95", ("", 1), ("%", 0.01)),
        new(PointFigure.LookShare, "look_share", true, "0.5", ("", 1), ("%", 0.01)),
    ];

    public static FigureKind Of(PointFigure figure) => Array.Find(All, k => k.Figure == figure)!;

    public string Text(double value)
    {
        var (unit, factor) = Units[0];
        string format = Figure is PointFigure.Quality or PointFigure.LookShare ? "0.0000" : "0.###";
        return ((value / factor).ToString(format, CultureInfo.InvariantCulture) + " " + unit).TrimEnd();
    }

    /// <exception cref="ArgumentException">It is no number above 0, or has another unit.</exception>
    public double Value(string text, string whole)
    {
        string number = text.TrimEnd([.. "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%"]), unit = text[number.Length..];
        int at = Array.FindIndex(Units, u => u.Unit == unit);
        bool isNumber = double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0
            && double.IsFinite(value);
        if (at < 0 || !isNumber)
        {
            string units = string.Join(", ", Units.Select(u => u.Unit).Where(u => u.Length > 0));
            throw new ArgumentException($"--under has '{whole}'; write a number above 0{(units.Length > 0 ? $" in {units}" : "")}, such as "
                + $"{Word}{(IsAtLeast ? ">=" : "<=")}{Example}");
        }

        return value * Units[at].Factor;
    }
}
