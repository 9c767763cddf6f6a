using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>What is to become int8, and how.</summary>
/// <param name="Pack">Manifest or its folder.</param>
/// <param name="Files">Folder of the model files; null for beside the manifest.</param>
/// <param name="Source">Footage: a video, a folder of pictures, a recording or a simulated world.</param>
/// <param name="Stages">Names; empty for all that can.</param>
public sealed record QuantizeRequest(string Pack, string? Files, string Source, IReadOnlyList<string> Stages)
{
    /// <summary>How ranges are chosen; null tries all, and takes the one that loses least.</summary>
    public RangeMethod? Method { get; init; }

    public ActivationForm Activations { get; init; } = ActivationForm.UInt8;

    /// <summary>7 or 8; null: 7 where this processor cuts sums of 8-bit products off, else 8.</summary>
    public int? WeightBits { get; init; }

    internal int WeightBitsOn(BoardIdentity board) => WeightBits ?? (board.CutsSumsOfBytes ? 7 : 8);

    /// <summary>Frames used at most; every other four of them are held out.</summary>
    public long FrameLimit { get; init; } = 400;

    /// <summary>Of so many frames of the source, one is used.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Of the frames, to tell what both models are worth; what is taken goes by the float model's answers.</summary>
    public string? Labels { get; init; }

    /// <summary>
    /// How much agreement with the float model may be lost before layers go back to float, in [0, 1]. Null: half a point, and a tenth of
    /// one where answers are boxes, since a class that loses its only box takes more than a point of the precision by labels.
    /// </summary>
    public double? LossMost { get; init; }

    internal double LossMostOf(ExitSpec exit) => LossMost ?? (SiblingJudge.Boxes(exit) ? 0.001 : 0.005);

    /// <summary>The ONNX Runtime library or its folder; null searches the usual places.</summary>
    public string? Library { get; init; }

    /// <summary>Of the sessions; 0: one per core.</summary>
    public int ThreadCount { get; init; }

    /// <summary>An int8 stage that is there already is written over.</summary>
    public bool Replaces { get; init; }

    /// <summary>Measures, and leaves the pack as it is.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>What came of it.</summary>
/// <param name="LeftOut">Stages that stay float alone, each with the reason.</param>
public sealed record QuantizeReport(string Manifest, string Source, string Device, IReadOnlyList<QuantizedStage> Stages,
    IReadOnlyList<string> LeftOut)
{
    /// <summary>7 or 8.</summary>
    public required int WeightBits { get; init; }

    /// <summary>This processor cuts sums of products of 8-bit weights off.</summary>
    public required bool CutsSumsHere { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, QuantizeJson.Default.QuantizeReport);
}

/// <summary>One stage and its int8 sibling.</summary>
/// <param name="Layers">Those of the model that could become int8, in its order.</param>
/// <param name="Calibrated">Frames that the ranges come from.</param>
/// <param name="Int8LayersRun">Layers that the library here runs by int8 kernels.</param>
/// <param name="Kernels">How often each int8 operator is in the graph that the library made of it.</param>
public sealed record QuantizedStage(string Stage, string Sibling, string File, RangeMethod Method,
    IReadOnlyList<JudgedLayer> Layers, int Calibrated, SiblingQuality Quality, StageTimes Float, StageTimes Int8, int Int8LayersRun,
    IReadOnlyDictionary<string, int> Kernels, IReadOnlyList<TriedPoint> Tried)
{
    /// <summary>The agreement that might be lost, in [0, 1].</summary>
    public required double LossMost { get; init; }

    [JsonIgnore]
    public IReadOnlyList<JudgedLayer> FloatLayers => [.. Layers.Where(l => l.IsFloat)];

    [JsonIgnore]
    public int Int8LayerCount => Layers.Count(l => !l.IsFloat);
}

/// <summary>Why layers went back to float.</summary>
public enum FloatMeasure : byte
{
    /// <summary>None did.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>The worst outliers in their inputs.</summary>
    [JsonStringEnumMemberName("outliers")]
    Outliers,

    /// <summary>The largest change of the model's outputs by the layer alone.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>A layer of the model.</summary>
/// <param name="OutlierRatio">Largest magnitude of its input by the standard deviation.</param>
/// <param name="Error">
/// How much it alone, in int8, changes the model's answers: of boxes, the part of their confidence that goes elsewhere; of others, what
/// their outputs change by, in variances. Null where that was not asked.
/// </param>
/// <param name="IsFloat">It went back to float.</param>
public sealed record JudgedLayer(string Name, double OutlierRatio, double? Error, bool IsFloat);

/// <summary>How the int8 model answers on frames that its ranges do not come from.</summary>
/// <param name="Agreement">Mean agreement with the float model's answers; of boxes, average precision against those that it reports. 0 to
/// 1.</param>
/// <param name="LabelQuality">By labels, and <paramref name="FloatLabelQuality"/> that of the float model; null without labels.</param>
public sealed record SiblingQuality(int FrameCount, double Agreement, double? LabelQuality, double? FloatLabelQuality)
{
    /// <summary>
    /// What one frame changes where each is either right or wrong; it is not held against a model. 0 where quality has shades.
    /// </summary>
    [JsonIgnore]
    public double Grain { get; init; }

    /// <summary>
    /// Of boxes, the part of the float model's confidence that went elsewhere; 0 where all are the same. Null for other answers.
    /// </summary>
    public double? Shift { get; init; }

    /// <summary>What models are told apart by, of which less is better.</summary>
    [JsonIgnore]
    public double Distance => Shift ?? (1 - Agreement);
}

/// <summary>Preprocessing, model and head, in milliseconds on this machine; and the size of the files.</summary>
public sealed record StageTimes(float MsP50, float MsP95, long Bytes);

/// <summary>A method and a number of float layers that were tried.</summary>
public sealed record TriedPoint(RangeMethod Method, int FloatLayers, FloatMeasure Measure, SiblingQuality Quality);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(QuantizeReport))]
internal sealed partial class QuantizeJson : JsonSerializerContext;
