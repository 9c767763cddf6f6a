using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Packs;

/// <summary>What a pack is, for people and for programs.</summary>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Paths">Every way through its graph.</param>
/// <param name="Rules">Of its cascade, in words; empty where it has none.</param>
public sealed record PackSummary(
    string Name, string Version, string Title, string Task, string Licence, string Origin, int LabelCount, long Bytes, string Manifest,
    IReadOnlyList<PackStageSummary> Stages, IReadOnlyList<string> Paths, string FixedRoute, IReadOnlyList<string> Rules)
{
    /// <summary>Which stages look at crops, and of which boxes, in words.</summary>
    public IReadOnlyList<string> Crops { get; init; } = [];

    /// <exception cref="PackRefusedException">The pack cannot be used.</exception>
    public static PackSummary Of(string manifest, string? files = null)
    {
        var pack = PackReader.Read(manifest, files);
        return new PackSummary(pack.Name, pack.Version, pack.Title, ManifestEnums.Of(ManifestEnums.Tasks, pack.Task), pack.Licence.Spdx,
            pack.Licence.Origin, pack.Labels.Count, PackExport.FilesOf(pack, files).Sum(f => new FileInfo(f.Path).Length),
            pack.ManifestPath, [.. pack.AllStages.Select(PackStageSummary.Of)], [.. new RouteTree(pack.Graph).PathNames], pack.FixedRoute,
            [.. (pack.Cascade?.Rules ?? []).Select(Words)])
        {
            Crops = [.. pack.Crops.Select(c => Words(c, pack))],
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, PackSummaryJson.Default.PackSummary);

    private static string Words(PackCrop crop, Pack pack)
    {
        var (rule, wanted) = (crop.Rule, pack.Labels.Where((_, i) => crop.Rule.Classes[i]).ToList());
        string classes = wanted.Count == pack.Labels.Count ? "every box" : "boxes of " + string.Join(", ", wanted);
        string again = double.IsFinite(rule.RefreshMs) ? string.Create(CultureInfo.InvariantCulture, $"after {rule.RefreshMs} ms or ") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{crop.Stage.Name} ({ManifestEnums.Of(ManifestEnums.Tasks, crop.Pack.Task)}) "
            + $"looks at {classes} from {rule.LeastPixels} pixels on, at most {rule.AtMost} a frame; again {again}at "
            + $"{rule.SizeChange} times the size");
    }

    private static string Words(CascadeRule rule) => string.Create(CultureInfo.InvariantCulture,
        $"{rule.StageName} is enough where {ManifestEnums.Of(ManifestEnums.Signals, rule.Signal)} is at "
            + $"{(rule.StopsAbove ? "least" : "most")} {rule.Threshold:0.####}, else {rule.NextName ?? "the next"}");
}

/// <summary>One model of it.</summary>
/// <param name="Bytes">With its weights.</param>
/// <param name="Input">How the frame enters, in words; empty where it goes on from another stage.</param>
/// <param name="Head">Empty where it has no exit.</param>
public sealed record PackStageSummary(string Name, string File, long Bytes, long OperatorSet, long IrVersion, string Input, string Head,
    IReadOnlyList<string> Outputs)
{
    /// <summary>What it was made of by rounding to int8, in words; empty where it is a model of its own.</summary>
    public string Quantized { get; init; } = "";

    internal static PackStageSummary Of(PackStage stage)
    {
        var header = OnnxHeader.Read(stage.FilePath);
        return new PackStageSummary(stage.Name, Path.GetFileName(stage.FilePath),
            stage.WeightPaths.Append(stage.FilePath).Sum(f => new FileInfo(f).Length),
            header.OperatorSets.GetValueOrDefault(OnnxHeader.StandardDomain), header.IrVersion,
            stage.Input is null ? "" : Words(stage.Input), stage.Exit is null ? "" : ManifestEnums.Of(ManifestEnums.Heads, stage.Exit.Head),
            stage.Exit?.OutputNames ?? [])
        {
            Quantized = stage.Quantized is { } from ? Words(from) : "",
        };
    }

    private static string Words(QuantizedFrom from) => string.Create(CultureInfo.InvariantCulture,
        $"int8 of {from.Stage}{(from.WeightBits is { } bits ? $", weights of {bits} bits" : "")}: agreement {from.Agreement:0.000} on "
            + $"{from.FrameCount} frames, ranges by {from.Method}, {from.FloatLayers} layers in float");

    private static string Words(StageInput input) => string.Create(CultureInfo.InvariantCulture,
        $"{input.Spec.Width}x{input.Spec.Height} {ManifestEnums.Of(ManifestEnums.Channels, input.Spec.Channels)} "
            + $"{ManifestEnums.Of(ManifestEnums.Elements, input.Spec.Element)}, {ManifestEnums.Of(ManifestEnums.Fits, input.Spec.Fit)}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PackSummary))]
internal sealed partial class PackSummaryJson : JsonSerializerContext;
