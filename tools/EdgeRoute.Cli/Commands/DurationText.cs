using System.Globalization;

namespace EdgeRoute.Cli.Commands;

/// <summary>Durations as people write them: 90, 90s, 5m, 1h.</summary>
internal static class DurationText
{
    /// <returns>Seconds.</returns>
    /// <exception cref="ArgumentException">No duration above 0.</exception>
    public static double Seconds(string text)
    {
        var (unit, rest) = text.Length == 0 ? (0, "") : text[^1] switch
        {
            's' => (1, text[..^1]),
            'm' => (60, text[..^1]),
            'h' => (3600, text[..^1]),
            _ => (1, text),
        };
        return double.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number > 0
            ? number * unit : throw new ArgumentException($"'{text}' is no duration; write seconds, or such as 90s, 5m or 1h");
    }
}
