using System.Globalization;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Cli.Output;

/// <summary>What came of an import, for people.</summary>
internal static class ImportText
{
    /// <summary>Heads shown of a model that is not recognised: those after them are further off than writing a manifest by hand.</summary>
    private const int HeadsMost = 4;

    public static List<string> Lines(ImportReport report)
    {
        if (report.Family is null)
        {
            return Unknown(report);
        }

        List<string> lines = [$"{report.Model} is {report.Family}; head '{report.Head}'", .. report.Reasons.Select(r => $"  because: {r}")];
        foreach (var guess in report.Guesses)
        {
            lines.Add($"  guessed: {guess.What}: {guess.Value}");
            lines.Add($"           to change: {guess.Change}");
        }

        AddCrops(lines, report.Crops);
        lines.Add($"wrote {report.Folder}; to run it: edgerouted run {report.Config}");
        AddTrial(lines, report.Trial!);
        return lines;
    }

    /// <summary>Of several files.</summary>
    public static List<string> Lines(GraphImportReport report)
    {
        List<string> lines = [];
        foreach (var stage in report.Stages)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{stage.Name}: {stage.Import.Model} is {stage.Import.Family}; head "
                + $"'{stage.Import.Head}'; {stage.Import.Trial!.Ms:0.0} ms here"));
            lines.AddRange(stage.Import.Guesses.Select(g => $"  guessed: {g.What}: {g.Value}; to change: {g.Change}"));
        }

        lines.Add($"in one graph, the cheapest first by the least of a few runs on this machine: {string.Join(", ",
            report.Stages.Select(s => s.Name))}");
        lines.AddRange(report.Rules.Select(r => $"  {r}"));
        lines.Add(OutcomeText(report));
        AddCrops(lines, report.Crops);
        lines.Add($"wrote {report.Folder}; to run it: edgerouted run {report.Config}");
        AddTrial(lines, report.Trial);
        return lines;
    }

    private static void AddCrops(List<string> lines, IReadOnlyList<ImportReport> crops)
    {
        foreach (var crop in crops)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"on each box {Path.GetFileName(crop.Folder)}: {crop.Model} is "
                + $"{crop.Family}; head '{crop.Head}'; {crop.Trial!.Ms:0.0} ms here"));
            lines.AddRange(crop.Guesses.Select(g => $"  guessed: {g.What}: {g.Value}; to change: {g.Change}"));
        }
    }

    private static string OutcomeText(GraphImportReport report)
    {
        if (report.Rules.Count == 0)
        {
            return "  no cascade: these heads compute no signal that one could go by";
        }

        return report.Outcome is { } outcome
            ? string.Create(CultureInfo.InvariantCulture, $"  chosen on the {outcome.FrameCount} frames of {outcome.Source}: agrees with "
                + $"'{report.Stages[^1].Name}' to {outcome.Quality:0.000} at {outcome.Ms:0.0} ms a frame, where that one alone takes "
                + $"{outcome.HeaviestMs:0.0} ms")
            : "  guessed: these thresholds; --source FOOTAGE chooses them, and 'edgeroute frontier' shows what others come to";
    }

    private static void AddTrial(List<string> lines, ImportTrial trial)
    {
        if (trial.Fault is { } fault)
        {
            lines.Add($"it does not answer on {trial.Seen}: {fault}");
            return;
        }

        string found = trial.Answer.Count == 0 ? "nothing found" : "it says";
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"tried on {trial.Seen} in {trial.Ms:0.0} ms: {found}"));
        lines.AddRange(trial.Answer.Select(a => "  " + a));
        lines.AddRange(trial.Drawn is { } drawn ? [$"drawn into {drawn}"] : []);
    }

    private static string[] Further(int count) => count <= 0 ? []
        : [string.Create(CultureInfo.InvariantCulture, $"  further off: {count} more, which --json lists")];

    private static List<string> Unknown(ImportReport report) =>
    [
        $"{report.Model} is not recognised; nothing was written",
        .. report.Inputs.Select(i => $"  input {i}"), .. report.Outputs.Select(o => $"  output {o}"),
        .. report.NearestHeads.Take(HeadsMost).Select(h => $"  nearest: head {h}"),
        .. Further(report.NearestHeads.Count - HeadsMost),
        "models/README.md lists what each head reads; with a manifest written by hand, 'edgerouted check' and 'run' say what does not fit",
    ];
}
