using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Remote;

/// <summary>Whether a server's model is a stage's own.</summary>
internal static class ModelCheck
{
    /// <summary>In what a server's model differs from a stage's, each in words; empty where it can run the stage.</summary>
    public static IReadOnlyList<string> Differences(ModelTold told, IReadOnlyList<RemoteTensor> inputs,
        IReadOnlyList<RemoteTensor> outputs) => told.Problem is { } problem ? [problem]
        : [.. Of("input", inputs, told.Inputs, isWhole: true), .. Of("output", outputs, told.Outputs, isWhole: false)];

    private static IEnumerable<string> Of(string kind, IReadOnlyList<RemoteTensor> wanted, IReadOnlyList<TensorTold> told, bool isWhole)
    {
        // Some servers describe a model only where somebody has told them; what it cannot do shows when it runs.
        var theirs = told.DistinctBy(t => t.Name).ToDictionary(t => t.Name);
        foreach (var tensor in wanted.Where(_ => told.Count > 0))
        {
            if (!theirs.TryGetValue(tensor.Name, out var other))
            {
                yield return $"the server's model has no {kind} '{tensor.Name}'{NearestName.Hint(tensor.Name, theirs.Keys)}; it must be "
                    + "the stage's own model";
                continue;
            }

            if (tensor.Picture is not null)
            {
                if (PictureProblem(tensor.Name, other) is { } unfit)
                {
                    yield return unfit;
                }

                continue;
            }

            if (other.Datatype != tensor.Datatype)
            {
                yield return $"{kind} '{tensor.Name}' of the server's model is {other.Datatype}, the stage's is {tensor.Datatype}; export "
                    + $"both alike{(other.Datatype == OipType.Encoded ? ", or write 'jpeg_quality' where it takes a picture" : "")}";
            }

            if (!Fits(other.Shape, tensor.Tensor.Shape))
            {
                yield return $"{kind} '{tensor.Name}' of the server's model has shape {TextOf(other.Shape)}, the stage's has "
                    + $"{TextOf(tensor.Tensor.Shape.ToArray())}; export both alike";
            }
        }

        foreach (string left in theirs.Keys.Where(n => isWhole && !wanted.Any(w => w.Name == n)))
        {
            yield return $"the server's model takes {kind} '{left}', which the stage's has not; it must be the stage's own model";
        }
    }

    /// <summary>Why a model takes no encoded picture there; null where it does.</summary>
    private static string? PictureProblem(string name, TensorTold told)
    {
        if (told.Datatype != OipType.Encoded)
        {
            return $"input '{name}' of the server's model is {told.Datatype}, and 'jpeg_quality' sends an encoded picture "
                + $"({OipType.Encoded}); take it out, or name a model that takes one";
        }

        return told.Shape.Length is > 0 and <= OrtTensor.MaxRank && told.Shape.All(s => s <= 1) ? null
            : $"input '{name}' of the server's model has shape {TextOf(told.Shape)}, and one picture goes there";
    }

    private static bool Fits(long[] told, ReadOnlySpan<long> own)
    {
        bool fits = told.Length == own.Length;
        for (int i = 0; fits && i < told.Length; i++)
        {
            fits = told[i] < 1 || told[i] == own[i];
        }

        return fits;
    }

    private static string TextOf(long[] shape) =>
        $"[{string.Join(",", shape.Select(s => s < 1 ? "?" : s.ToString(CultureInfo.InvariantCulture)))}]";
}
