using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Documents.Packs;

/// <summary>Under which terms the pack's files may be used, and where they come from.</summary>
public sealed record PackLicence(string Spdx, string Origin);

/// <summary>Measured cost per option name (<c>heavy</c>, <c>heavy@keep=0.5</c>) on one named device.</summary>
public sealed record CostProfile(string Device, IReadOnlyDictionary<string, StageCost> Options)
{
    /// <summary>The execution provider that was measured; null where that is not known.</summary>
    public string? Provider { get; init; }

    /// <summary>Threads of the models; 0 where that is not known.</summary>
    public int ThreadCount { get; init; }
}

/// <summary>
/// A model pack that passed every check that needs no session: immutable, all names resolved, all files there with the right hash.
/// </summary>
public sealed record Pack(
    string Name, string Version, string Title, TaskKind Task, PackLicence Licence, IReadOnlyList<string> Labels,
    IReadOnlyList<PackStage> Stages, RouteGraph Graph, IReadOnlyList<CostProfile> CostProfiles)
{
    /// <summary>Name of the path that the fixed policy takes, and any frame whose signals are missing.</summary>
    public required string FixedRoute { get; init; }

    /// <summary>Thresholds of the cascade policy; null when the pack has none.</summary>
    public required CascadeSettings? Cascade { get; init; }

    /// <summary>The network that reads instructions; null where the pack takes none.</summary>
    public PackLanguage? Language { get; init; }

    /// <summary>For policies: how far a plan is followed; null for other tasks.</summary>
    public PlanRules? Plan { get; init; }

    /// <summary>Stages that look at the boxes of answers, each at a crop of the frame; their answers are attached to the boxes.</summary>
    public IReadOnlyList<PackCrop> Crops { get; init; } = [];

    /// <summary>How old an answer may be that is reused, in ms of the source's time; null where a stream's usual limit holds.</summary>
    public double? MaxAgeMs { get; init; }

    /// <summary>For detections: how the boxes of an answer that is reused are brought to where they are now.</summary>
    public CarryKind Carry { get; init; }

    /// <summary>Values of the robot's state that the stages take; 0 where they take none.</summary>
    public int StateLength => Stages.Max(s => s.State?.Length ?? 0);

    /// <summary>
    /// Arithmetic of whole paths, by name: multiply-adds of one frame. Empty where the manifest tells none; for people, decisions go by
    /// measured time.
    /// </summary>
    public IReadOnlyDictionary<string, double> MultiplyAdds { get; init; } = new Dictionary<string, double>();

    public required string ManifestPath { get; init; }

    /// <summary>SHA-256 of the manifest itself: with the hashes inside it names every byte of the pack.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>Every stage, those on crops behind those of the route.</summary>
    public IEnumerable<PackStage> AllStages => Stages.Concat(Crops.Select(c => c.Stage));

    /// <summary>The text of a class index; the index itself where the pack has no label for it.</summary>
    public string LabelOf(int classIndex) =>
        (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : classIndex.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Writes a device's measured costs into a table and returns how many variants the profile does not know; those start at zero until
    /// they have run. Without a profile for the device, that is every variant.
    /// </summary>
    /// <param name="provider">The execution provider in use; null for any.</param>
    /// <param name="threadCount">Threads in use; a profile of another count serves where there is none of this one.</param>
    public int FillCosts(RouteTree tree, CostTable costs, string device, string? provider = null, int threadCount = 0)
    {
        var profile = ProfileOf(device, provider, threadCount);
        var unknown = new HashSet<int>();
        foreach (var option in tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0))
        {
            if (profile is not null && profile.Options.TryGetValue(option.Name, out var cost))
            {
                costs.SetProfile(option.VariantIndex, cost);
            }
            else
            {
                unknown.Add(option.VariantIndex);
            }
        }

        return unknown.Count;
    }

    /// <summary>What <see cref="FillCosts"/> fills in; null for nothing.</summary>
    public CostProfile? ProfileOf(string device, string? provider, int threadCount)
    {
        var profiles = CostProfiles.Where(p => string.Equals(p.Device, device, StringComparison.Ordinal) && (provider is null
            || p.Provider is null || string.Equals(p.Provider, provider, StringComparison.OrdinalIgnoreCase))).ToList();
        return profiles.Find(p => p.ThreadCount == threadCount) ?? profiles.FirstOrDefault();
    }
}

