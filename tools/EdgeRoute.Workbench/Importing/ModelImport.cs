using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Makes a pack of a model file: looks at what it declares, runs it once on grey, recognises its family, writes the folder, and loads it
/// as an engine would.
/// </summary>
public static class ModelImport
{
    internal const int NameLengthMost = 40;

    /// <summary>More than any list of names that is known, and as many as a file of labels holds.</summary>
    private const int ClassesMost = 100_000;

    /// <exception cref="EngineRefusedException">The library or the model cannot be used.</exception>
    /// <exception cref="PackRefusedException">What was written does not check; nothing of the kind should happen.</exception>
    /// <exception cref="InvalidDataException">The model is none that a pack can hold, or a file given does not fit it.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static ImportReport Run(ImportRequest request, EngineReporter report)
    {
        var made = Make(request, report);
        return made.Family is null ? made
            : made with { Config = PackGuide.Write(request, made.Folder, PackGuide.Guesses(made.Guesses)) };
    }

    /// <summary>The pack alone, without what stands beside it for people.</summary>
    /// <inheritdoc cref="Run"/>
    internal static ImportReport Make(ImportRequest request, EngineReporter report)
    {
        foreach (string? file in new[] { request.Model, request.Labels, request.Picture })
        {
            if (file is not null && !File.Exists(file))
            {
                throw new InvalidDataException(Directory.Exists(file) ? $"'{file}' is a folder; name a file in it"
                    : $"there is no file '{file}'");
            }
        }

        if (request.Source is { } source && !request.HasFootage && !source.Contains("://", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"there is no footage '{source}'; give a video, a picture, a folder of pictures or a camera's "
                + "address such as rtsp://HOST/PATH");
        }

        string name = PackNameOf(request), folder = FolderOf(request, name);
        using var model = ModelProbe.Open(request.Model, request.Library, report);
        var guesses = new List<ImportGuess>();
        var input = ImageInput.Find(model, request.Size, guesses);
        bool isSizeGuessed = guesses.Exists(g => g.Change.StartsWith("--size", StringComparison.Ordinal));
        IReadOnlyList<string> names = request.Labels is { } path ? LabelNames.OfFile(path) : LabelNames.OfMetadata(model.Custom);
        string remedy = request.Size is null ? "" : "most models want sides that are multiples of 32";
        remedy = isSizeGuessed ? "give its own with --size WIDTHxHEIGHT" : remedy;
        var found = Probe(model, input, Unscaled(input, TrialPictures.Grey), remedy);
        RequireNumbers(found, () => Probe(model, input, Unscaled(input, TrialPictures.Stripes), remedy));
        var evidence = new ModelEvidence(model, input, found, names, [], guesses)
        {
            LabelsFile = request.Labels,
        };
        var family = FamilyFinder.Find(evidence);
        if (family is null)
        {
            return Report(request, evidence, null, "", null, []);
        }

        if (family.LabelCount > ClassesMost)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"head '{family.Head}' would read '"
                + $"{string.Join("', '", family.Outputs)}' with {family.LabelCount} classes, and a pack names {ClassesMost} at most; "
                + $"export the model with fewer, or write the manifest by hand where the numbers are no classes"));
        }

        TellMetadata(evidence, family);
        var labels = LabelsOf(evidence, family, request.Labels);
        PackWriter.Write(folder, request.Model, name, LicenceOf(evidence), input, family, labels,
            model.Header.ExternalFiles);
        PackReader.Read(folder);
        var trial = PackTrial.Run(folder, request.Trial, request.Library, report, out var yielded);
        var runs = Runs(model, input, family.Look.ForElement(input.Element), remedy)
            .Concat(request.Trial is null || yielded.Count == 0 ? [] : new[] { new TrialRun($"'{request.Trial}'", true, yielded) });
        string[] doubts = [.. Misdeclared(evidence, family), .. OutputDoubts.Of(family, [.. runs],
            model.Header.Nodes.Any(n => n.Operator is "QuantizeLinear" or "DequantizeLinear" or "QLinearConv" or "QLinearMatMul"))];
        foreach (string doubt in doubts)
        {
            report(ReportLevel.Warning, $"{Path.GetFileName(request.Model)}: {doubt}");
        }

        return Report(request, evidence, family, folder, trial.Fault is { } fault && isSizeGuessed
            ? trial with { Fault = $"{fault}; the size of the input was guessed: {remedy}" } : trial, doubts);
    }

    /// <summary>An engine takes outputs as they come, but a check of the pack goes by what the file declares.</summary>
    private static IEnumerable<string> Misdeclared(ModelEvidence evidence, ModelFamily family)
    {
        foreach (var output in evidence.Found.Where(o => family.Outputs.Contains(o.Name)))
        {
            // The library tells what it has inferred; a check of the pack sees what the file says.
            var declared = evidence.Model.Header.Outputs.FirstOrDefault(o => o.Name == output.Name)?.Shape;
            bool isRankOther = declared is { Count: > 0 } && declared.Count != output.Shape.Count;
            if (declared is not null && (isRankOther || declared.Zip(output.Shape).Any(s => s.First >= 0 && s.First != s.Second)))
            {
                yield return $"output '{output.Name}' is declared as [{string.Join(",", declared)}], but comes as "
                    + $"[{string.Join(",", output.Shape)}]; export the model again, or leave the sizes of its outputs open";
            }
        }
    }

    /// <summary>What the exporter wrote may be of another model; outputs and shapes count, and where both differ is told.</summary>
    private static void TellMetadata(ModelEvidence evidence, ModelFamily family)
    {
        var input = evidence.Input;
        if (ImageInput.Written(evidence.Model) is { } written && written != (input.Width, input.Height))
        {
            evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"size {input.Width}x{input.Height}; the metadata 'imgsz' "
                + $"says {written.Width}x{written.Height}, which does not count beside the input's shape or --size"));
        }

        string task = evidence.Custom("task");
        string? wanted = task switch { "detect" => "detection", "classify" => "classification", _ => null };
        if (wanted is not null && wanted != family.Task)
        {
            evidence.Guess($"what the model is, as its outputs are not those of its metadata 'task', which is '{task}'", family.Title,
                "stages[0].exit.head");
        }
        else if (wanted is null && task.Length > 0 && !DetailFamilies.IsTask(task))
        {
            evidence.Reasons.Add($"by its outputs alone; its metadata 'task' is '{task}', which none of those known is");
        }
    }

    /// <summary>What the model yields for pictures in its own numbers, now that they are known.</summary>
    private static IEnumerable<TrialRun> Runs(ModelProbe model, ImageInput input, FrameLook look, string remedy)
    {
        var (mean, deviation) = (look.Mean.Average(), look.Std.Average());
        (string Name, Func<float[]> Picture)[] pictures = [("grey", () => TrialPictures.Grey), ("stripes", () => TrialPictures.Stripes),
            ("coloured fields", () => TrialPictures.Fields(input))];
        return pictures.Select(p => new TrialRun(p.Name, false,
            Probe(model, input, Array.ConvertAll(p.Picture(), v => (float)(((255 * v) - mean) / deviation)), remedy)));
    }

    /// <summary>What grey is in the model's own numbers is not known yet; the layout of the outputs does not depend on it.</summary>
    private static float[] Unscaled(ImageInput input, float[] picture) =>
        input.Element == "uint8" ? [.. picture.Select(p => 255 * p)] : picture;

    /// <exception cref="InvalidDataException">The name asked for is none.</exception>
    internal static string PackNameOf(ImportRequest request)
    {
        string name = request.Name ?? NameOf(request.Model);
        return name == NameOf(name + ".onnx") ? name : throw new InvalidDataException($"'{name}' is no name for a pack: up to "
            + $"{NameLengthMost} lower-case letters, digits, '-', '_' and '.'");
    }

    /// <exception cref="InvalidDataException">There is a pack already.</exception>
    internal static string FolderOf(ImportRequest request, string name)
    {
        if (string.IsNullOrWhiteSpace(request.Folder ?? name))
        {
            throw new InvalidDataException("--out is empty; give the folder to write");
        }

        string folder = Path.GetFullPath(request.Folder ?? name);
        if (File.Exists(folder))
        {
            throw new InvalidDataException($"'{folder}' is a file; give the folder to write with --out");
        }

        return !File.Exists(Path.Combine(folder, PackWriter.ManifestName)) || request.Replaces ? folder
            : throw new InvalidDataException($"'{folder}' holds a pack already; give another folder with --out, or --replace to write over "
                + "it");
    }

    /// <param name="pixels">In the model's own numbers.</param>
    /// <param name="remedy">What to do about the size, where the model leaves it open; empty where it does not.</param>
    private static IReadOnlyList<ProbedOutput> Probe(ModelProbe model, ImageInput input, float[] pixels, string remedy)
    {
        try
        {
            return model.Run([.. model.Inputs.Select((facts, i) =>
            {
                var other = facts == input.Mask ? new ProbeInput(input.MaskShape, [1])
                    : new ProbeInput([1, 2], [input.Width, input.Height]);
                return i == input.Index ? new ProbeInput(input.Shape, pixels) : other;
            })]);
        }
        catch (EngineRefusedException refused) when (refused.Cause == RefusalCause.Config)
        {
            string size = string.Create(CultureInfo.InvariantCulture, $"{input.Width}x{input.Height}");
            throw new InvalidDataException((remedy.Length > 0
                ? $"the model leaves the size of its input open, and fails at {size}; {remedy}"
                : $"the model fails on a picture of {size}, the size of its own input; export it again, and try it where it was exported")
                + $". It says: {refused.Message}", refused);
        }
    }

    /// <summary>
    /// A head looks only at what may be an answer, so that damage elsewhere shows late, in frames with other things in them. What divides
    /// by the contrast of a picture has no numbers for grey; there another picture decides.
    /// </summary>
    /// <exception cref="InvalidDataException">Some outputs are not numbers whatever the picture.</exception>
    private static void RequireNumbers(IReadOnlyList<ProbedOutput> found, Func<IReadOnlyList<ProbedOutput>> another)
    {
        if (!found.Any(HasNaN) || another().FirstOrDefault(HasNaN) is not { } broken)
        {
            return;
        }

        int count = Array.FindAll(broken.Values, float.IsNaN).Length;
        throw new InvalidDataException(FormattableString.Invariant($"output '{broken.Name}' holds values that are not numbers, {count} of ")
            + FormattableString.Invariant($"{broken.Values.Length}: the weights are damaged, or the model overflows in float16; ")
            + "export it again, in float32");
    }

    private static bool HasNaN(ProbedOutput output) => Array.Exists(output.Values, float.IsNaN);

    private static IReadOnlyList<string> LabelsOf(ModelEvidence evidence, ModelFamily family, string? file)
    {
        if (family.LabelCount == 0)
        {
            return [];
        }

        if (family is { Task: "text", Labels: { } characters })
        {
            return characters;
        }

        int found = evidence.Names.Count;
        if (found == family.LabelCount)
        {
            evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"{found} labels from {(file is null ? "the model's metadata" : $"'{file}'")}"));
            return evidence.Names;
        }

        if (file is not null)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"'{file}' has {found} labels, but the model has {family.LabelCount} classes (head '{family.Head}')"));
        }

        if (family.Labels is { } own)
        {
            return own;
        }

        var (labels, of) = LabelNames.OfCount(family.LabelCount);
        string unlike = found == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", of which the model's metadata names {found}");
        evidence.Guesses.Add(new ImportGuess(
            string.Create(CultureInfo.InvariantCulture, $"names of the {family.LabelCount} classes{unlike}"), of,
            $"--labels FILE, or {PackWriter.LabelsName} in the pack"));
        return labels;
    }

    /// <summary>Ultralytics writes its licence into the model; others say nothing.</summary>
    private static string LicenceOf(ModelEvidence evidence)
    {
        string written = evidence.Custom("license");
        if (written.Contains("AGPL-3.0", StringComparison.OrdinalIgnoreCase))
        {
            evidence.Reasons.Add($"licence from the model's metadata: {written}");
            return "AGPL-3.0-only";
        }

        evidence.Guess("licence, which the model does not tell", "NOASSERTION", "licence.spdx");
        return "NOASSERTION";
    }

    private static ImportReport Report(ImportRequest request, ModelEvidence evidence, ModelFamily? family, string folder,
        ImportTrial? trial, IReadOnlyList<string> doubts)
    {
        IReadOnlyList<string> nearest = family is null ? NearestHeads.Of(evidence) : [];
        return new ImportReport(request.Model, family?.Title, family?.Head ?? "", folder, evidence.Reasons, evidence.Guesses,
            [.. evidence.Model.Inputs.Select(i => $"'{i.Name}' {i.Element}{i.ShapeText}")],
            [.. evidence.Found.Select(o => $"'{o.Name}' [{string.Join(",", o.Shape)}]")], nearest, trial) { Doubts = doubts };
    }

    /// <summary>What a manifest takes for a name, out of the file's.</summary>
    internal static string NameOf(string model)
    {
        string name = string.Concat(Path.GetFileNameWithoutExtension(model).ToLowerInvariant()
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        name = name[..Math.Min(name.Length, NameLengthMost)];
        return name is "" or "frame" or "previous" or "stop" ? $"{name}model" : name;
    }
}
