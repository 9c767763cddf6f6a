using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Models whose outputs are maps over the picture that the head decodes: FastestDet, NanoDet, PicoDet.</summary>
internal static class MapFamilies
{
    private const int FastestDetStride = 16;
    private static readonly int[] Strides = [8, 16, 32, 64, 128];

    public static ModelFamily? Find(ModelEvidence evidence) =>
        evidence.Found.Count == 1 ? FastestDet(evidence, evidence.Found[0]) : Distributions(evidence);

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
        var settings = ModelEvidence.Thresholds(0.4, 0.25, 0.5);
        settings["strides"] = new JsonArray([.. strides.Select(s => (JsonNode)s)]);
        settings["bin_count"] = (int)(width / 4);
        settings["apply_sigmoid"] = classes.Any(c => c.Values.Any(v => v is < 0 or > 1));
        return new ModelFamily(isPaddle ? "PicoDet" : "NanoDet", "detection", "dfl", [.. classes.Concat(sides).Select(o => o.Name)],
            (int)labels, settings, isPaddle ? FrameLook.StretchedImageNet : FrameLook.NanoDet);
    }
}
