using System.Globalization;
using EdgeRoute.Workbench.Benching;

namespace EdgeRoute.Cli.Output;

/// <summary>What a benchmark found, for people.</summary>
internal static class BenchText
{
    public static void Show(BenchReport report)
    {
        Console.Out.WriteLine($"{report.Config} on {report.Device}, {report.CoreCount} cores; threads of the models: {report.Threads}");
        if (report.TopRate is { } top)
        {
            Console.Out.WriteLine(TopOf(top, report));
        }

        TableOf(report.Rates.Count > 0 ? report.Rates : report.Trials).Show("nothing was measured yet");
        Console.Out.WriteLine(report.Power is { } power ? $"power: {power}" : "power: nothing measures it here");
    }

    private static string TopOf(double top, BenchReport report)
    {
        string limit = FigureText.Percent(report.DropLimit);
        string trials = string.Create(CultureInfo.InvariantCulture, $"{report.Trials.Count} rates tried");
        return top > 0 ? $"top rate: {FigureText.Short(top)} frames/s of each source with less than {limit} dropped ({trials})"
            : $"top rate: none; even the lowest rate lost {limit} or more ({trials})";
    }

    /// <summary>A row for each source, and one for each path where there are several.</summary>
    private static TextTable TableOf(IReadOnlyList<RateFigures> rates)
    {
        var table = new TextTable(">frames/s", "source", "path", ">share", ">dropped", ">failed", ">p50 ms", ">p95 ms", ">p99 ms",
            ">max ms", ">mJ/frame");
        foreach (var rate in rates)
        {
            foreach (var source in rate.Sources)
            {
                table.Add([FigureText.Short(rate.FramesPerSecond), source.Name, "all", "", FigureText.Percent(source.DropShare),
                    FigureText.Percent(source.FailedShare), .. Cells(source.Latency), FigureText.Short(rate.MillijoulesPerFrame)]);
                foreach (var path in source.Paths.Where(_ => source.Paths.Count > 1))
                {
                    table.Add(["", "", path.Path, FigureText.Percent(path.Share), "", "", .. Cells(path.Latency), ""]);
                }
            }
        }

        return table;
    }

    private static string[] Cells(LatencyFigures? latency) =>
        [FigureText.Short(latency?.P50), FigureText.Short(latency?.P95), FigureText.Short(latency?.P99), FigureText.Short(latency?.Max)];
}
