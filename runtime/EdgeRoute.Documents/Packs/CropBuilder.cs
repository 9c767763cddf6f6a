using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks the crops block, and the stages that it names: they are no part of the route.</summary>
/// <param name="document">The manifest; the stages named are among its stages.</param>
/// <param name="readLabels">The labels of a crop's own classes.</param>
internal sealed class CropBuilder(PackProblems problems, PackFiles files, ManifestDocument document,
    Func<LabelSource, ManifestFields, IReadOnlyList<string>> readLabels)
{
    /// <summary>Stages on crops: each is a model of its own that runs several times a frame.</summary>
    private const int CropLimit = 8;

    /// <summary>Crops of one frame and stage: more than this is a network for the whole frame.</summary>
    private const int AtMostLimit = 64, UsualAtMost = 4;

    /// <summary>Boxes smaller than this show nothing that a classifier could use.</summary>
    private const int UsualLeastPixels = 16;

    /// <summary>A face that has come half as near again has more than twice the pixels.</summary>
    private const float UsualSizeChange = 1.5f;

    /// <summary>Values that the crops of one answer may have: each consumer has a copy, and these are 4 MiB.</summary>
    private const long ValueLimit = 1 << 20;

    private const float DayMs = 86_400_000;

    private readonly List<ManifestDocument.CropPart> _parts = document.Crops ?? [];

    /// <summary>Names of the stages that run on crops.</summary>
    public HashSet<string> StageNames => [.. _parts.Select(p => p.Stage ?? "").Where(n => n.Length > 0)];

    /// <summary>What is built before the pack is: stage and labels of each crop, null where they cannot be.</summary>
    public IReadOnlyList<BuiltCrop?> Build(TaskKind? task, IReadOnlyList<string> labels)
    {
        var fields = new ManifestFields(problems, "crops");
        if (_parts.Count > CropLimit)
        {
            fields.Fail($"there are {_parts.Count}; at most {CropLimit} are possible");
        }

        if (_parts.Count > 0 && task is { } other && other != TaskKind.Detection)
        {
            fields.Fail($"the pack's task is '{ManifestEnums.Of(ManifestEnums.Tasks, other)}'; only detections have boxes to cut out");
        }

        foreach (var twice in _parts.GroupBy(p => p.Stage, StringComparer.Ordinal).Where(g => g.Key is not null && g.Count() > 1))
        {
            fields.Fail($"stage '{twice.Key}' is named {twice.Count()} times; once is enough, 'classes' takes several");
        }

        return [.. _parts.Select((p, i) => Build(p, new ManifestFields(problems, string.IsNullOrEmpty(p.Stage) ? $"crops[{i}]"
            : $"crop '{p.Stage}'"), labels))];
    }

    /// <summary>The crops of a pack: each is a pack of one stage that shares the pack's terms.</summary>
    public IReadOnlyList<PackCrop> Of(Pack pack, IReadOnlyList<BuiltCrop?> built)
    {
        PackCrop[] crops = [.. built.OfType<BuiltCrop>().Select(b => Of(pack, b))];
        long values = crops.Sum(c => (long)c.ValueLimit) * pack.Stages.Max(s => s.Exit?.Detection?.Limit ?? 0);
        if (values > ValueLimit)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"crops: answers of up to {values} values (values of a crop times the "
                + $"largest 'detection_limit') are too large; at most {ValueLimit} are possible. Lower 'detection_limit', 'text_limit' or "
                + $"'top_k', or take a shorter embedding"));
        }

        return crops;
    }

    private static PackCrop Of(Pack pack, BuiltCrop built)
    {
        var stage = built.Stage;
        var graph = new RouteGraph([new RouteStage(stage.Name, true, true, [])],
            [new RouteEdge(RouteGraph.Frame, 0, [1], [1], FrameRegion.Full)]);
        return new PackCrop(pack with
        {
            Task = stage.Exit!.Task,
            Labels = built.Labels,
            Stages = [stage],
            Graph = graph,
            CostProfiles = [],
            FixedRoute = stage.Name,
            Cascade = null,
            Crops = [],
            MultiplyAdds = new Dictionary<string, double>(),
        }, built.Rule);
    }

    private BuiltCrop? Build(ManifestDocument.CropPart part, ManifestFields fields, IReadOnlyList<string> labels)
    {
        string name = fields.Text("stage", part.Stage);
        var found = (document.Stages ?? []).Where(s => s.Name == name).Take(1).ToList();
        if (name.Length > 0 && found.Count == 0)
        {
            fields.Fail($"stage '{name}' does not exist{NearestName.Hint(name, (document.Stages ?? []).Select(s => s.Name ?? ""))}");
        }

        var own = readLabels(new LabelSource(part.Labels, part.LabelsFile, NeedsLabels(found.FirstOrDefault())), fields);
        var rule = new CropRule(
            Wanted(part.Classes, labels, fields), fields.Number("expand", part.Expand, 0, 4, absent: 0),
            fields.Whole("at_most", part.AtMost, 1, AtMostLimit, absent: UsualAtMost),
            part.RefreshMs is null ? double.PositiveInfinity : fields.Number("refresh_ms", part.RefreshMs, 0, DayMs),
            fields.Number("size_change", part.SizeChange, 1.01f, 100, absent: UsualSizeChange),
            fields.Whole("least_pixels", part.LeastPixels, 1, FrameLayout.SideLimit, absent: UsualLeastPixels));
        if (found.Count == 0)
        {
            return null;
        }

        var stage = new StageBuilder(problems, files, new ExitBuilder(null, own.Count), found).BuildAll()[0];
        return IsFit(stage, found[0], fields) ? new BuiltCrop(stage, own, rule) : null;
    }

    /// <summary>An embedding has no classes.</summary>
    private static bool NeedsLabels(ManifestDocument.StagePart? stage) => stage?.Exit?.Head is { } head
        && ManifestEnums.Heads.Any(h => h.Text == head && ExitSpec.TaskOf(h.Value) is TaskKind.Classification or TaskKind.Text);

    private static bool IsFit(PackStage stage, ManifestDocument.StagePart part, ManifestFields fields)
    {
        if (part.Exit is null)
        {
            fields.Fail($"stage '{stage.Name}' has no 'exit', so that it would say nothing of a box");
        }

        if (stage.Exit is { Task: not (TaskKind.Classification or TaskKind.Embedding or TaskKind.Text) and var task })
        {
            fields.Fail($"stage '{stage.Name}' answers with a task of '{ManifestEnums.Of(ManifestEnums.Tasks, task)}'; a box can have a "
                + "classification, an embedding or a text");
        }

        bool takesMore = stage.Features.Count > 0 || stage.Instruction.Count > 0 || stage.State is not null || stage.Keep is not null;
        if (part.Input is null || takesMore)
        {
            fields.Fail($"stage '{stage.Name}' must take the crop by 'input', and neither 'features', 'keep_input', 'instruction' nor "
                + "'state'");
        }

        return stage is { Exit: not null, Input: not null } && !takesMore;
    }

    private static bool[] Wanted(List<string>? classes, IReadOnlyList<string> labels, ManifestFields fields)
    {
        if (classes is { Count: 0 })
        {
            fields.Fail("'classes' is empty; name classes of the detections, or leave it out for all of them");
        }

        foreach (string unknown in (classes ?? []).Where(c => !labels.Contains(c)))
        {
            fields.Fail($"'classes' names '{unknown}', which is no label of the pack{NearestName.Hint(unknown, labels)}");
        }

        return [.. labels.Select(l => classes is null || classes.Contains(l))];
    }
}

/// <summary>Where labels are given: in the manifest, or in a file.</summary>
internal readonly record struct LabelSource(List<string>? Labels, string? File, bool AreNeeded);

/// <summary>A crop whose pack is not there yet.</summary>
internal sealed record BuiltCrop(PackStage Stage, IReadOnlyList<string> Labels, CropRule Rule);
