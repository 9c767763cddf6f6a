using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>What is to be cut, and how.</summary>
/// <param name="Model">An ONNX file, or a pack that has it as a stage.</param>
/// <param name="Source">Footage: a folder of pictures, a video, a recording or a simulated world.</param>
public sealed record SplitRequest(string Model, string Source)
{
    /// <summary>Of a pack: folder of its files; null for beside the manifest.</summary>
    public string? Files { get; init; }

    /// <summary>Of a pack: the stage to cut; null where it has only one.</summary>
    public string? Stage { get; init; }

    /// <summary>The new pack's name; null: that of the model, with an ending.</summary>
    public string? Name { get; init; }

    /// <summary>Where it is written; null: a folder of its name, here.</summary>
    public string? Folder { get; init; }

    /// <summary>Of the frames; without, the whole model's answers are taken for right.</summary>
    public string? Labels { get; init; }

    /// <summary>Blocks before which tokens stay behind; null tries several places.</summary>
    public IReadOnlyList<int>? Sites { get; init; }

    /// <summary>How many places there are, where they are tried.</summary>
    public int SiteCount { get; init; } = 3;

    /// <summary>Random places that the others are compared with.</summary>
    public int RandomCount { get; init; } = 2;

    /// <summary>Blocks after which there is an exit; null tries several, and keeps one that earns its place.</summary>
    public IReadOnlyList<int>? Exits { get; init; }

    /// <summary>Shares of the tokens that are kept at each place.</summary>
    public IReadOnlyList<double> Ratios { get; init; } = [1, 0.9, 0.8, 0.7, 0.6, 0.5];

    /// <summary>Null tries both.</summary>
    public TokenForm? Form { get; init; }

    /// <summary>Null tries what the model has.</summary>
    public TokenRank? Rank { get; init; }

    /// <summary>Frames used at most: of every eight, four are fitted and chosen on, and four judge.</summary>
    public long FrameLimit { get; init; } = 400;

    /// <summary>Of so many frames of the source, one is used.</summary>
    public int Every { get; init; } = 1;

    /// <summary>The ONNX Runtime library or its folder; null searches the usual places.</summary>
    public string? Library { get; init; }

    /// <summary>Of the sessions; 0: one per core.</summary>
    public int ThreadCount { get; init; }

    /// <summary>A pack that is there already is written over.</summary>
    public bool Replaces { get; init; }
}

/// <summary>What came of it.</summary>
/// <param name="Reference">What was taken for right: the labels, or the whole model.</param>
/// <param name="Original">The model as it was.</param>
/// <param name="Blocks">Effective rank of each block's attention on the footage.</param>
/// <param name="Tried">Places and forms, at the same arithmetic, on the frames that choices were made on.</param>
/// <param name="Exits">Those that were tried.</param>
/// <param name="Paths">Of the pack that was written, on frames that nothing was chosen or fitted on.</param>
public sealed record SplitReport(string Manifest, string Source, string Device, string Reference, FoundModel Found, PathFigures Original,
    IReadOnlyList<double> Blocks, IReadOnlyList<TriedSites> Tried, IReadOnlyList<TriedExit> Exits, IReadOnlyList<PathFigures> Paths)
{
    /// <summary>How what stays behind is treated in the pack.</summary>
    public required SplitChoice Chosen { get; init; }

    /// <summary>The device config that runs the pack.</summary>
    public required string Config { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, SplitJson.Default.SplitReport);
}

/// <summary>The transformer that was found.</summary>
/// <param name="Layers">How its layers were exported, in words.</param>
public sealed record FoundModel(int Depth, int Width, int Heads, int Tokens, int TokensInFront, bool HasClassToken, bool HasPooledHead,
    IReadOnlyList<string> Layers);

/// <summary>How a pack was cut.</summary>
public sealed record SplitChoice(IReadOnlyList<int> Sites, IReadOnlyList<int> Exits, TokenForm Form, TokenRank Rank);

/// <summary>One way of leaving tokens behind.</summary>
/// <param name="How">Where the places come from: even, rank, random, given.</param>
/// <param name="Arithmetic">As a share of the whole.</param>
public sealed record TriedSites(string How, IReadOnlyList<int> Sites, TokenForm Form, TokenRank Rank, double Ratio, double Arithmetic,
    double Quality, double WholeQuality, double TimeShare);

/// <summary>An exit that was tried.</summary>
/// <param name="At">Blocks before it.</param>
/// <param name="Agreement">Of its answers with the whole model's.</param>
/// <param name="StopShare">Frames that may end there for one point of agreement.</param>
/// <param name="Saving">Share of the whole's time that this saves.</param>
public sealed record TriedExit(int At, double Agreement, double StopShare, double Saving, bool IsKept);

/// <summary>One path on the judging frames.</summary>
/// <param name="Arithmetic">Multiply-adds as a share of the whole's.</param>
/// <param name="Ms">Mean device time: preprocessing, models, heads.</param>
/// <param name="TimeShare">The same as a share of the whole's.</param>
public sealed record PathFigures(string Path, double Quality, double Arithmetic, double Ms, double TimeShare)
{
    /// <summary>The part of the arithmetic's saving that is one of time as well; null where nothing is saved.</summary>
    public double? Return => Arithmetic < 1 ? (1 - TimeShare) / (1 - Arithmetic) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SplitReport))]
internal sealed partial class SplitJson : JsonSerializerContext;
