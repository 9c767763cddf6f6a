using System.Globalization;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Recognises what a model is by the number, names, shapes and values of its outputs, and by what its exporter wrote.</summary>
internal static class FamilyFinder
{
    /// <summary>Null where nothing fits.</summary>
    /// <exception cref="InvalidDataException">It is known, and cannot be used as it is.</exception>
    public static ModelFamily? Find(ModelEvidence evidence)
    {
        if (evidence.Found.FirstOrDefault(o => o.Shape.Contains(0)) is { } empty)
        {
            throw new InvalidDataException($"output '{empty.Name}' has no rows for a grey picture, so their number changes from frame to "
                + "frame, but a stage's outputs keep their size; export it with a fixed number of boxes, or without the suppression");
        }

        return DetailFamilies.Find(evidence) ?? SceneFamilies.Find(evidence) ?? ListFamilies.Find(evidence)
            ?? BoxFamilies.Find(evidence) ?? MapFamilies.Find(evidence) ?? Classifier(evidence);
    }

    private static ModelFamily? Classifier(ModelEvidence evidence)
    {
        if (evidence.Found.Count != 1 || evidence.Found[0] is not { Values.Length: > 1 } found
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

        return new ModelFamily("a classifier", "classification", areProbabilities ? "probability_classification" : "softmax_classification",
            [found.Name], found.Values.Length, new() { ["top_k"] = Math.Min(5, found.Values.Length) }, look);
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
