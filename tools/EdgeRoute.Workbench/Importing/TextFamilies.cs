using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Models that find text (DB) or read a line of it (CTC): PaddleOCR and its kin, CRNN.</summary>
internal static class TextFamilies
{
    /// <summary>Inputs of readers are lines: no higher than this, and at least so many times as wide.</summary>
    private const int LineHeightMost = 64, LineAspectLeast = 2;

    /// <summary>On a grey picture nearly all of a map of text is below this; depths and brightnesses are not.</summary>
    private const float NoText = 0.1f;

    private const float SumSlack = 0.02f;

    /// <summary>What outputs are named by whose small values mean something else.</summary>
    private static readonly string[] Depths = ["depth", "disp"];

    /// <exception cref="InvalidDataException">It reads text, and its characters are not known.</exception>
    public static ModelFamily? Find(ModelEvidence evidence)
    {
        if (evidence.Found.Count != 1 || evidence.Custom("task").Length > 0)
        {
            return null;
        }

        var found = evidence.Found[0];
        return found.Shape.Count == 3 ? Line(evidence, found) : Map(evidence, found);
    }

    /// <summary>A line, for people to read.</summary>
    public static List<string> Describe(Answer answer, Pack pack) => answer.ValueCount == 0 ? ["no text"]
        : [string.Create(CultureInfo.InvariantCulture,
            $"text '{TextValues.Read(answer.Values, pack.Labels)}' {TextValues.ConfidenceOf(answer.Values):0.00}")];

    private static ModelFamily? Map(ModelEvidence evidence, ProbedOutput found)
    {
        bool isDepth = Depths.Any(d => found.Name.Contains(d, StringComparison.OrdinalIgnoreCase));
        bool isMap = !isDepth && found.Shape is [1, 1, _, _] && found.Shape[2] == evidence.Input.Height
            && found.Shape[3] == evidence.Input.Width && found.Values.All(v => v is >= 0 and <= 1)
            && 2 * found.Values.Count(v => v < NoText) > found.Values.Length;
        if (!isMap)
        {
            return null;
        }

        evidence.Reasons.Add($"one map '{found.Name}' as large as the input, of probabilities that are small nearly everywhere");
        evidence.Guess("what the map means", "how probable text is there (DB)", "stages[0].exit.head: depth, where it means depth");
        evidence.Guess("how pixels become values", "as PaddleOCR: letterbox at the top left, BGR, ImageNet's mean and deviation",
            "stages[0].input (channels, fit, pad, mean, std)");
        return new ModelFamily("text detection (DB)", "detection", "db_text", [found.Name], 1,
            ModelEvidence.Thresholds(0.6, 0.3, overlap: null), FrameLook.TextMap) { Labels = ["text"] };
    }

    private static ModelFamily? Line(ModelEvidence evidence, ProbedOutput found)
    {
        int steps = (int)Math.Max(found.Shape[0], found.Shape[1]), columns = (int)found.Shape[2];
        if (Math.Min(found.Shape[0], found.Shape[1]) != 1 || steps < 2 || columns < 2)
        {
            return null;
        }

        var input = evidence.Input;
        bool areProbabilities = Enumerable.Range(0, steps).All(t => IsDistribution(found.Values.AsSpan(t * columns, columns)));
        bool isLine = input.Height <= LineHeightMost && input.Width >= LineAspectLeast * input.Height;
        if (!areProbabilities && !isLine)
        {
            return null;
        }

        int blank = BlankOf(found.Values, steps, columns);
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"one output '{found.Name}' of {steps} steps with {columns} "
            + $"classes each, which are {(areProbabilities ? "probabilities: each step sums to 1" : "logits")}"));
        evidence.Guess("which class is no character", blank == 0 ? "the first" : "the last", "stages[0].exit.blank");
        bool isGray = input.ChannelCount == 1;
        evidence.Guess("how pixels become values", isGray ? "stretched, in -1..1" : "as PaddleOCR: letterbox at the left, BGR in -1..1",
            "stages[0].input (channels, fit, pad, mean, std)");
        var settings = new JsonObject { ["blank"] = blank, ["activation"] = areProbabilities ? "none" : "softmax" };
        return new ModelFamily("text recognition (CTC)", "text", "ctc_text", [found.Name], columns - 1, settings,
            isGray ? FrameLook.StretchedSigned : FrameLook.TextLine) { Labels = Characters(evidence, columns, blank) };
    }

    private static bool IsDistribution(ReadOnlySpan<float> step) =>
        TensorPrimitives.Min(step) >= 0 && Math.Abs(TensorPrimitives.Sum(step) - 1) < SumSlack;

    /// <summary>On a grey picture there is no character: the first class says so with most models, the last with some.</summary>
    private static int BlankOf(float[] values, int steps, int columns)
    {
        int last = Enumerable.Range(0, steps).Count(t =>
            TensorPrimitives.IndexOfMax(values.AsSpan(t * columns, columns)) == columns - 1);
        return 2 * last > steps ? columns - 1 : 0;
    }

    /// <summary>One for each class but that of no character.</summary>
    private static IReadOnlyList<string> Characters(ModelEvidence evidence, int columns, int blank)
    {
        string from = evidence.LabelsFile is { } file ? $"'{file}'" : "the model's metadata";
        var known = evidence.LabelsFile is { } path ? LabelNames.CharactersOfFile(path)
            : LabelNames.CharactersOf(evidence.Custom("character"));
        if (known.Count == 0 && LabelNames.UsualCharacters(columns - 1) is { } usual)
        {
            evidence.Guesses.Add(new ImportGuess(string.Create(CultureInfo.InvariantCulture, $"the {columns - 1} characters"), usual.Of,
                $"--labels FILE, or {PackWriter.LabelsName} in the pack: one a line"));
            return usual.Characters;
        }

        if (known.Count > 0)
        {
            evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{known.Count} characters from {from}"));
        }

        switch (columns - known.Count)
        {
            case 0:
                evidence.Guess("which line of the characters is none", string.Create(CultureInfo.InvariantCulture, $"number {blank + 1}"),
                    PackWriter.LabelsName);
                return [.. known.Where((_, i) => i != blank)];
            case 1:
                return known;
            case 2 when known.Count > 0:
                evidence.Reasons.Add("one class more, for the space: PaddleOCR puts it behind the characters");
                return [.. known, " "];
            default:
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"the model reads text with {columns} classes, one of them for no character, so it wants {columns - 1} characters; ")
                    + (known.Count == 0 ? "give its dictionary with --labels FILE, one character a line"
                        : string.Create(CultureInfo.InvariantCulture, $"{from} has {known.Count}")));
        }
    }
}
