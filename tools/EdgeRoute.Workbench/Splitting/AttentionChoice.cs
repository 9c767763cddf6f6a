using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// What an attention that was found may compute. Which of them it does compute is told by running all on a picture beside the model's own.
/// </summary>
internal static class AttentionChoice
{
    /// <summary>Difference to the model's own output, in shares of its largest value, that rounding may come to.</summary>
    private const float RoundingMost = 1e-3f;

    public static IReadOnlyList<AttentionForm> Of(TracedAttention traced)
    {
        int inner = traced.Projection.From;
        if (inner % traced.HeadCount != 0)
        {
            throw AttentionTrace.Refused(traced.Centre, $"has {traced.HeadCount} heads for {inner} values");
        }

        float usual = 1 / MathF.Sqrt(inner / traced.HeadCount);
        var forms = new List<AttentionForm>();
        foreach (float scale in new[] { usual, 1 })
        {
            if (!traced.IsPacked)
            {
                forms.Add(Form(traced, scale, (part, column) => (Of(traced, part), column)));
                continue;
            }

            int size = inner / traced.HeadCount;
            forms.Add(Form(traced, scale, (part, column) => (traced.Query, (part * inner) + column)));
            forms.Add(Form(traced, scale, (part, column) => (traced.Query, (((column / size * 3) + part) * size) + (column % size))));
        }

        return forms;
    }

    private static Operand Of(TracedAttention traced, int part) => new[] { traced.Query, traced.Key, traced.Value }[part];

    /// <param name="place">From query, key or value and its column: the product and the column there.</param>
    private static AttentionForm Form(TracedAttention traced, float scale, Func<int, int, (Operand Of, int Column)> place)
    {
        int width = traced.Width, inner = traced.Projection.From;
        int wanted = traced.IsPacked ? 3 * inner : inner;
        if (new[] { traced.Query, traced.Key, traced.Value }.Any(o => o.Linear.From != width || o.Linear.To != wanted
            || (o.Bias is not null && o.Bias.Length != o.Linear.To)))
        {
            throw AttentionTrace.Refused(traced.Centre, $"takes queries, keys and values of other sizes than {width} to {inner}: heads "
                + "that share keys are not known");
        }

        float[] weights = new float[width * 3 * inner], bias = new float[3 * inner];
        for (int column = 0; column < 3 * inner; column++)
        {
            var (operand, from) = place(column / inner, column % inner);
            float factor = column < inner ? scale : 1;
            bias[column] = factor * (operand.Bias?[from] ?? 0);
            for (int row = 0; row < width; row++)
            {
                weights[(row * 3 * inner) + column] = factor * operand.Linear.Weights[(row * operand.Linear.To) + from];
            }
        }

        return new AttentionForm(traced.HeadCount, width, inner, weights, bias, traced.Projection.Weights, traced.ProjectionBias);
    }

    /// <summary>For each attention the form that computes what the model does.</summary>
    /// <param name="run">Runs a model on a picture; values by output.</param>
    /// <exception cref="InvalidDataException">None does; the message names the operator.</exception>
    public static IReadOnlyList<AttentionForm> Choose(ModelProto model, IReadOnlyList<TracedAttention> traced,
        Func<ModelProto, IReadOnlyDictionary<string, float[]>> run)
    {
        var tried = model.Clone();
        var candidates = traced.Select(t => Of(t)).ToList();
        var names = new List<List<string>>();
        for (int i = 0; i < traced.Count; i++)
        {
            var writer = new NodeWriter(tried.Graph, tried, $"tried_{i}_");
            var one = traced[i];
            names.Add([.. candidates[i].Select(c => Difference(writer, c, one))]);
        }

        tried.Graph.Output.AddRange(names.SelectMany(n => n).Select((string n) => NodeWriter.Declared(n)));
        var values = run(tried);
        return [.. traced.Select((t, i) => Best(t, candidates[i], names[i].ConvertAll(n => values[n][0])))];
    }

    /// <summary>Largest difference by the largest value.</summary>
    private static string Difference(NodeWriter writer, AttentionForm form, TracedAttention traced)
    {
        var made = AttentionWriter.Write(writer, form, traced.Input, null);
        string off = writer.Reduce("ReduceMax", writer.Add("Abs", writer.Add("Sub", made.Output, traced.Output)), true, 1, 2);
        string size = writer.Reduce("ReduceMax", writer.Add("Abs", traced.Output), true, 1, 2);
        return writer.Add("Div", off, size);
    }

    private static AttentionForm Best(TracedAttention traced, IReadOnlyList<AttentionForm> forms, List<float> differences)
    {
        int best = differences.IndexOf(differences.Min());
        return differences[best] < RoundingMost ? forms[best] : throw AttentionTrace.Refused(traced.Centre,
            FormattableString.Invariant($"computes something else than attention by softmax of {traced.HeadCount} heads: ")
            + FormattableString.Invariant($"the nearest known form is off by {differences[best]:0.####} of its largest value"));
    }
}

/// <summary>What one attention computes.</summary>
/// <param name="Inner">Values of all heads together.</param>
/// <param name="Weights">From the width to queries, which are scaled already, keys and values.</param>
internal sealed record AttentionForm(int HeadCount, int Width, int Inner, float[] Weights, float[] Bias, float[] Projection,
    float[]? ProjectionBias);
