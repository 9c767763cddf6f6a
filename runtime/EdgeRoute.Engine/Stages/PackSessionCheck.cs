using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>Compares what a pack declares with what its model files really take and yield, by their graphs or by their sessions.</summary>
internal sealed class PackSessionCheck
{
    private readonly Pack _pack;
    private readonly IReadOnlyList<StageTensors> _models;
    private readonly StageTensors? _language;
    private readonly PackProblems _problems = new();

    private PackSessionCheck(Pack pack, IReadOnlyList<StageTensors> models, StageTensors? language) =>
        (_pack, _models, _language) = (pack, models, language);

    /// <summary>All problems; empty when every stage can run as declared.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="models">Tensors of each stage's model, in the order of the pack's stages.</param>
    /// <param name="language">Tensors of the language network; null where the pack has none.</param>
    public static IReadOnlyList<string> FindProblems(Pack pack, IReadOnlyList<StageTensors> models, StageTensors? language = null)
    {
        if (models.Count != pack.Stages.Count)
        {
            throw new ArgumentException($"The pack has {pack.Stages.Count} stages, but the tensors of {models.Count} are given.",
                nameof(models));
        }

        if (language is null != pack.Language is null)
        {
            throw new ArgumentException("The tensors of the language network are given exactly where the pack has one.", nameof(language));
        }

        var check = new PackSessionCheck(pack, models, language);
        if (pack.Language is { } declared)
        {
            CheckLanguage(declared, language!, new ManifestFields(check._problems, "language"));
        }

        for (int i = 0; i < models.Count; i++)
        {
            check.CheckStage(pack.Stages[i], models[i], new ManifestFields(check._problems, $"stage '{pack.Stages[i].Name}'"));
        }

        return check._problems.ToList();
    }

    private void CheckStage(PackStage stage, StageTensors model, ManifestFields fields)
    {
        if (stage.Input is not null && Find(stage.Input.TensorName, model.Inputs, "input", fields) is { } input)
        {
            CheckFrameInput(stage, input, fields);
        }

        if (stage.Keep is not null && Find(stage.Keep.TensorName, model.Inputs, "input", fields) is { } keep)
        {
            CheckKeepInput(stage, keep, model, fields);
        }

        if (stage.SizeTensorName is { } name && Find(name, model.Inputs, "input", fields) is { } size)
        {
            CheckWhole(size, "int64", 2, "size", fields);
        }

        if (stage.MaskTensorName is { } covering && Find(covering, model.Inputs, "input", fields) is { } mask)
        {
            CheckMask(mask, fields);
        }

        foreach (var feature in stage.Features)
        {
            CheckFeature(feature, model, fields);
        }

        foreach (var instruction in stage.Instruction)
        {
            var given = _language is null ? null : Find(instruction.FromTensorName, _language.Outputs,
                "output (of the language network)", fields);
            CheckHandOver(Find(instruction.TensorName, model.Inputs, "input", fields), given, "the language network", fields);
        }

        if (stage.State is { } wanted && Find(wanted.TensorName, model.Inputs, "input", fields) is { } state)
        {
            CheckWhole(state, "float32", wanted.Length, "state", fields);
        }

        CheckUndeclared(stage, model, fields);
        if (stage.Exit is not null)
        {
            HeadShapeCheck.Check(stage.Exit, stage.Input?.Spec,
                [.. stage.Exit.OutputNames.Select(n => Find(n, model.Outputs, "output", fields))], fields);
        }
    }

