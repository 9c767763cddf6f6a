using System.Globalization;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Cli.Output;

/// <summary>What came of an import, for people.</summary>
internal static class ImportText
{
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

        lines.Add($"wrote {report.Folder}; to run it, name its manifest.json under 'packs' of a device config");
        AddTrial(lines, report.Trial!);
        return lines;
    }

    private static void AddTrial(List<string> lines, ImportTrial trial)
    {
        if (trial.Fault is { } fault)
        {
            lines.Add($"it does not answer on the picture '{trial.Picture}': {fault}");
            return;
        }

        string found = trial.Answer.Count == 0 ? "nothing found" : "it says";
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"tried on the picture '{trial.Picture}' in {trial.Ms:0.0} ms: {found}"));
        lines.AddRange(trial.Answer.Select(a => "  " + a));
    }

    private static List<string> Unknown(ImportReport report) =>
    [
        $"{report.Model} is not recognised; nothing was written",
        .. report.Inputs.Select(i => $"  input {i}"), .. report.Outputs.Select(o => $"  output {o}"),
        .. report.NearestHeads.Select(h => $"  nearest: head {h}"),
        "models/README.md lists what each head reads; with a manifest written by hand, 'edgerouted check' and 'run' say what does not fit",
    ];
}
