using System.Globalization;
using System.Numerics.Tensors;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Recognises what a model is by the number, names, shapes and values of its outputs, and by what its exporter wrote.</summary>
internal static class FamilyFinder
{
    /// <summary>Numbers of one output of a policy; more are features.</summary>
    private const int ActionsMost = 32;

    /// <summary>What float16 rounds a probability by, and more.</summary>
    private const float SoftmaxSlack = 0.002f;

    /// <summary>Box, objectness and at least one class of an anchor.</summary>
    private const int AnchorNumbersLeast = 5;

    /// <summary>Null where nothing fits.</summary>
    /// <exception cref="InvalidDataException">It is known, and cannot be used as it is.</exception>
    public static ModelFamily? Find(ModelEvidence evidence)
    {
        evidence = Readable(evidence);
        if (evidence.Found.FirstOrDefault(o => o.Shape.Contains(0)) is { } empty)
        {
            if (!evidence.IsOpen(empty, empty.Shape.ToList().IndexOf(0)))
            {
                throw new InvalidDataException($"output '{empty.Name}' [{string.Join(",", empty.Shape)}] is declared without rows, so that "
                    + "nothing is ever found; export the model anew, with room for boxes or a number of them that is left open");
            }

            return ListFamilies.Find(evidence) ?? BoxFamilies.Find(evidence) ?? throw new InvalidDataException(
                $"output '{empty.Name}' [{string.Join(",", empty.Shape)}] has no rows for a grey picture, so their number changes from "
                + "frame to frame, which is known of rows of 6 (box, confidence, class), of 7 (YOLO 7), and of lists of boxes, classes and "
                + "scores; export it as one of them, or without the suppression");
        }

        if (evidence.Found.All(o => o.Shape is [1, _, _, _, > AnchorNumbersLeast]))
        {
            string maps = string.Join(", ", evidence.Found.Select(o => $"'{o.Name}' [{string.Join(",", o.Shape)}]"));
            throw new InvalidDataException($"outputs {maps} are maps of anchors that are not decoded, and the model does not hold the "
                + "anchors; export it with its decoding (YOLO 7 with --grid, YOLO 5 without --train)");
        }

        return TextFamilies.Find(evidence) ?? DetailFamilies.Find(evidence) ?? SceneFamilies.Find(evidence)
            ?? MapFamilies.Find(evidence) ?? ListFamilies.Find(evidence) ?? BoxFamilies.Find(evidence) ?? Classifier(evidence)
            ?? Policy(evidence);
    }

    /// <summary>Without outputs of a type that no head reads, which may lie beside those that matter.</summary>
    /// <exception cref="InvalidDataException">There are no others.</exception>
    private static ModelEvidence Readable(ModelEvidence evidence)
    {
        var odd = evidence.Found.Where(o => evidence.ElementOf(o) is not ("float32" or "float16" or "int64" or "int32" or "uint8"))
            .ToList();
        if (odd.Count == 0)
        {
            return evidence;
        }

        string names = string.Join(", ", odd.Select(o => $"'{o.Name}' of {evidence.ElementOf(o)}"));
        if (odd.Count == evidence.Found.Count)
        {
            throw new InvalidDataException($"the model yields {names}; heads read float32 and float16, and some of them int64, int32 or "
                + "uint8: export it with such outputs, or with a Cast to float32 at its end");
        }

        evidence.Reasons.Add($"left out, as no head reads its type: {names}");
        return evidence with { Found = [.. evidence.Found.Except(odd)] };
    }

    /// <summary>A few numbers from several outputs: what a small vision policy tells its robot.</summary>
    private static ModelFamily? Policy(ModelEvidence evidence)
    {
        if (evidence.Found.Count < 2 || evidence.Found.Any(o => o.Values.Length is 0 or > ActionsMost || o.Shape.Count > 2))
        {
            return null;
        }

        int values = evidence.Found.Sum(o => o.Values.Length);
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{evidence.Found.Count} outputs of {values} numbers together"));
        evidence.Guess("what the numbers mean", string.Create(CultureInfo.InvariantCulture, $"one action of {values} values"),
            "stages[0].exit.head, step_count and dimension_count");
        evidence.Guess("how pixels become values", "the middle of the picture, in 0..1", "stages[0].input (channels, fit, mean, std)");
        return new ModelFamily("a vision policy", "policy", "policy", [.. evidence.Found.Select(o => o.Name)], 0,
            new() { ["step_count"] = 1, ["dimension_count"] = values }, FrameLook.Cropped);
    }

    private static ModelFamily? Classifier(ModelEvidence evidence)
    {
        if (Answers(evidence) is not [{ Values.Length: > 1 } found]
            || found.Shape.Count(d => d > 1) != 1)
        {
            return null;
        }

        bool areProbabilities = found.Values.All(v => v is >= 0 and <= 1) && Math.Abs(found.Values.Sum() - 1) < 0.02;
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"one output of {found.Values.Length} values, which {(areProbabilities ? "are probabilities: they sum to 1" : "are logits")}"));
        var look = LookOfClassifier(evidence);
        if (look != FrameLook.Cropped)
        {
            evidence.Guess("how pixels become values", "as is usual for classifiers", "stages[0].input (channels, fit, mean, std)");
        }

        if (evidence.Names.Count == 0 && !areProbabilities && !LabelNames.IsUsualCount(found.Values.Length))
        {
            evidence.Guess("what the numbers mean", "a class each",
                "task and stages[0].exit (of an embedding: task and head 'embedding', with 'dimension_count')");
        }

        return new ModelFamily("a classifier", "classification", areProbabilities ? "probability_classification" : "softmax_classification",
            [found.Name], found.Values.Length, new() { ["top_k"] = Math.Min(5, found.Values.Length) }, look);
    }

    /// <summary>The outputs, without logits whose probabilities the model yields beside them.</summary>
    private static IReadOnlyList<ProbedOutput> Answers(ModelEvidence evidence)
    {
        var found = evidence.Found;
        if (found.Count != 2 || found[0].Values.Length < 2 || found[0].Values.Length != found[1].Values.Length)
        {
            return found;
        }

        int at = Enumerable.Range(0, 2).FirstOrDefault(i => IsSoftmaxOf(found[i].Values, found[1 - i].Values), -1);
        if (at < 0)
        {
            return found;
        }

        evidence.Reasons.Add($"'{found[at].Name}' is the softmax of '{found[1 - at].Name}'");
        return [found[at]];
    }

    private static bool IsSoftmaxOf(float[] probabilities, float[] logits)
    {
        float[] expected = new float[logits.Length];
        TensorPrimitives.SoftMax(logits, expected);
        return probabilities.Zip(expected).All(p => Math.Abs(p.First - p.Second) < SoftmaxSlack);
    }

    private static FrameLook LookOfClassifier(ModelEvidence evidence)
    {
        if (evidence.IsUltralytics)
        {
            return FrameLook.Cropped;
        }

        return evidence.Input.IsNchw ? FrameLook.CroppedImageNet : FrameLook.StretchedSigned;
    }
}