    private void CheckFrameInput(PackStage stage, ModelTensor input, ManifestFields fields)
    {
        var spec = stage.Input!.Spec;
        string element = ManifestEnums.Of(ManifestEnums.Elements, spec.Element);
        if (input.ElementType != element)
        {
            fields.Fail($"input '{input.Name}' takes {input.ElementType}, but the manifest says {element}");
        }

        long[] wanted = spec.Layout == TensorLayout.Nchw
            ? [1, spec.ChannelCount, spec.Height, spec.Width]
            : [1, spec.Height, spec.Width, spec.ChannelCount];
        if (!input.Fits(wanted))
        {
            fields.Fail($"input '{input.Name}' has shape {input.ShapeText}, but the manifest's size, channels and layout make "
                + ModelTensor.ShapeTextOf(wanted));
        }

        int heightAxis = spec.Layout == TensorLayout.Nchw ? 2 : 1;
        bool isFixed = input.Shape.Count == 4 && (input.Shape[heightAxis] > 0 || input.Shape[heightAxis + 1] > 0);
        double[] scales = [.. EdgesTo(stage).SelectMany(e => e.InputScales).Where(s => s < 1).Distinct()];
        if (isFixed && scales.Length > 0)
        {
            fields.Fail($"edges give input scales {string.Join(", ", scales)}, but input '{input.Name}' has the fixed size "
                + $"{input.ShapeText}; "
                + "export it with dynamic height and width, or leave 'scale' out");
        }
    }

    private void CheckKeepInput(PackStage stage, ModelTensor keep, StageTensors model, ManifestFields fields)
    {
        if (keep.ElementType != "int64" || keep.ValueCount is not (1 or -1) || keep.Shape.Count > 1)
        {
            fields.Fail($"keep input '{keep.Name}' takes {keep.ElementType}{keep.ShapeText}; it must be one int64, of shape [] or [1]");
        }

        double ratio = EdgesTo(stage).SelectMany(e => e.KeepRatios).DefaultIfEmpty(0).Max();
        if (model.Header?.ChoiceLimit(keep.Name) is { } most && ratio > 0 && stage.Keep!.CountFor(ratio) > most)
        {
            fields.Fail($"keep input '{keep.Name}' would be asked for {stage.Keep.CountFor(ratio)} of {stage.Keep.TokenCount} tokens, but "
                + $"the model chooses among {most}; write 'tokens: {most}' under 'keep_input'");
        }
    }

    private IEnumerable<RouteEdge> EdgesTo(PackStage stage)
    {
        int index = _pack.Stages.ToList().IndexOf(stage);
        return _pack.Graph.Edges.Where(e => e.ToStageIndex == index);
    }

    private void CheckFeature(FeatureInput feature, StageTensors model, ManifestFields fields)
    {
        var taken = Find(feature.TensorName, model.Inputs, "input", fields);
        string from = _pack.Stages[feature.FromStageIndex].Name;
        var given = Find(feature.FromTensorName, _models[feature.FromStageIndex].Outputs, $"output (of stage '{from}')", fields);
        CheckHandOver(taken, given, $"stage '{from}'", fields);
    }

    private static void CheckHandOver(ModelTensor? taken, ModelTensor? given, string from, ManifestFields fields)
    {
        if (taken is null || given is null)
        {
            return;
        }

        if (taken.ElementType != given.ElementType || !(given.IsRankOpen || taken.Fits(given.Shape)))
        {
            fields.Fail($"input '{taken.Name}' takes {taken.ElementType}{taken.ShapeText}, "
                + $"but '{given.Name}' of {from} yields {given.ElementType}{given.ShapeText}");
        }
    }

    private static void CheckLanguage(PackLanguage language, StageTensors model, ManifestFields fields)
    {
        if (Find(language.TokensTensorName, model.Inputs, "input", fields) is { } tokens)
        {
            CheckWhole(tokens, "int64", language.Length, "tokens", fields);
        }

        foreach (var left in model.Inputs.Where(t => t.Name != language.TokensTensorName))
        {
            fields.Fail($"the model takes input '{left.Name}' ({left.ElementType}{left.ShapeText}), which nothing fills: it may take the "
                + "tokens only");
        }
    }

    private static void CheckWhole(ModelTensor input, string element, int length, string what, ManifestFields fields)
    {
        long[] wanted = [1, length];
        if (input.ElementType != element || !input.Fits(wanted))
        {
            fields.Fail($"{what} input '{input.Name}' takes {input.ElementType}{input.ShapeText}; the manifest makes "
                + $"{element}{ModelTensor.ShapeTextOf(wanted)}");
        }
    }

