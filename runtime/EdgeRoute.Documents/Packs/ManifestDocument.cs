using System.Text.Json.Serialization;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// A manifest as written, before any check: everything may be absent. Property names in JSON are these in snake case;
/// <see cref="ManifestShape"/> refuses all others.
/// </summary>
internal sealed class ManifestDocument
{
    /// <summary>Lets editors find the JSON schema; not used here.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public int? Manifest { get; init; }

    public string? Name { get; init; }

    public string? Version { get; init; }

    public string? Title { get; init; }

    public string? Task { get; init; }

    public LicencePart? Licence { get; init; }

    public List<string>? Labels { get; init; }

    public string? LabelsFile { get; init; }

    public List<StagePart>? Stages { get; init; }

    public List<EdgePart>? Edges { get; init; }

    public List<CropPart>? Crops { get; init; }

    public LanguagePart? Language { get; init; }

    public PlanPart? Plan { get; init; }

    public double? MaxAgeMs { get; init; }

    public string? Carry { get; init; }

    public PoliciesPart? Policies { get; init; }

    public List<CostProfilePart>? CostProfiles { get; init; }

    public Dictionary<string, double>? MultiplyAdds { get; init; }

    /// <summary>Of the other blocks; see <see cref="ManifestChecksums"/>.</summary>
    public Dictionary<string, string>? Checksums { get; init; }

    internal sealed class LicencePart
    {
        public string? Spdx { get; init; }

        public string? Origin { get; init; }
    }

    internal sealed class StagePart
    {
        public string? Name { get; init; }

        public string? File { get; init; }

        public string? Sha256 { get; init; }

        public List<WeightsPart>? Weights { get; init; }

        public InputPart? Input { get; init; }

        public KeepInputPart? KeepInput { get; init; }

        public string? SizeInput { get; init; }

        public string? MaskInput { get; init; }

        public List<FeaturePart>? Features { get; init; }

        public List<InstructionPart>? Instruction { get; init; }

        public StatePart? State { get; init; }

        public ExitPart? Exit { get; init; }

        public QuantizedPart? Quantized { get; init; }
    }

    internal sealed class QuantizedPart
    {
        public string? FromStage { get; init; }

        public string? Method { get; init; }

        public int? FloatLayers { get; init; }

        public float? Agreement { get; init; }

        public int? FrameCount { get; init; }

        public int? WeightBits { get; init; }
    }

    internal sealed class WeightsPart
    {
        public string? File { get; init; }

        public string? Sha256 { get; init; }
    }

    internal sealed class InputPart
    {
        public string? Tensor { get; init; }

        public int? Width { get; init; }

        public int? Height { get; init; }

        public int? Multiple { get; init; }

        public string? Channels { get; init; }

        public string? Layout { get; init; }

        public string? Element { get; init; }

        public string? Fit { get; init; }

        public PadPart? Pad { get; init; }

        public int? ResizeShorter { get; init; }

        public List<float>? Mean { get; init; }

        public List<float>? Scale { get; init; }

        public List<float>? Std { get; init; }
    }

    internal sealed class PadPart
    {
        public float? Value { get; init; }

        public string? Placement { get; init; }
    }

    internal sealed class KeepInputPart
    {
        public string? Tensor { get; init; }

        public int? Tokens { get; init; }
    }

    internal sealed class FeaturePart
    {
        public string? Tensor { get; init; }

        public string? FromStage { get; init; }

        public string? FromTensor { get; init; }
    }

    internal sealed class InstructionPart
    {
        public string? Tensor { get; init; }

        public string? FromTensor { get; init; }
    }

    internal sealed class StatePart
    {
        public string? Tensor { get; init; }

        public int? Length { get; init; }
    }

    internal sealed class LanguagePart
    {
        public string? File { get; init; }

        public string? Sha256 { get; init; }

        public string? Tensor { get; init; }

        public int? Length { get; init; }

        public List<string>? Words { get; init; }
    }

    internal sealed class PlanPart
    {
        public int? ExecuteSteps { get; init; }

        public float? ConfidenceAtLeast { get; init; }

        public string? Actions { get; init; }

        public List<int>? Switches { get; init; }

        public List<int>? ReplanOnState { get; init; }
    }

    internal sealed class ExitPart
    {
        public string? Head { get; init; }

        public List<string>? Outputs { get; init; }

        public float? DetectionThreshold { get; init; }

        public float? DoubtFloor { get; init; }

        public float? NmsOverlap { get; init; }

        public int? DetectionLimit { get; init; }

        public List<int>? Strides { get; init; }

        public int? BinCount { get; init; }

        public bool? ApplySigmoid { get; init; }

        public bool? Decoded { get; init; }

        public float? ObjectnessPower { get; init; }

        public float? ClassPower { get; init; }

        public int? TopK { get; init; }

        public float? TsallisOrder { get; init; }

        public bool? Normalize { get; init; }

        public int? StepCount { get; init; }

        public int? DimensionCount { get; init; }

        public string? BoxForm { get; init; }

        public string? BoxUnit { get; init; }

        public string? Activation { get; init; }

        public int? FirstClass { get; init; }

        public int? KeypointCount { get; init; }

        public int? KeypointValues { get; init; }

        public int? MaskCount { get; init; }

        public bool? BatchColumn { get; init; }

        public int? RowLimit { get; init; }

        public float? CellOffset { get; init; }

        public float? MapThreshold { get; init; }

        public float? UnclipRatio { get; init; }

        public float? MinSize { get; init; }

        public int? Blank { get; init; }

        public int? TextLimit { get; init; }

        public string? ConfidenceOutput { get; init; }
    }

    internal sealed class EdgePart
    {
        public string? From { get; init; }

        public string? To { get; init; }

        public List<double>? Keep { get; init; }

        public List<double>? Scale { get; init; }

        public RegionPart? Region { get; init; }

        public string? Merge { get; init; }
    }

    internal sealed class CropPart
    {
        public string? Stage { get; init; }

        public List<string>? Labels { get; init; }

        public string? LabelsFile { get; init; }

        public List<string>? Classes { get; init; }

        public float? Expand { get; init; }

        public int? AtMost { get; init; }

        public float? RefreshMs { get; init; }

        public float? SizeChange { get; init; }

        public int? LeastPixels { get; init; }
    }

    internal sealed class PoliciesPart
    {
        public string? FixedRoute { get; init; }

        public CascadePart? Cascade { get; init; }
    }

    internal sealed class CascadePart
    {
        public string? Entry { get; init; }

        public Dictionary<string, CascadeExitPart>? Exits { get; init; }

        public ReusePart? Reuse { get; init; }
    }

    internal sealed class CascadeExitPart
    {
        public string? Signal { get; init; }

        public float? StopAtLeast { get; init; }

        public float? StopAtMost { get; init; }

        public string? Next { get; init; }
    }

    internal sealed class ReusePart
    {
        public float? MotionAtMost { get; init; }

        public float? AgeMsAtMost { get; init; }
    }

    internal sealed class CostProfilePart
    {
        public string? Device { get; init; }

        public Dictionary<string, CostPart>? Options { get; init; }
    }

    internal sealed class CostPart
    {
        public float? MsP50 { get; init; }

        public float? MsP95 { get; init; }
    }
}

/// <summary>Generated (de)serialisation of the manifest: no reflection at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = ManifestShape.DepthLimit)]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(List<double>))]
[JsonSerializable(typeof(WindowsPart))]
internal sealed partial class ManifestJson : JsonSerializerContext;
