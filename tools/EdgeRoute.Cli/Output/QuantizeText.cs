using System.Globalization;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Cli.Output;

/// <summary>What quantization came to, for people.</summary>
internal static class QuantizeText
{
    /// <summary>Layers named where many stay float; the rest is counted.</summary>
    private const int ShownMost = 6;

    public static void Show(QuantizeReport report, QuantizeRequest request)
    {
        Console.Out.WriteLine($"{report.Manifest}: int8 by footage of {report.Source}, times on {report.Device}");
        var table = new TextTable("stage", "file", ">MB", ">p50 ms", ">p95 ms", ">agreement", ">by labels");
        foreach (var stage in report.Stages)
        {
            table.Add(stage.Stage, "", Megabytes(stage.Float), FigureText.Short(stage.Float.MsP50), FigureText.Short(stage.Float.MsP95),
                FigureText.Quality(1), FigureText.Quality(stage.Quality.FloatLabelQuality));
            table.Add(stage.Sibling, stage.File, Megabytes(stage.Int8), FigureText.Short(stage.Int8.MsP50),
                FigureText.Short(stage.Int8.MsP95), FigureText.Quality(stage.Quality.Agreement),
                FigureText.Quality(stage.Quality.LabelQuality));
        }

        table.Show("no stages");
        foreach (var stage in report.Stages)
        {
            Words(stage, request).ForEach(Console.Out.WriteLine);
        }

        Console.Out.WriteLine(Places(report));
    }

    /// <summary>Where the int8 stages run right.</summary>
    public static string Places(QuantizeReport report)
    {
        string here = report.CutsSumsHere ? ", as this one" : "";
        return report.WeightBits == 7 ? "weights have 7 bits: they run right on every processor"
            + (report.CutsSumsHere ? "; for a board with an ARM processor or VNNI, --weight-bits 8 made there keeps a little more" : "")
            : $"weights have 8 bits: they run right on ARM, on x64 with VNNI and on accelerators, not on x64 without VNNI{here}; "
                + "--weight-bits 7 runs right everywhere";
    }

    /// <summary>What the table leaves out.</summary>
    public static List<string> Words(QuantizedStage stage, QuantizeRequest request)
    {
        string method = RangeChoice.WordOf(stage.Method);
        string best = request.Method is null ? ", the best of four" : "";
        string kernels = string.Join(", ", stage.Kernels.Select(k => FormattableString.Invariant($"{k.Value} {k.Key}")));
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"{stage.Sibling}: ranges by {method}{best}, from {stage.Calibrated} frames; "
                + $"judged on {stage.Quality.FrameCount} others"),
            string.Create(CultureInfo.InvariantCulture, $"{stage.Sibling}: {Pace(stage)}; {stage.Int8LayerCount} of "
                + $"{stage.Layers.Count} layers are int8, besides the last ones, and {stage.Int8LayersRun} run by int8 kernels here "
                + $"({kernels})"),
        };
        if (stage.FloatLayers.Count > 0)
        {
            bool isByError = stage.FloatLayers[0].Error is not null;
            var worst = stage.FloatLayers.OrderByDescending(l => l.Error ?? l.OutlierRatio).Take(ShownMost);
            string shown = string.Join(", ", worst.Select(l => $"{l.Name} ({FigureText.Short(l.Error ?? l.OutlierRatio)})"));
            string more = stage.FloatLayers.Count > ShownMost ? $" and {stage.FloatLayers.Count - ShownMost} more" : "";
            lines.Add($"{stage.Sibling}: in float for "
                + (isByError ? "what they alone change in the answers" : "the outliers of their inputs (in deviations)")
                + $": {shown}{more}");
        }

        return lines;
    }

    /// <summary>What a person should know before relying on it.</summary>
    public static List<string> Doubts(QuantizeReport report)
    {
        var doubts = new List<string>(report.LeftOut);
        if (report is { WeightBits: 8, CutsSumsHere: true })
        {
            doubts.Add("this processor has no VNNI and cuts sums of 8-bit weights off, so that what was judged here is worse than on one "
                + "that does not; --weight-bits 7 is for this one, or quantize on the board itself");
        }

        foreach (var stage in report.Stages)
        {
            int wanted = stage.Int8LayerCount;
            if (stage.Quality.Agreement < 1 - stage.LossMost - stage.Quality.Grain)
            {
                doubts.Add(string.Create(CultureInfo.InvariantCulture, $"{stage.Sibling} loses {100 * (1 - stage.Quality.Agreement):0.0} "
                    + $"points, more than the {100 * stage.LossMost:0.##} of --loss, whatever was tried; other footage may help"));
            }

            if (stage.Int8LayersRun < wanted)
            {
                doubts.Add($"{stage.Sibling} has {wanted} int8 layers, of which this library runs {stage.Int8LayersRun} by int8 kernels; "
                    + "the others are computed in float");
            }

            if (stage.Int8.MsP50 >= stage.Float.MsP50)
            {
                doubts.Add($"{stage.Sibling} is no faster than {stage.Stage} here ({FigureText.Ms(stage.Int8.MsP50)} against "
                    + $"{FigureText.Ms(stage.Float.MsP50)}); another processor or provider may differ: measure on the device");
            }
        }

        return doubts;
    }

    private static string Pace(QuantizedStage stage) => stage.Int8.MsP50 > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{stage.Float.MsP50 / stage.Int8.MsP50:0.00} times as fast as {stage.Stage}")
        : "its time was not measured";

    private static string Megabytes(StageTimes times) => FigureText.Short(times.Bytes / 1e6);
}
