using System.Globalization;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>An explanation as lines of plain words.</summary>
public static class ExplanationText
{
    public static IReadOnlyList<string> Of(FrameExplanation frame)
    {
        var lines = new List<string>();
        AddHead(lines, frame);
        AddSignals(lines, frame);
        // What holds for the whole frame (a ceiling, a context) is said at its first decision only.
        var said = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < frame.Decisions.Count; i++)
        {
            AddDecision(lines, frame.Decisions[i], i + 1, said);
            lines.AddRange(frame.Windows.Where(w => w.Decision == i + 1).Select(WindowWords));
        }

        if (frame.Decisions.Any(d => d.IsWeighed))
        {
            lines.Add("");
            lines.Add("  (quality: expected of the answer the frame ends with; cost: device time expected from there to its end; value: "
                + "quality less price x cost)");
        }

        AddCost(lines, frame);
        return lines;
    }

    private static void AddHead(List<string> lines, FrameExplanation frame)
    {
        string time = frame.CapturedUtc.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lines.Add($"Frame {frame.Frame} of '{frame.Source}' ({frame.Address})");
        lines.Add($"captured {time} UTC, {Figures.Short(frame.FromStartMs / 1000)} s after the recording began; pack '{frame.Pack}', "
            + $"policy '{frame.Policy}'");
        lines.Add("");
        lines.Add(frame.End == "failed" ? $"It failed, there is no answer for this frame: {frame.Fault}."
            : $"It took the path {frame.Path.Replace(">", ", then ", StringComparison.Ordinal)}: {EndWords(frame.End)}.");
        lines.Add($"Answer: {frame.Answer}; {Figures.Short(frame.Cost.LatencyMs)} ms after capture{DeadlineWords(frame.Cost)}.");
        if (frame.Fault is { } fault && frame.End != "failed")
        {
            lines.Add($"It was answered although something went wrong: {fault}.");
        }

        lines.AddRange(frame.Notes);
    }

    private static string EndWords(string end) => end switch
    {
        "completed" => "completed, the path ran to its end",
        "exited" => "exited, an answer was good enough before the costlier stages",
        "escalated" => "escalated, a first answer was not good enough and the frame went to a costlier stage",
        "skipped" => "skipped, the previous answer was reused and nothing was run",
        _ => end,
    };

    private static string DeadlineWords(FrameCost cost) => cost switch
    {
        { LateMs: { } late } => $", {Figures.Short(late)} ms late (the deadline was {Figures.Short(cost.DeadlineMs!.Value)} ms)",
        { DeadlineMs: { } deadline } => $", {Figures.Short(deadline - cost.LatencyMs)} ms before its deadline of "
            + $"{Figures.Short(deadline)} ms",
        _ => "; it had no deadline",
    };

    private static void AddSignals(List<string> lines, FrameExplanation frame)
    {
        bool hasRanks = frame.Signals.Any(s => s.Rank is not null);
        lines.Add("");
        string comparison = hasRanks ? $"compared with the {frame.ComparedFrameCount} frames of this recording"
            : "the recording is too short to say what is much and what is little";
        lines.Add($"What could be seen before anything was run ({comparison}):");
        int width = frame.Signals.Max(s => s.Words.Length);
        foreach (var signal in frame.Signals)
        {
            string value = signal.Value is { } number ? Figures.Short(number) : "-";
            string rank = signal.Rank is { } share ? RankWords(share) : "";
            lines.Add($"  {signal.Words.PadRight(width)}  {$"{signal.Name} {value}",-29} {rank}".TrimEnd());
        }
    }

    private static string RankWords(double rank)
    {
        if (rank is >= 0.45 and <= 0.55)
        {
            return "near the middle of the frames";
        }

        if (rank >= 0.5)
        {
            return $"more than on {Figures.Percent(rank)} of the frames";
        }

        return $"less than on {Figures.Percent(1 - rank)} of the frames";
    }

    private static void AddDecision(List<string> lines, DecisionExplanation decision, int number, HashSet<string> said)
    {
        lines.Add("");
        string place = decision.Place == "frame" ? "at the frame" : $"with the answer of {decision.Place} at hand";
        string price = decision.IsWeighed ? PriceWords(decision.PricePerMs) : "";
        lines.Add($"Decision {number}, {place}{SlackWords(decision.SlackMs)}{price}");
        if (decision.ExitSignals.Count > 0)
        {
            lines.Add("  that answer says of itself: " + string.Join(", ",
                decision.ExitSignals.Select(s => $"{s.Name} {(s.Value is { } v ? Figures.Short(v) : "not a number")}")));
        }

        if (decision.Options.Count > 1)
        {
            AddOptions(lines, decision);
        }

        lines.AddRange(decision.Why.Where((w, i) => said.Add(w) || i == 0).SelectMany(w => Wrapped("  ", w)));
    }

    private static string WindowWords(WindowExplanation window) => $"  {window.Option} looked at {Figures.Percent(window.Width)} x "
        + $"{Figures.Percent(window.Height)} of the frame, from {Figures.Percent(window.Left)} of its width and "
        + $"{Figures.Percent(window.Top)} of its height on";

    private static string SlackWords(double? slackMs) => slackMs switch
    {
        null => "",
        >= 0 and { } left => $", {Figures.Short(left)} ms before the deadline",
        { } left => $", {Figures.Short(-left)} ms after the deadline",
    };

    private static string PriceWords(double pricePerMs) => pricePerMs > 0
        ? $"; a millisecond of device time costs {Figures.Short(pricePerMs)} of quality"
        : "; device time costs nothing";

    private static void AddOptions(List<string> lines, DecisionExplanation decision)
    {
        int width = Math.Max("option".Length, decision.Options.Max(o => o.Name.Length));
        string head = decision.IsWeighed ? "quality   cost ms   price x cost    value" : "cost ms    p95 ms";
        lines.Add($"    {"option".PadRight(width)}   {head}");
        foreach (var option in decision.Options)
        {
            string figures = decision.IsWeighed
                ? $"{Figures.Quality(option.Gain),7}   {Figures.Ms(option.PlanCostMs),7}   {Figures.Quality(option.Paid),12}   "
                    + $"{Figures.Quality(option.Value),6}"
                : $"{Known(option.CostMs, option),7}   {Known(option.CostMsP95, option),7}";
            string mark = option.IsChosen ? "   <- taken" : "";
            string denial = option.Denial is { } why ? $"   not possible, {why}" : "";
            string unknown = option.IsCostKnown ? "" : "   (its stage had not run yet, so its cost was not known)";
            lines.Add($"    {option.Name.PadRight(width)}   {figures}{mark}{denial}{unknown}");
        }
    }

    private static string Known(double ms, OptionExplanation option) => option.IsCostKnown ? Figures.Ms(ms) : "?";

    private static void AddCost(List<string> lines, FrameExplanation frame)
    {
        var cost = frame.Cost;
        lines.Add("");
        lines.Add("What it really cost");
        lines.Add($"  device time {Figures.Ms(cost.DeviceMs)} ms: preprocessing {Figures.Ms(cost.PreprocessMs)}, "
            + $"stages {Figures.Ms(cost.StagesMs)}, heads {Figures.Ms(cost.HeadsMs)}");
        if (cost.CropCount > 0)
        {
            string crops = cost.CropCount == 1 ? "1 crop" : $"{cost.CropCount} crops";
            lines.Add($"    of it {Figures.Ms(cost.CropsMs)} ms for {crops} of its boxes, after the answer was found");
        }

        double other = cost.LatencyMs - cost.WaitedMs - cost.SignalsMs - cost.DeviceMs;
        lines.Add($"  capture to answer {Figures.Ms(cost.LatencyMs)} ms: waited {Figures.Ms(cost.WaitedMs)}, "
            + $"signals {Figures.Ms(cost.SignalsMs)}, device {Figures.Ms(cost.DeviceMs)}, everything else {Figures.Ms(other)}");
        if (cost.EnergyMillijoules is > 0 and { } energy)
        {
            lines.Add($"  energy {Figures.Short(energy)} mJ");
        }

        if (frame.Audit is { } audit)
        {
            string loss = audit.Loss switch
            {
                null => "no figure came of it",
                0 => "nothing was lost",
                { } lost => $"against its answer, the published one loses {Figures.Quality(lost)} of 1",
            };
            string ran = audit.DeviceMs > 0 ? $"the heaviest path ran too ({Figures.Ms(audit.DeviceMs)} ms)"
                : "the heaviest path answered anyway";
            lines.Add($"  audited: {ran}; {loss}. Such a frame is audited with probability {Figures.Short(audit.Probability)}");
        }
    }

    /// <summary>Breaks a sentence into lines that a terminal shows whole.</summary>
    private static IEnumerable<string> Wrapped(string indent, string sentence)
    {
        const int Width = 120;
        string line = indent;
        foreach (string word in sentence.Split(' '))
        {
            if (line.Length + word.Length + 1 > Width)
            {
                yield return line;
                line = indent;
            }

            line += line.Length == indent.Length ? word : " " + word;
        }

        yield return line;
    }
}