/// <summary>A stage on crops, with which boxes it looks at.</summary>
/// <param name="Pack">Its only stage, with its own task and labels: to be opened and checked as any pack is.</param>
public sealed record PackCrop(Pack Pack, CropRule Rule)
{
    public PackStage Stage => Pack.Stages[0];

    /// <summary>Values of one answer at most, as <see cref="CropAnswers"/> holds them.</summary>
    public int ValueLimit => Pack.Task switch
    {
        TaskKind.Classification => Stage.Exit!.TopCount * TextValues.PerCharacter,
        TaskKind.Text => Stage.Exit!.TextLimit * TextValues.PerCharacter,
        _ => Stage.Exit!.DimensionCount,
    };
}

/// <summary>One model file, what it takes and what it ends in.</summary>
/// <param name="FilePath">Full path of the ONNX file.</param>
/// <param name="WeightPaths">Full paths of its external weights, hash-checked too; the ONNX file names them itself.</param>
/// <param name="Input">The tensor made from the frame; null where the stage lives on features alone.</param>
/// <param name="Keep">The graph input that takes the number of tokens to keep; null where tokens are not dropped.</param>
/// <param name="Exit">The head; null where the path must go on.</param>
public sealed record PackStage(
    string Name, string FilePath, string Sha256, IReadOnlyList<string> WeightPaths,
    StageInput? Input, KeepInput? Keep, IReadOnlyList<FeatureInput> Features, ExitSpec? Exit)
{
    /// <summary>Graph inputs that take what the language network makes of the instruction.</summary>
    public IReadOnlyList<InstructionInput> Instruction { get; init; } = [];

    /// <summary>The int64 graph input, [1, 2], that takes width and height of the input tensor; null where the model has none.</summary>
    public string? SizeTensorName { get; init; }

    /// <summary>
    /// The graph input that says which pixels of the input tensor are picture, [1, height, width]: all of them. Null where the model has
    /// none.
    /// </summary>
    public string? MaskTensorName { get; init; }

    /// <summary>The graph input that takes the robot's state; null where the stage does not look at it.</summary>
    public StateInput? State { get; init; }

    /// <summary>What the stage was made of by rounding to int8; null where it is a model of its own.</summary>
    public QuantizedFrom? Quantized { get; init; }
}

/// <summary>Where an int8 stage comes from, and how well it answers; for people, decisions go by calibrations.</summary>
/// <param name="Stage">The float stage.</param>
/// <param name="Method">How the ranges of its tensors were chosen.</param>
/// <param name="FloatLayers">Layers that stayed float.</param>
/// <param name="Agreement">Mean agreement with the float stage, 0 to 1, on <paramref name="FrameCount"/> frames.</param>
public sealed record QuantizedFrom(string Stage, string Method, int FloatLayers, float Agreement, int FrameCount)
{
    /// <summary>7 runs right everywhere; 8 not on x64 processors without VNNI. Null where it is not known.</summary>
    public int? WeightBits { get; init; }
}

/// <summary>Which graph input takes the frame, and how the frame is made into it.</summary>
public sealed record StageInput(string TensorName, FrameInputSpec Spec);

/// <summary>The int64 graph input that says how many of the stage's tokens go on.</summary>
public sealed record KeepInput(string TensorName, int TokenCount)
{
    /// <summary>
    /// Tokens kept at a ratio: rounded, and at least one. ONNX Runtime refuses more than there are, but takes zero silently and yields
    /// nothing.
    /// </summary>
    public int CountFor(double keepRatio) =>
        (int)Math.Clamp(Math.Round(keepRatio * TokenCount, MidpointRounding.AwayFromZero), 1, TokenCount);
}

/// <summary>A graph input that takes an earlier stage's output where it lies.</summary>
public sealed record FeatureInput(string TensorName, int FromStageIndex, string FromTensorName);

/// <summary>A graph input that takes an output of the pack's language network.</summary>
public sealed record InstructionInput(string TensorName, string FromTensorName);

/// <summary>The float32 graph input, [1, <paramref name="Length"/>], that takes the robot's state of the frame.</summary>
public sealed record StateInput(string TensorName, int Length)
{
    /// <summary>Values at most: two arms of seven joints with their grippers.</summary>
    public const int LengthLimit = 16;
}
