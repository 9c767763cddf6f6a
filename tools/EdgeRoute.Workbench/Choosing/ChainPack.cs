using System.Text.Json.Nodes;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>Makes one pack of a chain: the stages that it runs, in its order, with the edges and thresholds of the chosen point.</summary>
internal sealed class ChainPack
{
    private readonly ChoicePoint _point;
    private readonly string[] _names;

    private ChainPack(ChoicePoint point) => (_point, _names) = (point, StageNames(point.Chain));

    private IReadOnlyList<ChainLink> Links => _point.Chain.Links;

    /// <summary>By link: what its stage is called in the pack that is written.</summary>
    public static string[] StageNames(Chain chain)
    {
        var names = new List<string>();
        foreach (var link in chain.Links)
        {
            string stage = link.Stage.Name, name = link.Pack.Tree.Graph.Stages.Count == 1 ? link.Pack.Name : stage;
            name = names.Contains(name) ? $"{link.Pack.Name}-{stage}" : name;
            string free = name;
            for (int number = 2; names.Contains(free); number++)
            {
                free = FormattableString.Invariant($"{name}-{number}");
            }

            names.Add(free[..Math.Min(free.Length, ModelImport.NameLengthMost)]);
        }

        return [.. names];
    }

    /// <returns>The policy, as a device config writes it.</returns>
    public static string Write(ChoicePoint point, WrittenPack target)
    {
        var made = new ChainPack(point);
        var pack = point.Chain.Links[0].Pack.Pack;
        var manifest = made.Manifest(target, pack);
        if (pack.Labels.Count > 0)
        {
            target.WriteText(WrittenPack.LabelsName, string.Join('\n', pack.Labels.Select(l => l.ReplaceLineEndings(" "))) + "\n");
            manifest["labels_file"] = WrittenPack.LabelsName;
        }

        target.WriteManifest(manifest);
        PackReader.Read(target.Manifest);
        return made.Policy;
    }

    private string Policy => _point switch
    {
        { Carried: { } carried } => WrittenConfig.Skipping(WholePath, carried.Rule),
        { Rules.Count: > 0 } => "{ kind: cascade }",
        _ => $"{{ kind: fixed, path: {WrittenConfig.Quoted(WholePath)} }}",
    };

    private string WholePath => string.Join('>', Links.Select((_, i) => OptionOf(i)));

    private JsonObject Manifest(WrittenPack target, Pack first)
    {
        Pack[] packs = [.. _point.Chain.Packs.Select(p => p.Pack)];
        string[] licences = [.. packs.Select(p => p.Licence.Spdx).Distinct()];
        var manifest = new JsonObject
        {
            ["manifest"] = PackReader.ManifestVersion,
            ["name"] = target.Name,
            ["version"] = "1",
            ["title"] = string.Join(", then ", Links.Select(l => l.Name)),
            ["task"] = ManifestEnums.Of(ManifestEnums.Tasks, first.Task),
            ["licence"] = new JsonObject
            {
                ["spdx"] = licences.Length == 1 ? licences[0] : "NOASSERTION",
                ["origin"] = string.Join("; ", packs.Select(p => $"{p.Name}: {p.Licence.Origin} ({p.Licence.Spdx})")),
            },
            ["stages"] = new JsonArray([.. Links.Select((_, i) => (JsonNode)Stage(i, target))]),
            ["edges"] = Edges(),
            ["policies"] = Policies(),
        };
        if (packs.Min(p => p.MaxAgeMs) is { } age)
        {
            manifest["max_age_ms"] = age;
        }

        if (packs.Any(p => p.Carry == CarryKind.Picture))
        {
            manifest["carry"] = ManifestEnums.Of(ManifestEnums.Carries, CarryKind.Picture);
        }

        return manifest;
    }

    /// <summary>The block as its pack has it, with its files in a folder of its own.</summary>
    private JsonObject Stage(int index, WrittenPack target)
    {
        var link = Links[index];
        var manifest = JsonNode.Parse(File.ReadAllText(link.Pack.Pack.ManifestPath))!.AsObject();
        var block = manifest["stages"]!.AsArray().First(s => (string?)s!["name"] == link.Stage.Name)!.DeepClone().AsObject();
        block["name"] = _names[index];
        block["file"] = Add((string)block["file"]!, link.Stage.FilePath);
        foreach (var (weights, path) in (block["weights"]?.AsArray() ?? []).Zip(link.Stage.WeightPaths))
        {
            weights!["file"] = Add((string)weights["file"]!, path);
        }

        foreach (var feature in block["features"]?.AsArray() ?? [])
        {
            string from = (string)feature!["from_stage"]!;
            feature["from_stage"] = _names[Links.ToList().FindLastIndex(index, l => l.Pack == link.Pack && l.Stage.Name == from)];
        }

        return block;

        string Add(string file, string from)
        {
            string name = $"{_names[index]}/{file}";
            target.AddFile(name, from);
            return name;
        }
    }

    /// <summary>
    /// Along the chain; from the frame to each stage that needs none before it, for the value policy; and to the answer before.
    /// </summary>
    private JsonArray Edges()
    {
        var edges = new JsonArray(Edge("frame", 0));
        for (int i = 1; i < Links.Count; i++)
        {
            edges.Add((JsonNode)Edge(_names[i - 1], i));
            if (IsFirst(i))
            {
                edges.Add((JsonNode)Edge("frame", i));
            }
        }

        edges.Add((JsonNode)new JsonObject { ["from"] = "frame", ["to"] = "previous" });
        return edges;
    }

    private bool IsFirst(int index) => Links[index].Stage is { Input: not null, Features.Count: 0 };

    private JsonObject Edge(string from, int to)
    {
        var variant = Links[to].Variant;
        var edge = new JsonObject { ["from"] = from, ["to"] = _names[to] };
        if (variant.KeepRatio < 1)
        {
            edge["keep"] = new JsonArray(variant.KeepRatio);
        }

        if (variant.InputScale < 1)
        {
            edge["scale"] = new JsonArray(variant.InputScale);
        }

        if (variant.Region != FrameRegion.Full)
        {
            var region = variant.Region;
            edge["region"] = new JsonArray(region.Left, region.Top, region.Width, region.Height);
        }

        return edge;
    }

    private JsonObject Policies()
    {
        int last = Links.Count - 1;
        var policies = new JsonObject { ["fixed_route"] = _point.Rules.Count > 0 && IsFirst(last) ? OptionOf(last) : WholePath };
        if (_point.Rules.Count == 0)
        {
            return policies;
        }

        var exits = new JsonObject();
        foreach (var rule in _point.Rules)
        {
            exits[_names[rule.LinkIndex]] = new JsonObject
            {
                ["signal"] = ManifestEnums.Of(ManifestEnums.Signals, rule.Signal),
                [rule.StopsAbove ? "stop_at_least" : "stop_at_most"] = rule.Threshold,
                ["next"] = OptionOf(rule.LinkIndex + 1),
            };
        }

        policies["cascade"] = new JsonObject { ["entry"] = OptionOf(0), ["exits"] = exits };
        return policies;
    }

    private string OptionOf(int index)
    {
        var link = Links[index];
        return _names[index] + CandidatePack.OptionOf(link.Pack.Tree, link.Variant.Index)[link.Stage.Name.Length..];
    }
}
