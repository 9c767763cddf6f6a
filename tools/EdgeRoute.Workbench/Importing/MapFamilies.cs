using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Models whose outputs are cells over the picture that the head decodes: FastestDet, NanoDet, PicoDet, YuNet.</summary>
internal static class MapFamilies
{
    private const int FastestDetStride = 16;
    private const int SideCount = 4, UsualBins = 8, UsualLabels = 80;
    private static readonly int[] Strides = [8, 16, 32, 64, 128];

    public static ModelFamily? Find(ModelEvidence evidence) => evidence.Found.Count == 1
        ? FastestDet(evidence, evidence.Found[0]) ?? Rows(evidence, evidence.Found[0])
        : Distributions(evidence) ?? Faces(evidence);

    private static ModelFamily? FastestDet(ModelEvidence evidence, ProbedOutput found)
    {
        var input = evidence.Input;
        bool isMap = found.Shape is [1, > 5, _, _] && found.Shape[2] * FastestDetStride == input.Height
            && found.Shape[3] * FastestDetStride == input.Width;
        if (!isMap)
        {
            return null;
        }

        int labels = (int)found.Shape[1] - 5;
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"one map of {found.Shape[1]} planes at a sixteenth of the input: objectness, box and {labels} classes"));
        evidence.Guess("how pixels become values", "stretched, BGR in 0..1", "stages[0].input (channels, fit, mean, std)");
        return new ModelFamily("FastestDet", "detection", "fastestdet", [found.Name], labels, ModelEvidence.Thresholds(0.4, 0.3, 0.45),
            FrameLook.StretchedBgr);
    }

    /// <summary>
    /// One row for each cell of all levels, classes and four distributions side by side (NanoDet-Plus). Classes are probabilities; boxes,
    /// which the YOLO family has in front, are not.
    /// </summary>
    private static ModelFamily? Rows(ModelEvidence evidence, ProbedOutput found)
    {
        int[][] levels = [[8, 16, 32, 64], [8, 16, 32]];
        int[]? strides = Array.Find(levels, l => found.Shape is [1, _, _] && evidence.Cells(l) == found.Shape[1]);
        int width = strides is null ? 0 : (int)found.Shape[2], names = evidence.Names.Count;
        bool isPlus = strides?.Length == levels[0].Length;
        int labels = names > 0 ? names : Math.Min(width - (SideCount * UsualBins), isPlus ? width : UsualLabels);
        int bins = (width - labels) / SideCount;
        if (strides is null || labels < 1 || bins < 2 || width != labels + (SideCount * bins)
            || !Enumerable.Range(0, found.Values.Length).All(i => i % width >= labels || found.Values[i] is >= 0 and <= 1)
            || found.Values.All(v => v is >= 0 and <= 1))
        {
            return null;
        }

        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"one output '{found.Name}' of {found.Shape[1]} cells, as strides "
            + $"{string.Join(", ", strides)} make them: {labels} classes and distributions of {bins} bins"));
        evidence.Guess("where in its cell a box's distances begin", isPlus ? "0, as in NanoDet-Plus" : "0.5, as in NanoDet",
            "stages[0].exit.cell_offset");
        evidence.Guess("how pixels become values", "as NanoDet: letterbox, BGR, ImageNet's mean and deviation",
            "stages[0].input (channels, fit, pad, mean, std)");
        var settings = Settings(strides, bins);
        settings["cell_offset"] = isPlus ? 0 : 0.5;
        return new ModelFamily(isPlus ? "NanoDet-Plus" : "NanoDet", "detection", "dfl", [found.Name], labels, settings, FrameLook.NanoDet);
    }

    private static JsonObject Settings(int[] strides, int bins)
    {
        var settings = ModelEvidence.Thresholds(0.4, 0.25, 0.5);
        settings["strides"] = new JsonArray([.. strides.Select(s => (JsonNode)s)]);
        settings["bin_count"] = bins;
        return settings;
    }

    /// <summary>For each level four tensors with a row a cell: class and objectness of one number each, a box, and key points.</summary>
    private static ModelFamily? Faces(ModelEvidence evidence)
    {
        var levels = evidence.Found.Where(o => o.Shape is [1, _, _]).GroupBy(o => o.Shape[1]).OrderByDescending(g => g.Key).ToList();
        int[] strides = [.. levels.Select(l => Strides.FirstOrDefault(s => evidence.CellsOf(s) == l.Key))];
        var sorted = levels.ConvertAll(l => l.OrderBy(o => o.Shape[2]).ToList());
        if (levels.Count == 0 || strides.Contains(0) || SideCount * levels.Count != evidence.Found.Count
            || !sorted.TrueForAll(l => l.Count == SideCount && l[1].Shape[2] == 1 && l[2].Shape[2] == SideCount)
            || sorted.Exists(l => l[3].Shape[2] != sorted[0][3].Shape[2] || l[3].Shape[2] % 2 != 0))
        {
            return null;
        }

        int points = (int)sorted[0][3].Shape[2] / 2;
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{levels.Count} levels with strides "
            + $"{string.Join(", ", strides)}: class, objectness, box and {points} key points of each cell"));
        evidence.Guess("how pixels become values", "as YuNet: letterbox at the top left of black, BGR in 0..255",
            "stages[0].input (channels, fit, pad, mean, std)");
        var settings = ModelEvidence.Thresholds(0.75, 0.4, 0.3);
        settings["strides"] = new JsonArray([.. strides.Select(s => (JsonNode)s)]);
        settings["keypoint_count"] = points;
        string[] outputs = [.. Enumerable.Range(0, SideCount).SelectMany(i => sorted.Select(l => l[i].Name))];
        return new ModelFamily("faces (YuNet)", "detection", "yunet", outputs, 1, settings, FrameLook.Yunet) { Labels = ["face"] };
    }

    /// <summary>For each level a tensor of classes and one of four distributions, both with as many rows as the level has cells.</summary>
    private static ModelFamily? Distributions(ModelEvidence evidence)
    {
        var levels = evidence.Found.Where(o => o.Shape is [1, _, _]).GroupBy(o => o.Shape[1]).OrderByDescending(g => g.Key).ToList();
        if (levels.Count < 2 || levels.Any(l => l.Count() != 2) || 2 * levels.Count != evidence.Found.Count)
        {
            return null;
        }

        var classes = levels.Select(l => l.First()).ToList();
        var sides = levels.Select(l => l.Last()).ToList();
        int[] strides = [.. levels.Select(l => Strides.FirstOrDefault(s => evidence.CellsOf(s) == l.Key))];
        long width = sides[0].Shape[2], labels = classes[0].Shape[2];
        if (strides.Contains(0) || width % 4 != 0 || sides.Any(s => s.Shape[2] != width) || classes.Any(c => c.Shape[2] != labels))
        {
            return null;
        }

        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"{levels.Count} levels with strides {string.Join(", ", strides)}: {labels} classes and distributions of {width / 4} bins"));
        bool isPaddle = evidence.Found[0].Name.StartsWith("save_infer_model", StringComparison.Ordinal);
        evidence.Guess("how pixels become values", isPaddle ? "as PicoDet: stretched, RGB, ImageNet's mean and deviation"
            : "as NanoDet: letterbox, BGR, ImageNet's mean and deviation", "stages[0].input (channels, fit, pad, mean, std)");
        var settings = Settings(strides, (int)(width / 4));
        settings["apply_sigmoid"] = classes.Any(c => c.Values.Any(v => v is < 0 or > 1));
        return new ModelFamily(isPaddle ? "PicoDet" : "NanoDet", "detection", "dfl", [.. classes.Concat(sides).Select(o => o.Name)],
            (int)labels, settings, isPaddle ? FrameLook.StretchedImageNet : FrameLook.NanoDet);
    }
}
