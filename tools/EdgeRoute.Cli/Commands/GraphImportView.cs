using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute import</c> of several files: one pack of them, with thresholds chosen on footage where there is some.</summary>
internal static class GraphImportView
{
    /// <summary>How much of the heaviest path's quality may be lost: what is hard to see in pictures.</summary>
    private const double Margin = 0.01;

    /// <summary>As <c>edgeroute frontier</c> takes it where nothing is said.</summary>
    private const double DoubtBand = 0.1;

    public static int Run(ImportRequest request, string[] files, CropImport? crops, bool wantsJson, WorkConsole console)
    {
        var report = GraphImport.Run(request, files, console.Report, console.Show, console.Cancel);
        report = request.Source is { } footage ? ChooseOrTell(report, request, footage, console) : report;
        report = crops is null ? report : report with { Crops = crops.AddTo(report.Folder, report.Guesses) };
        if (wantsJson)
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            ImportText.Lines(report).ForEach(Console.Out.WriteLine);
        }

        return report.Trial.Fault is null ? WorkConsole.Done : WorkConsole.Failed;
    }

    private static GraphImportReport ChooseOrTell(GraphImportReport report, ImportRequest request, string footage, WorkConsole console)
    {
        try
        {
            return Choose(report, request, footage, console);
        }
        catch (OperationCanceledException)
        {
            console.Say($"the pack in {report.Folder} is whole, with the usual thresholds; what was run of '{footage}' is kept, and the "
                + "same command with --replace goes on from there");
            throw;
        }
    }

    private static GraphImportReport Choose(GraphImportReport report, ImportRequest request, string footage, WorkConsole console)
    {
        var choice = SweepOptions.InUsualPlace(new SweepChoice(report.Folder, null, footage, 0, null, "", long.MaxValue, FrameSpan.All,
            DoubtBand, null, request.Library, 0));
        var opened = OpenedSweep.Open(choice, console.Report, console.Show, console.Cancel);
        if (new FrontierRun(opened).CheapestCascade(Margin, console.Cancel) is not { } found)
        {
            console.Say($"warning: no signal of the lighter models varies on '{footage}', so that no threshold can be chosen on it; the "
                + "usual ones stay");
            return report;
        }

        if (found.Quality < found.HeaviestQuality - Margin)
        {
            console.Say($"warning: on '{footage}' every cascade loses more than a point against always taking the heaviest model; the one "
                + "that loses least was taken. The lighter models may be too weak for it: 'edgeroute frontier' shows all");
        }
        else if (found.Ms >= found.HeaviestMs)
        {
            console.Say(string.Create(CultureInfo.InvariantCulture, $"warning: on '{footage}' no cascade that loses a point at most is "
                + $"cheaper than always taking the heaviest model: {found.Ms:0.0} ms a frame against {found.HeaviestMs:0.0}; "
                + $"'policy: {{ kind: fixed, path: {report.Stages[^1].Name} }}' does better there"));
        }

        string[] names = [.. report.Stages.Select(s => s.Name)];
        GraphRule[] rules = [.. found.Settings.Rules.Select(r => new GraphRule(r.StageName,
            ManifestEnums.Of(ManifestEnums.Signals, r.Signal), r.Threshold, r.StopsAbove,
            r.NextName ?? names[Array.IndexOf(names, r.StageName) + 1]))];
        GraphImport.SetRules(report.Folder, rules);
        return report with
        {
            Rules = rules, Outcome = new CascadeOutcome(footage, opened.Part.Frames.Count, found.Quality, found.Ms, found.HeaviestMs),
        };
    }
}
