using System.Globalization;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Numbers as people read them, the same in every country.</summary>
internal static class Figures
{
    /// <summary>Milliseconds of a time in nanoseconds.</summary>
    public static double MsOf(long ns) => ns / 1e6;

    /// <summary>Null for what is no finite number, because JSON has no word for it.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 9) : null;

    /// <summary>Three figures that count: 0.0123, 1.23, 123.</summary>
    public static string Short(double value)
    {
        if (double.IsNaN(value))
        {
            return "not a number";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "infinite" : "minus infinite";
        }

        double size = Math.Abs(value);
        int decimals = size switch
        {
            0 or >= 100 => 0,
            >= 10 => 1,
            >= 1 => 2,
            _ => Math.Min(8, 2 - (int)Math.Floor(Math.Log10(size))),
        };
        return Math.Round(value, decimals).ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }

    /// <summary>With a thousandth's resolution, for quality.</summary>
    public static string Quality(double? value) => value is { } number && double.IsFinite(number)
        ? number.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    public static string Ms(double? value) => value is { } number && double.IsFinite(number)
        ? number.ToString("0.00", CultureInfo.InvariantCulture) : "-";

    public static string Percent(double share) => double.IsFinite(share)
        ? (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "an unknown share";
}
