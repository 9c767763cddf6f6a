using System.Globalization;
using System.Text;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>What episodes came to, for people.</summary>
internal static class EpisodeText
{
    /// <summary>Path rows shown; the rest is summed.</summary>
    private const int PathLimit = 6;

    /// <param name="routed">The policy that was shown.</param>
    /// <param name="heavy">The same tables, always the heaviest path.</param>
    public static string Compare(EpisodeSummary routed, EpisodeSummary heavy)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{"",-14} {"episodes",9} {"placed",8} {"95 % interval",15} {"ms/episode",11} "
            + $"{"M mul-adds",11} {"plans",6} {"ticks",6}\n");
        AddRow(text, routed);
        if (heavy.All.EpisodeCount > 0)
        {
            AddRow(text, heavy);
            text.Append(CultureInfo.InvariantCulture, $"routed takes {100 * routed.DeviceMs / heavy.DeviceMs:0} % ")
                .Append("of the device time of always heavy");
            double arithmetic = routed.MultiplyAdds / heavy.MultiplyAdds;
            text.Append(double.IsFinite(arithmetic) ? string.Create(CultureInfo.InvariantCulture,
                $" and {100 * arithmetic:0} % of its arithmetic\n") : "\n");
        }

        text.Append("frames by path:\n");
        foreach (var path in routed.Paths.Take(PathLimit))
        {
            string name = path.Name == "previous" ? "previous (the plan at hand is followed)" : path.Name;
            text.Append(CultureInfo.InvariantCulture, $"  {name,-50} {100 * path.FrameShare,5:0.0} %   {path.DeviceMsP50,6:0.00} ms\n");
        }

        if (routed.Paths.Count > PathLimit)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {"others",-50} "
                + $"{100 * routed.Paths.Skip(PathLimit).Sum(p => p.FrameShare),5:0.0} %\n");
        }

        AddFailures(text, routed);
        return text.ToString().TrimEnd();
    }

    private static void AddRow(StringBuilder text, EpisodeSummary one)
    {
        var (low, high) = one.All.SuccessInterval();
        string interval = string.Create(CultureInfo.InvariantCulture, $"{100 * low:0} - {100 * high:0} %");
        text.Append(CultureInfo.InvariantCulture, $"{one.Policy,-14} {one.All.EpisodeCount,9} {100 * one.All.SuccessShare,6:0.0} % "
            + $"{interval,15} {one.DeviceMs,11:0.00} ");
        string arithmetic = double.IsFinite(one.MultiplyAdds) ? (one.MultiplyAdds / 1e6).ToString("0.0", CultureInfo.InvariantCulture)
            : "-";
        text.Append(CultureInfo.InvariantCulture, $"{arithmetic,11} {one.PlanCount,6:0.0} {one.TickCount,6:0.0}\n");
    }

    private static void AddFailures(StringBuilder text, EpisodeSummary routed)
    {
        var all = routed.All;
        if (all.PlacedCount < all.EpisodeCount)
        {
            text.Append(CultureInfo.InvariantCulture, $"not placed: wrong thing {all.WrongThingCount}, wrong pad {all.WrongPadCount}, out "
                + $"of time {all.OutOfTimeCount}\n");
        }
    }
}
