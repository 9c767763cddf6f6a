using EdgeRoute.Core.Frames;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks the stages block.</summary>
internal sealed class StageBuilder(PackProblems problems, PackFiles files, ExitBuilder exits,
    IReadOnlyList<ManifestDocument.StagePart> parts)
{
    private readonly string[] _names = [.. parts.Select(p => p.Name ?? "")];

    public List<PackStage> BuildAll()
    {
        foreach (var twice in _names.Where(n => n.Length > 0).GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add($"two stages are named '{twice.Key}'");
        }

        List<PackStage> stages = [.. parts.Select((_, index) => Build(index))];
        CheckDetails([.. stages.Where(s => s.Exit is not null)]);
        return stages;
    }

    /// <summary>Answers of one pack are compared with each other and follow each other, so they say the same of a detection.</summary>
    private void CheckDetails(List<PackStage> exiting)
    {
        foreach (var other in exiting.Where(s => s.Exit!.Details != exiting[0].Exit!.Details))
        {
            problems.Add($"stage '{other.Name}' answers with {Words(other.Exit!.Details)}, stage '{exiting[0].Name}' with "
                + $"{Words(exiting[0].Exit!.Details)}; the exits of one pack answer alike: take other heads, or make two packs");
        }
    }

    private static string Words(DetailForm details) => details.Kind switch
    {
        DetailKind.Keypoints => $"{details.PointCount} key points",
        DetailKind.Corners => "oriented boxes",
        DetailKind.Mask => "masks",
        _ => "nothing beside boxes",
    };

    private PackStage Build(int index)
    {
        var part = parts[index];
        var fields = new ManifestFields(problems, string.IsNullOrEmpty(part.Name) ? $"stages[{index}]" : $"stage '{part.Name}'");
        string name = fields.Identifier("name", part.Name);
        string path = files.ResolveModel(part.File, part.Sha256, fields);
        string[] weights = [.. (part.Weights ?? []).Select(w => files.ResolveWeights(w.File, w.Sha256, fields.Within("weights")))];
        var input = part.Input is null ? null : InputBuilder.Build(part.Input, fields.Within("input"));
        var features = (part.Features ?? []).Select(f => Feature(f, index, fields)).ToArray();
        if (input is null && features.Length == 0)
        {
            fields.Fail("it takes neither the frame ('input') nor features of another stage ('features')");
        }

        var exit = part.Exit is null ? null : exits.Build(part.Exit, fields.Within("exit"));
        return new PackStage(name, path, part.Sha256?.ToLowerInvariant() ?? "", weights, input, Keep(part.KeepInput, fields),
            features, exit)
        {
            Instruction = [.. (part.Instruction ?? []).Select(i => Instruction(i, fields))],
            State = State(part.State, fields),
            SizeTensorName = OfInput("size_input", part.SizeInput, "the size", part, fields),
            MaskTensorName = OfInput("mask_input", part.MaskInput, "the mask", part, fields),
            Quantized = part.Quantized is null ? null : Quantized(part.Quantized, fields.Within("quantized")),
        };
    }

    private static QuantizedFrom Quantized(ManifestDocument.QuantizedPart part, ManifestFields fields) => new(
        fields.Identifier("from_stage", part.FromStage), fields.Text("method", part.Method),
        fields.Whole("float_layers", part.FloatLayers, 0, int.MaxValue), fields.Number("agreement", part.Agreement, 0, 1),
        fields.Whole("frame_count", part.FrameCount, 1, int.MaxValue))
    {
        WeightBits = part.WeightBits is null ? null : fields.Whole("weight_bits", part.WeightBits, 7, 8),
    };

    private static KeepInput? Keep(ManifestDocument.KeepInputPart? part, ManifestFields fields) =>
        part is null
            ? null
            : new KeepInput(fields.Text("keep_input.tensor", part.Tensor), fields.Whole("keep_input.tokens", part.Tokens, 1, 65536));

    /// <summary>A graph input that is told something of the frame's tensor.</summary>
    private static string? OfInput(string name, string? value, string what, ManifestDocument.StagePart part, ManifestFields fields)
    {
        if (value is not null && part.Input is null)
        {
            fields.Fail($"'{name}' takes {what} of the frame's tensor, but the stage has no 'input'");
        }

        return value is null ? null : fields.Text(name, value);
    }

    private static InstructionInput Instruction(ManifestDocument.InstructionPart part, ManifestFields fields) =>
        new(fields.Text("instruction.tensor", part.Tensor), fields.Text("instruction.from_tensor", part.FromTensor));

    private static StateInput? State(ManifestDocument.StatePart? part, ManifestFields fields) => part is null
        ? null
        : new StateInput(fields.Text("state.tensor", part.Tensor), fields.Whole("state.length", part.Length, 1, StateInput.LengthLimit));

    private FeatureInput Feature(ManifestDocument.FeaturePart part, int ownIndex, ManifestFields fields)
    {
        string from = fields.Text("features.from_stage", part.FromStage);
        int source = Array.IndexOf(_names, from);
        if (from.Length > 0 && source < 0)
        {
            fields.Fail($"it takes features of stage '{from}', which does not exist{NearestName.Hint(from, _names)}");
        }
        else if (source == ownIndex)
        {
            fields.Fail("it takes features of itself");
            source = -1;
        }

        return new FeatureInput(fields.Text("features.tensor", part.Tensor), source, fields.Text("features.from_tensor", part.FromTensor));
    }
}