    private static void CheckMask(ModelTensor mask, ManifestFields fields)
    {
        if (mask.ElementType is not ("int64" or "bool" or "float32") || !mask.Fits([1, -1, -1]))
        {
            fields.Fail($"mask input '{mask.Name}' takes {mask.ElementType}{mask.ShapeText}; the manifest makes int64, bool or "
                + "float32[1,?,?]");
        }
    }

    private static void CheckUndeclared(PackStage stage, StageTensors model, ManifestFields fields)
    {
        string?[] declared =
        [
            stage.Input?.TensorName, stage.Keep?.TensorName, stage.State?.TensorName, stage.SizeTensorName,
            stage.MaskTensorName,
            .. stage.Features.Select(f => f.TensorName), .. stage.Instruction.Select(i => i.TensorName),
        ];
        foreach (var twice in declared.OfType<string>().GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            fields.Fail($"input '{twice.Key}' is filled from {twice.Count()} places");
        }

        foreach (var left in model.Inputs.Where(t => !declared.Contains(t.Name)))
        {
            string guess = left.ElementType == "int64" && stage.Keep is null ? "; is it the 'keep_input'?" : "";
            fields.Fail($"the model takes input '{left.Name}' ({left.ElementType}{left.ShapeText}), which the manifest does not "
                + $"fill{guess}");
        }
    }

    private static ModelTensor? Find(string name, IReadOnlyList<ModelTensor> tensors, string kind, ManifestFields fields)
    {
        var found = tensors.FirstOrDefault(t => t.Name == name);
        if (found is null)
        {
            fields.Fail($"the model has no {kind} '{name}'{NearestName.Hint(name, tensors.Select(t => t.Name))}");
        }

        return found;
    }
}

/// <summary>A graph input or output as the model file declares it.</summary>
/// <param name="ElementType">As ONNX names it: <c>float32</c>, <c>float16</c>, <c>uint8</c>, <c>int64</c>.</param>
/// <param name="Shape">Sizes; below 1 where the size is decided at run time.</param>
internal sealed record ModelTensor(string Name, string ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>Not even the number of sizes is told; then the shape is empty, and any other fits.</summary>
    public bool IsRankOpen { get; init; }

    /// <summary>[1,3,416,416], with '?' for sizes decided at run time.</summary>
    public string ShapeText => IsRankOpen ? "[...]" : ShapeTextOf(Shape);

    /// <summary>Values in the tensor, or -1 when that is decided at run time. A batch size decided at run time is 1 here.</summary>
    public long ValueCount => IsRankOpen || Shape.Skip(1).Any(d => d < 1) ? -1
        : Shape.Select((d, i) => i == 0 ? Math.Max(1, d) : d).Aggregate(1L, (a, b) => a * b);

    /// <summary>Same rank, and the same size wherever both are fixed.</summary>
    public bool Fits(IReadOnlyList<long> other) => IsRankOpen
        || (Shape.Count == other.Count && Shape.Zip(other).All(pair => pair.First < 1 || pair.Second < 1 || pair.First == pair.Second));

    internal static string ShapeTextOf(IEnumerable<long> shape) =>
        $"[{string.Join(",", shape.Select(d => d < 1 ? "?" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}

/// <summary>What a stage's session, or its file, takes and yields.</summary>
internal sealed record StageTensors(IReadOnlyList<ModelTensor> Inputs, IReadOnlyList<ModelTensor> Outputs)
{
    /// <summary>Null of a session, which does not show its graph.</summary>
    public OnnxHeader? Header { get; private init; }

    public static StageTensors Of(OnnxHeader header) =>
        new([.. header.Inputs.Select(Declared)], [.. header.Outputs.Select(Declared)]) { Header = header };

    private static ModelTensor Declared(OnnxValue value) =>
        new(value.Name, value.Element, value.Shape ?? []) { IsRankOpen = value.Shape is null };
}
