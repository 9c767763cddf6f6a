namespace EdgeRoute.Documents.Packs;

/// <summary>What an ONNX file says of itself, without its weights. A session is not needed for it.</summary>
public sealed record OnnxHeader
{
    /// <summary>The domain of the standard operators.</summary>
    public const string StandardDomain = "";

    /// <summary>Why the file is no whole model, as the end of a sentence that begins with its name; null where nothing shows.</summary>
    public string? Fault { get; init; }

    public long IrVersion { get; init; }

    /// <summary>Version of the operator set by domain; <see cref="StandardDomain"/> is the standard one.</summary>
    public required IReadOnlyDictionary<string, long> OperatorSets { get; init; }

    /// <summary>What a run must be given.</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    /// <summary>Operators of the main graph, in its order.</summary>
    public required IReadOnlyList<OnnxNode> Nodes { get; init; }

    /// <summary>Operators of any graph whose domain is neither ONNX's nor the library's, and that the model does not define.</summary>
    public required IReadOnlyList<OnnxNode> ForeignNodes { get; init; }

    /// <summary>Tensors that the main graph reads or yields and that nothing in it makes, each with the operator that wants it.</summary>
    public required IReadOnlyList<OnnxLooseEnd> LooseEnds { get; init; }

    /// <summary>Files beside it that its tensors are read from, by their location.</summary>
    public required IReadOnlyList<OnnxExternalFile> ExternalFiles { get; init; }

    /// <summary>
    /// The most values that the graph can choose by the count that a graph input gives: the size of what its TopK reads. Null where that
    /// is not a graph input of fixed size, or nothing is chosen by the count.
    /// </summary>
    public long? ChoiceLimit(string countInput)
    {
        var counts = new HashSet<string>(StringComparer.Ordinal) { countInput };
        long? limit = null;
        foreach (var node in Nodes.Where(n => n.Domain == StandardDomain && n.Inputs.Count > 0))
        {
            if (node.Operator is "Identity" or "Reshape" or "Cast" or "Squeeze" or "Unsqueeze" && counts.Contains(node.Inputs[0]))
            {
                counts.UnionWith(node.Outputs);
            }
            else if (node is { Operator: "TopK", Inputs: [var read, var count, ..] } && counts.Contains(count)
                && Inputs.FirstOrDefault(i => i.Name == read)?.Shape is { Count: > 0 } shape && shape.All(d => d > 0))
            {
                limit = Math.Min(limit ?? long.MaxValue, shape.Max());
            }
        }

        return limit;
    }

    /// <summary>Never throws for what a file holds: what is wrong is its <see cref="Fault"/>.</summary>
    public static OnnxHeader Read(string path)
    {
        try
        {
            using var file = new FileStream(DocumentFile.Open(path), FileAccess.Read);
            return OnnxReader.Read(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new OnnxHeader
            {
                Fault = $"cannot be read: {failure.Message}", OperatorSets = new Dictionary<string, long>(), Inputs = [], Outputs = [],
                Nodes = [], ForeignNodes = [], LooseEnds = [], ExternalFiles = [],
            };
        }
    }
}

/// <summary>A graph input or output as the file declares it.</summary>
/// <param name="Element">As ONNX names it: <c>float32</c>, <c>uint8</c>; <c>sequence</c>, <c>map</c>,
/// <c>sparse tensor</c> or <c>optional</c> where it is no tensor, <c>undefined</c> where the file does not tell.</param>
/// <param name="Shape">Sizes, -1 where one is decided at run time; null where not even their number is told.</param>
public sealed record OnnxValue(string Name, string Element, IReadOnlyList<long>? Shape);

/// <summary>One use of an operator.</summary>
public sealed record OnnxNode(string Operator, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>A tensor that nothing makes.</summary>
/// <param name="Reader">The operator that reads it; null of an output of the graph.</param>
public sealed record OnnxLooseEnd(string Tensor, string? Reader);

/// <summary>A file of weights beside a model.</summary>
/// <param name="Location">As the model writes it.</param>
/// <param name="LeastBytes">How far the model reads into it, as far as it tells.</param>
public sealed record OnnxExternalFile(string Location, long LeastBytes);
