namespace EdgeRoute.Workbench.Splitting;

/// <summary>Writes an attention that takes any number of tokens.</summary>
internal static class AttentionWriter
{
    /// <param name="sizes">How many tokens each one stands for, [1, tokens]; null where each stands for itself.</param>
    public static WrittenAttention Write(NodeWriter writer, AttentionForm form, string input, string? sizes)
    {
        int inner = form.Inner, size = inner / form.HeadCount;
        string all = writer.Linear(input, form.Weights, form.Width, 3 * inner, form.Bias);
        var parts = writer.Split(all, -1, inner, inner, inner);
        string[] heads = [.. parts.Select(p => writer.Reshape(p, 1, -1, form.HeadCount, size))];
        string logits = writer.Add("MatMul", writer.Transpose(heads[0], 0, 2, 1, 3), writer.Transpose(heads[1], 0, 2, 3, 1));
        if (sizes is not null)
        {
            // A token that stands for several is looked at as often as they were.
            logits = writer.Add("Add", logits, writer.Reshape(writer.Add("Log", sizes), 1, 1, 1, -1));
        }

        string weights = writer.Add("Softmax", [logits], ("axis", -1));
        string context = writer.Add("MatMul", weights, writer.Transpose(heads[2], 0, 2, 1, 3));
        string joined = writer.Reshape(writer.Transpose(context, 0, 2, 1, 3), 1, -1, inner);
        return new WrittenAttention(writer.Linear(joined, form.Projection, inner, form.Width, form.ProjectionBias), weights, joined);
    }
}

/// <summary>Tensors of an attention.</summary>
/// <param name="Weights">[1, heads, tokens, tokens].</param>
/// <param name="Context">What its heads say, before they are mixed: [1, tokens, values].</param>
internal sealed record WrittenAttention(string Output, string Weights, string Context);
