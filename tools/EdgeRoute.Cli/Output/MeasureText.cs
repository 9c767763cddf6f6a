using System.Globalization;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Cli.Output;

/// <summary>What a measurement found, for people.</summary>
internal static class MeasureText
{
    public static void Show(MeasureReport report)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pack {report.Pack} on {report.Device}, {report.CoreCount} "
            + $"cores, ONNX Runtime {report.Library}; {report.RoundCount} rounds in {report.Seconds:0} s on frames of {report.Source}"));
        Console.Out.WriteLine($"heaviest path: {report.HeaviestPath}");
        SettingsOf(report).Show("nothing was measured yet");
        Console.Out.WriteLine();
        VariantsOf(report).Show("");
        Console.Out.WriteLine();
        OpeningsOf(report).Show("");
        Console.Out.WriteLine();
        if (report.Batches.Count > 0)
        {
            BatchesOf(report).Show("");
            Console.Out.WriteLine();
        }

        Words(report).ForEach(Console.Out.WriteLine);
    }

    /// <summary>What the tables leave out.</summary>
    public static List<string> Words(MeasureReport report)
    {
        var lines = report.Choices.Select(ChoiceOf).ToList();
        lines.AddRange(report.Absent.Select(a => $"does not work here: {a}"));
        lines.Add($"energy: {report.Power}");
        lines.Add($"other processes: {FigureText.Percent(report.OthersPercent / 100)} of the processor");
        return lines;
    }

    private static string ChoiceOf(ChosenThreads choice)
    {
        string start = $"best with {NameOf(choice.Provider, choice.Spin)}: {choice.Threads} thread{(choice.Threads == 1 ? "" : "s")}, "
            + FigureText.Ms(choice.Ms);
        return choice.Threads == choice.FastestThreads ? start
            : $"{start}; {choice.FastestThreads} threads ({FigureText.Ms(choice.FastestMs)}) bring less than 5 % and keep more cores busy";
    }

    private static string NameOf(string provider, bool spin) => spin ? provider + " and spinning threads" : provider;

    private static TextTable SettingsOf(MeasureReport report)
    {
        var table = new TextTable("provider", ">threads", "spin", ">p50 ms", ">p95 ms", ">busy cores", ">watts", ">runs");
        foreach (var one in report.Settings)
        {
            table.Add(one.Provider, Whole(one.Threads), one.Spin ? "yes" : "no", FigureText.Short(one.PathMsP50),
                FigureText.Short(one.PathMsP95), FigureText.Short(one.BusyCores), FigureText.Short(one.Watts), Whole(one.SweepCount));
        }

        return table;
    }

    private static TextTable VariantsOf(MeasureReport report)
    {
        var table = new TextTable("stage", "provider", ">threads", "spin", ">p50 ms", ">p95 ms", ">first ms", ">mJ");
        static VariantFigures[] All(SettingFigures setting) => [.. setting.Variants, .. setting.Crops];
        var rows = from i in Enumerable.Range(0, report.Settings.Count > 0 ? All(report.Settings[0]).Length : 0)
                   from setting in report.Settings
                   select (setting, All(setting)[i]);
        foreach (var (setting, one) in rows)
        {
            table.Add(one.Name, setting.Provider, Whole(setting.Threads), setting.Spin ? "yes" : "no", FigureText.Short(one.MsP50),
                FigureText.Short(one.MsP95), FigureText.Short(one.FirstMs), FigureText.Short(one.Millijoules));
        }

        return table;
    }

    private static TextTable OpeningsOf(MeasureReport report)
    {
        var table = new TextTable("session", "provider", ">open ms", ">memory");
        foreach (var one in report.Openings)
        {
            table.Add(one.Stage, one.Provider, FigureText.Short(one.Ms), FigureText.Bytes(one.MemoryBytes));
        }

        return table;
    }

    private static TextTable BatchesOf(MeasureReport report)
    {
        var table = new TextTable("model alone", "provider", ">threads", ">frames", ">p50 ms", ">ms a frame", "");
        foreach (var one in report.Batches)
        {
            float? ms = one.Fault is null ? one.MsP50 : null;
            table.Add(one.Stage, one.Provider, Whole(one.Threads), Whole(one.Size), FigureText.Short(ms),
                FigureText.Short(ms / one.Size), one.Fault ?? "");
        }

        return table;
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
