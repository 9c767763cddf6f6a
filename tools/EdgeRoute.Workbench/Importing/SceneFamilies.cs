using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Models that say something of every place of the picture: its class, as logits or as a number, or its depth.</summary>
internal static class SceneFamilies
{
    /// <summary>Input pixels of a cell at most: coarser maps of classes are those of detectors.</summary>
    private const int CellMost = 8;

    private const int ShownMost = 10;

    /// <summary>Labels where numbers of classes are all that is known: more than published data sets of places have.</summary>
    private const int ClassesGuessed = 256;

    public static ModelFamily? Find(ModelEvidence evidence)
    {
        if (evidence.Custom("task") is "detect" or "classify" || evidence.Found.Count != 1)
        {
            return null;
        }

        var found = evidence.Found[0];
        var input = evidence.Input;
        bool isFine = found.Shape.Count > 2 && found.Shape[^2] * CellMost >= input.Height && found.Shape[^1] * CellMost >= input.Width;
        bool isWhole = found.Shape.Count > 2 && found.Shape[^2] == input.Height && found.Shape[^1] == input.Width;
        RequireChannelsFirst(evidence, found, isFine);
        bool areWhole = evidence.ElementOf(found) is "int64" or "int32" or "uint8";
        return found.Shape switch
        {
            [1, > CellMost, > CellMost] or [1, 1, > CellMost, > CellMost] when areWhole && isFine => ClassNumbers(evidence, found),
            [1, > 1, > CellMost, > CellMost] when isFine => Classes(evidence, found),
            [1, 1, > CellMost, > CellMost] when isFine => Depth(evidence, found),
            [1, > CellMost, > CellMost] when isWhole => Depth(evidence, found),
            _ => null,
        };
    }

    /// <summary>Exports from TensorFlow have them last; where the sides of a map are those of the picture tells.</summary>
    /// <exception cref="InvalidDataException">The classes of each place lie side by side.</exception>
    private static void RequireChannelsFirst(ModelEvidence evidence, ProbedOutput found, bool isFine)
    {
        var (width, height) = (evidence.Input.Width, evidence.Input.Height);
        if (found.Shape is [1, > CellMost, > CellMost, > 1] && found.Shape[2] * height == found.Shape[1] * width
            && !(isFine && found.Shape[3] * height == found.Shape[2] * width) && found.Shape[1] * CellMost >= height)
        {
            throw new InvalidDataException($"output '{found.Name}' [{string.Join(",", found.Shape)}] is a map of a picture of "
                + FormattableString.Invariant($"{width}x{height} with its classes last; heads read [1, classes, height, width]: ")
                + "transpose it at the model's end, or export the model with inputs as channels first");
        }
    }

    /// <summary>What a map says, for people to read.</summary>
    public static List<string> Describe(Answer answer, Pack pack)
    {
        float[] values = [.. answer.Values.ToArray().Where(float.IsFinite)];
        if (answer.Task == TaskKind.Depth)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"depth from {values.DefaultIfEmpty().Min():0.###} to "
                + $"{values.DefaultIfEmpty().Max():0.###}")];
        }

        return [.. values.Where(v => v >= 0).GroupBy(v => (int)v).OrderByDescending(g => g.Count()).Take(ShownMost).Select(g =>
        {
            double share = (double)g.Count() / values.Length;
            return string.Create(CultureInfo.InvariantCulture, $"{pack.LabelOf(g.Key)} on {share:0.00} of the picture");
        })];
    }

    private static ModelFamily Classes(ModelEvidence evidence, ProbedOutput found)
    {
        int labels = (int)found.Shape[1];
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"one map '{found.Name}' of {labels} planes of {found.Shape[3]}x{found.Shape[2]}: a class for each place"));
        evidence.Guess("what the map means", "a class for each place", "stages[0].exit.head");
        GuessLook(evidence);
        return new ModelFamily("semantic segmentation", "segmentation", "semantic_segmentation", [found.Name], labels, [],
            FrameLook.StretchedImageNet);
    }

    private static ModelFamily ClassNumbers(ModelEvidence evidence, ProbedOutput found)
    {
        int labels = evidence.Names.Count;
        evidence.Reasons.Add($"one map '{found.Name}' of {found.Shape[^1]}x{found.Shape[^2]} whole numbers: the class of each place");
        if (labels == 0)
        {
            labels = ClassesGuessed;
            evidence.Guesses.Add(new ImportGuess("number of classes, which their numbers do not tell",
                labels.ToString(CultureInfo.InvariantCulture), "--labels FILE"));
        }

        GuessLook(evidence);
        return new ModelFamily("semantic segmentation, classes chosen by the model", "segmentation", "class_map", [found.Name], labels, [],
            FrameLook.StretchedImageNet);
    }

    private static ModelFamily Depth(ModelEvidence evidence, ProbedOutput found)
    {
        evidence.Reasons.Add($"one map '{found.Name}' of {found.Shape[^1]}x{found.Shape[^2]}, a single plane");
        evidence.Guess("what the map means", "depth", "stages[0].exit.head");
        GuessLook(evidence);
        return new ModelFamily("monocular depth", "depth", "depth", [found.Name], 0, [], FrameLook.StretchedImageNet);
    }

    private static void GuessLook(ModelEvidence evidence) => evidence.Guess("how pixels become values",
        "stretched, ImageNet's mean and deviation", "stages[0].input (channels, fit, mean, std)");
}
