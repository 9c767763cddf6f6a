namespace EdgeRoute.Documents.Packs;

/// <summary>What stands against a model file before anybody opens it, each reason with what to do about it.</summary>
public static class ModelFileCheck
{
    /// <summary>Operators named where many are unknown; the rest is counted.</summary>
    private const int ShownMost = 5;

    /// <summary>Bytes of an element by its type, of those that an output may have.</summary>
    private static readonly Dictionary<string, int> ElementBytes = new(StringComparer.Ordinal)
    {
        ["float32"] = 4, ["float16"] = 2, ["bfloat16"] = 2, ["double"] = 8, ["bool"] = 1, ["uint8"] = 1, ["int8"] = 1, ["uint16"] = 2,
        ["int16"] = 2, ["uint32"] = 4, ["int32"] = 4, ["uint64"] = 8, ["int64"] = 8, ["undefined"] = 1,
    };

    /// <summary>Of a file on its own: what it holds, and the files that it reads.</summary>
    /// <param name="name">What the reasons call it.</param>
    public static IReadOnlyList<string> Problems(string path, string name, OnnxHeader header)
    {
        if (PackFiles.OtherThanModel(path) is { } other)
        {
            return [$"file '{name}' is {other}"];
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return [.. ProblemsInside(name, header),
            .. header.ExternalFiles.Select(e => ExternalProblem(e, path, name, folder)).OfType<string>()];
    }

    /// <summary>Of what it holds alone.</summary>
    public static IEnumerable<string> ProblemsInside(string name, OnnxHeader header)
    {
        if (header.Fault is { } fault)
        {
            yield return $"file '{name}' {fault}";
        }

        if (header is { Fault: null, Outputs.Count: 0 })
        {
            yield return $"file '{name}' has no output; export it again, with what it is to answer";
        }

        foreach (string odd in header.Inputs.SelectMany(i => OddValue("input", i, header.Inputs))
            .Concat(header.Outputs.SelectMany(o => OddValue("output", o, header.Outputs))).Distinct().Take(ShownMost))
        {
            yield return $"file '{name}' {odd}";
        }

        foreach (var end in header.LooseEnds.Take(ShownMost))
        {
            string wanted = end.Reader is { } reader ? $"{reader} reads '{end.Tensor}'" : $"the output '{end.Tensor}' is declared";
            yield return $"file '{name}' is no whole graph: {wanted}, which nothing in it makes; export it again";
        }

        foreach (var domain in header.ForeignNodes.GroupBy(n => n.Domain, StringComparer.Ordinal))
        {
            string[] operators = [.. domain.Select(n => n.Operator).Distinct()];
            string more = operators.Length > ShownMost ? $" and {operators.Length - ShownMost} more" : "";
            yield return $"file '{name}' uses {string.Join(", ", operators.Take(ShownMost))}{more} of the operator domain '{domain.Key}', "
                + "which ONNX Runtime does not have; export the model without custom operators, so that each is made of standard ones";
        }
    }

    /// <summary>What an input or output is that nothing can be bound to.</summary>
    private static IEnumerable<string> OddValue(string what, OnnxValue value, IReadOnlyList<OnnxValue> all)
    {
        string called = $"{what} '{value.Name}'";
        if (value.Name.Length == 0 || value.Name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            yield return $"has an {what} whose name is {(value.Name.Length == 0 ? "empty" : "no text in UTF-8")}; name it anew and save "
                + "the model again";
        }
        else if (all.Count(v => v.Name == value.Name) > 1)
        {
            yield return $"declares the {called} more than once; export it again, with a name for each";
        }

        if (!ElementBytes.TryGetValue(value.Element, out int bytes))
        {
            string remedy = value.Element is "sequence" or "map" ? "export it with tensors alone (of scikit-learn with zipmap=False)"
                : "export it again without it, or with numbers in its place";
            yield return $"has the {called} of type {value.Element}, which is no tensor of numbers; {remedy}";
        }
        else if (value.Shape?.Aggregate((UInt128)bytes, (size, side) => size * (ulong)Math.Clamp(side, 1, int.MaxValue)) > int.MaxValue)
        {
            yield return $"has the {called} of {value.Element}[{string.Join(",", value.Shape!)}], which is larger than the "
                + $"{int.MaxValue} bytes that a tensor may have; export it for a smaller picture";
        }
    }

    private static string? ExternalProblem(OnnxExternalFile external, string path, string name, string folder)
    {
        string reads = $"file '{name}' reads its weights from '{external.Location}'";
        if (PackFiles.PathOfExternal(external, path, folder) is not { } full)
        {
            return $"{reads}, which is not beside it; export the model again, with its weights beside it";
        }

        if (!File.Exists(full))
        {
            return $"{reads}, which is not there; put it into '{Path.GetDirectoryName(full)}', or export the model again";
        }

        return PackFiles.TooShort(external, full) is { } shortness ? $"{reads}, {shortness}" : null;
    }
}
