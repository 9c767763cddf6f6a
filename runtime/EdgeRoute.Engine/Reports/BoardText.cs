using System.Globalization;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Engine.Reports;

/// <summary>Heat and power of the machine in a few words; what is not known is left out.</summary>
internal static class BoardText
{
    /// <summary>For the end of the status line; empty where nothing is known.</summary>
    public static string Brief(BoardReading board)
    {
        string watts = board.Watts is { } w ? Text($"  {w:0.0} W") : "", heat = board.HottestCelsius is { } c ? Text($"  {c:0} C") : "";
        return watts + heat + (board.ThrottleCount is > 0 and var count ? Text($"  throttled {count}") : "");
    }

    /// <summary>For the closing report; null where neither power nor heat is known.</summary>
    public static string? Closing(BoardReading board)
    {
        var words = new List<string>();
        if (board is { WattsMean: { } mean, EnergyJoules: { } joules })
        {
            words.Add(Text($"{mean:0.00} W on the mean, {joules:0.#} J in all, by {board.PowerSource ?? "a sensor that is gone"}"));
        }

        words.AddRange(board.HottestCelsius is { } heat ? [Text($"{heat:0.#} C at the end in {board.HottestZone}")] : []);
        words.AddRange(board.ThrottleCount is { } count ? [Text($"throttled {count} times")] : []);
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
