namespace EdgeRoute.Documents.Packs;

/// <summary>What stands against a model file before anybody opens it, each reason with what to do about it.</summary>
public static class ModelFileCheck
{
    /// <summary>Operators named where many are unknown; the rest is counted.</summary>
    private const int ShownMost = 5;

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
