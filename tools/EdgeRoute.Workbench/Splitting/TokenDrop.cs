using System.Text.Json.Serialization;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>What becomes of tokens that do not go on.</summary>
public enum TokenForm : byte
{
    /// <summary>They are left out.</summary>
    [JsonStringEnumMemberName("drop")]
    Drop,

    /// <summary>Each goes into the most similar one of those that go on, which then counts as several.</summary>
    [JsonStringEnumMemberName("merge")]
    Merge,
}

/// <summary>Which tokens go on first.</summary>
public enum TokenRank : byte
{
    /// <summary>Those that the class token looks at most, in the block before.</summary>
    [JsonStringEnumMemberName("class-attention")]
    ClassAttention,

    /// <summary>Those with the largest values.</summary>
    [JsonStringEnumMemberName("feature-norm")]
    FeatureNorm,
}

/// <summary>Tensors that stand between two blocks.</summary>
/// <param name="Tokens">[1, tokens, width].</param>
/// <param name="Ranks">[1, tokens of the picture]; null where nothing is dropped next.</param>
/// <param name="Sizes">How many each stands for, [1, tokens]; null where each stands for itself.</param>
/// <param name="Keep">How many of all tokens of the picture a site leaves, as one int64; null before the first site.</param>
internal sealed record TokenState(string Tokens, string? Ranks, string? Sizes, string? Keep);

/// <summary>Writes sites where tokens are left out or merged; each keeps the same share of what reached it, and at least one.</summary>
internal sealed class TokenDrop(NodeWriter writer, VitModel vit)
{
    /// <summary>More than any cosine, so that a token which goes on always goes into itself.</summary>
    private const float Own = 10;

    private const float Least = 1e-6f;

    public TokenState Write(TokenState state, TokenForm form)
    {
        string chosen = Chosen(state);
        return form == TokenForm.Drop ? Dropped(state, chosen) : Merged(state, chosen);
    }

    /// <summary>The tokens' ranks by what the class token looked at.</summary>
    /// <param name="weights">Of an attention.</param>
    public string ByClassAttention(string weights)
    {
        string row = writer.Slice(writer.Slice(weights, 2, 0, 1), 3, vit.PrefixCount);
        return writer.Reshape(writer.Reduce("ReduceMean", row, true, 1), 1, -1);
    }

    public string ByNorm(string tokens)
    {
        string patches = writer.Slice(tokens, 1, vit.PrefixCount);
        return writer.Reduce("ReduceSum", writer.Add("Mul", patches, patches), false, 2);
    }

    /// <summary>Indices of the tokens that go on, among those of the picture.</summary>
    private string Chosen(TokenState state)
    {
        string reached = writer.Slice(writer.Add("Shape", state.Ranks!), 0, 1);
        string half = writer.Wholes(vit.PatchCount / 2), all = writer.Wholes(vit.PatchCount);
        string share = writer.Add("Div", writer.Add("Add", writer.Add("Mul", reached, state.Keep!), half), all);
        string count = writer.Add("Max", writer.Add("Min", share, reached), writer.Wholes(1));
        return writer.Reshape(Top(state.Ranks!, count), -1);
    }

    private string Top(string ranks, string count)
    {
        // The first output holds the ranks themselves, which nobody needs.
        writer.Add("TopK", [ranks, count], ("axis", 1), ("largest", 1), ("sorted", 0));
        return writer.Second();
    }

    private TokenState Dropped(TokenState state, string chosen)
    {
        string index = Shifted(chosen);
        string? sizes = state.Sizes is null ? null : writer.Add("Gather", [state.Sizes, index], ("axis", 1));
        return state with { Tokens = writer.Add("Gather", [state.Tokens, index], ("axis", 1)), Ranks = null, Sizes = sizes };
    }

    /// <summary>Among all tokens, those in front always with them.</summary>
    private string Shifted(string chosen)
    {
        if (vit.PrefixCount == 0)
        {
            return chosen;
        }

        string front = writer.Wholes([.. Enumerable.Range(0, vit.PrefixCount).Select(i => (long)i)]);
        return writer.Concat(0, front, writer.Add("Add", chosen, writer.Wholes(vit.PrefixCount)));
    }

    private TokenState Merged(TokenState state, string chosen)
    {
        string patches = writer.Slice(state.Tokens, 1, vit.PrefixCount);
        string sizes = state.Sizes is null ? Ones(patches) : writer.Slice(state.Sizes, 1, vit.PrefixCount);
        string shares = writer.Add("Mul", Assigned(patches, chosen), writer.Reshape(sizes, 1, -1, 1));
        string sums = writer.Add("Max", writer.Reduce("ReduceSum", shares, false, 1), writer.Floats([Least]));
        string means = writer.Add("Div", writer.Add("MatMul", writer.Transpose(shares, 0, 2, 1), patches), writer.Reshape(sums, 1, -1, 1));
        if (vit.PrefixCount == 0)
        {
            return state with { Tokens = means, Sizes = sums, Ranks = null };
        }

        string front = writer.Slice(state.Tokens, 1, 0, vit.PrefixCount);
        string ones = writer.Floats([.. Enumerable.Repeat(1f, vit.PrefixCount)], 1, vit.PrefixCount);
        return state with { Tokens = writer.Concat(1, front, means), Sizes = writer.Concat(1, ones, sums), Ranks = null };
    }

    /// <summary>[1, tokens of the picture], all one.</summary>
    private string Ones(string patches)
    {
        string shape = writer.Slice(writer.Add("Shape", patches), 0, 0, 2);
        return writer.Add("Expand", writer.Floats([1], 1, 1), shape);
    }

    /// <summary>A row for each token of the picture, with a one in the column of the token that it goes into.</summary>
    private string Assigned(string patches, string chosen)
    {
        string length = writer.Add("Sqrt", writer.Reduce("ReduceSum", writer.Add("Mul", patches, patches), true, 2));
        string unit = writer.Add("Div", patches, writer.Add("Max", length, writer.Floats([Least])));
        string kept = writer.Add("Gather", [unit, chosen], ("axis", 1));
        string alike = writer.Add("MatMul", unit, writer.Transpose(kept, 0, 2, 1));
        string rows = writer.Reshape(Numbers(patches, 1), -1, 1);
        string own = writer.Cast(writer.Add("Equal", rows, writer.Reshape(chosen, 1, -1)), TensorProto.Types.DataType.Float);
        string best = writer.Add("ArgMax", [writer.Add("Add", alike, writer.Add("Mul", own, writer.Floats([Own])))], ("axis", 2),
            ("keepdims", 1));
        string columns = writer.Reshape(Numbers(kept, 1), 1, 1, -1);
        return writer.Cast(writer.Add("Equal", best, columns), TensorProto.Types.DataType.Float);
    }

    /// <summary>0, 1, 2 and so on, as many as an axis is long.</summary>
    private string Numbers(string tensor, int axis)
    {
        string count = writer.Add("Squeeze", writer.Slice(writer.Add("Shape", tensor), 0, axis, axis + 1), writer.Wholes(0));
        return writer.Add("Range", writer.Whole(0), count, writer.Whole(1));
    }
}
