namespace EdgeRoute.Workbench.Replaying;

/// <summary>A what-if as lines of plain words.</summary>
public static class WhatIfText
{
    public static IReadOnlyList<string> Of(WhatIfReport report)
    {
        var lines = new List<string>
        {
            $"{report.FrameCount} frames of source '{report.Source}', recorded with '{report.RecordedPolicy}': what if the policy had "
                + $"been {report.Policy}",
            "",
            Row("", "recorded", "what if"),
            Row("expected quality", Figures.Quality(report.Recorded.Quality), Figures.Quality(report.Predicted.Quality)),
            Row("predicted ms a frame", Figures.Ms(report.Recorded.PredictedMs), Figures.Ms(report.Predicted.Ms)),
            Row("measured ms a frame", Figures.Ms(report.Recorded.MeasuredMs), "-"),
        };
        if (report.Recorded.AuditedQuality is { } audited)
        {
            lines.Add(Row($"quality of {report.Recorded.AuditedFrameCount} audits", Figures.Quality(audited), "-"));
        }

        AddPaths(lines, report);
        AddChanges(lines, report);
        AddCounts(lines, report);
        return lines;
    }

    private static string Row(string name, string recorded, string predicted) => $"  {name,-28} {recorded,14} {predicted,14}";

    private static void AddPaths(List<string> lines, WhatIfReport report)
    {
        lines.Add("");
        lines.Add("Paths");
        lines.AddRange(report.Paths.Select(p => Row(p.Path, Share(p.RecordedCount, report.FrameCount),
            Share(p.PredictedCount, report.FrameCount))));
    }

    private static string Share(long count, long all) => count == 0 ? "-"
        : $"{Figures.Percent((double)count / Math.Max(all, 1))} {$"({count})",8}";

    private static void AddChanges(List<string> lines, WhatIfReport report)
    {
        lines.Add("");
        if (report.ChangedFrameCount == 0)
        {
            lines.Add("Every frame would have gone the same way.");
            return;
        }

        lines.Add($"{Frames(report.ChangedFrameCount)} ({Figures.Percent((double)report.ChangedFrameCount / report.FrameCount)}) would "
            + "have gone another way:");
        lines.AddRange(report.Changes.Select(c => $"  {c.Count,7}  {c.From} -> {c.To}"));
    }

    private static string Frames(long count) => count == 1 ? "1 frame" : $"{count} frames";

    private static void AddCounts(List<string> lines, WhatIfReport report)
    {
        lines.Add("");
        if (report.KeptFrameCount > 0)
        {
            lines.Add($"{Frames(report.KeptFrameCount)} kept as recorded: a safety lock, missing signals or a failed stage decided.");
        }

        if (report.LeftOutFrameCount > 0)
        {
            lines.Add($"{Frames(report.LeftOutFrameCount)} left out, because there is no answer (failed).");
        }

        lines.AddRange(report.Notes);
    }
}
