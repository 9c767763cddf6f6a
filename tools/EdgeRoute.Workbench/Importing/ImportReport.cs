using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Workbench.Importing;

/// <summary>What is to be made into a pack.</summary>
/// <param name="Model">The ONNX file.</param>
/// <param name="Name">The pack's name; null: the file's.</param>
/// <param name="Labels">File of class names, one a line; null: the model's own, or those that fit in number.</param>
/// <param name="Folder">Where the pack is written; null: a folder of its name, here.</param>
/// <param name="Picture">What the pack is tried on; null: the first frame of the footage, else a grey picture.</param>
/// <param name="Size">Width and height of the input, where the model leaves them open.</param>
/// <param name="Library">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="Replaces">A pack that is there already is written over.</param>
public sealed record ImportRequest(string Model, string? Name, string? Labels, string? Folder, string? Picture,
    (int Width, int Height)? Size, string? Library, bool Replaces)
{
    /// <summary>What the written config opens: footage, a camera's address or device; null: the first camera of the machine.</summary>
    public string? Source
    {
        get;
        init => field = value?.StartsWith("/dev/", StringComparison.Ordinal) == true ? $"v4l2://{value}" : value;
    }

    /// <summary>Whether <see cref="Source"/> is a file or a folder of this machine, which can be looked at now.</summary>
    public bool HasFootage => File.Exists(Source) || Directory.Exists(Source);

    /// <summary>What the pack is tried on; null for a grey picture.</summary>
    internal string? Trial => Picture ?? (HasFootage ? Source : null);
}

/// <summary>What came of it.</summary>
/// <param name="Family">What the model is; null where it was not recognised, and nothing was written.</param>
/// <param name="Folder">The pack's folder; empty where nothing was written.</param>
/// <param name="Reasons">What the family was recognised by.</param>
/// <param name="Guesses">What the model does not say, and how to correct it.</param>
/// <param name="Inputs">As the model declares them.</param>
/// <param name="Outputs">As it yields them.</param>
/// <param name="NearestHeads">Where the family was not recognised, heads that come near, the nearest first, with what does not fit.</param>
/// <param name="Trial">The run on a picture; null where nothing was written.</param>
public sealed record ImportReport(
    string Model, string? Family, string Head, string Folder, IReadOnlyList<string> Reasons, IReadOnlyList<ImportGuess> Guesses,
    IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<string> NearestHeads, ImportTrial? Trial)
{
    /// <summary>The device config that runs the pack; null where nothing was written, or another one was there.</summary>
    public string? Config { get; init; }

    /// <summary>What speaks against the model although it answers: outputs that are infinite, the same whatever the picture, or
    /// declared otherwise than they come.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>Models that look at its boxes.</summary>
    public IReadOnlyList<ImportReport> Crops { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, ImportJson.Default.ImportReport);
}

/// <summary>Something that the model does not say of itself.</summary>
/// <param name="What">In words.</param>
/// <param name="Value">What was taken.</param>
/// <param name="Change">Where to change it.</param>
public sealed record ImportGuess(string What, string Value, string Change);

/// <summary>The new pack on one picture.</summary>
/// <param name="Picture">Its path, or "grey".</param>
/// <param name="Ms">Preprocessing, model and head, the least of a few runs.</param>
/// <param name="Answer">In words, the surest first.</param>
/// <param name="Fault">Why there is no answer; null where there is one.</param>
public sealed record ImportTrial(string Picture, float Ms, IReadOnlyList<string> Answer, string? Fault)
{
    /// <summary>What stands for a path where no picture was given.</summary>
    internal const string Grey = "grey";

    /// <summary>What it was tried on, in words.</summary>
    [JsonIgnore]
    public string Seen => Picture == Grey ? "a grey picture" : $"'{Picture}'";

    /// <summary>The picture with the answer drawn into it, in the pack's folder; null where none was given or could be drawn.</summary>
    public string? Drawn { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ImportReport))]
internal sealed partial class ImportJson : JsonSerializerContext;
