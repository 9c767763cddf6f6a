using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks the policies and cost profiles against the paths that the graph has.</summary>
internal sealed class PolicyBuilder(PackProblems problems, IReadOnlyList<PackStage> stages, RouteTree tree)
{
    private readonly string[] _optionNames =
        [.. tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0).Select(o => o.Name).Distinct(StringComparer.Ordinal)];

    public string FixedRoute(ManifestDocument.PoliciesPart? part)
    {
        var fields = new ManifestFields(problems, "policies");
        string name = fields.Text("fixed_route", part?.FixedRoute);
        if (name.Length > 0 && tree.FindPath(name) is null)
        {
            fields.Fail($"'fixed_route' is '{name}', which is not a path{NearestName.Hint(name, tree.PathNames)}");
        }

        return name;
    }

    public CascadeSettings? Cascade(ManifestDocument.CascadePart? part)
    {
        if (part is null)
        {
            return null;
        }

        var fields = new ManifestFields(problems, "policies.cascade");
        CheckOption("entry", part.Entry, tree.Nodes[0], fields);
        var rules = (part.Exits ?? []).Select(e => Rule(e.Key, e.Value, fields.Within($"exit '{e.Key}'"))).OfType<CascadeRule>().ToArray();
        if (rules.Length == 0 && part.Reuse is null)
        {
            fields.Fail("it has neither thresholds ('exits') nor a 'reuse' rule; leave it out instead");
        }

        return new CascadeSettings(part.Entry, rules, Reuse(part.Reuse, fields.Within("reuse")));
    }

    public IReadOnlyList<CostProfile> Costs(IReadOnlyList<ManifestDocument.CostProfilePart> parts) => [.. parts.Select(Costs)];

    public IReadOnlyDictionary<string, double> MultiplyAdds(Dictionary<string, double> byPath)
    {
        var fields = new ManifestFields(problems, "multiply_adds");
        foreach (var (path, count) in byPath)
        {
            if (tree.FindPath(path) is null)
            {
                fields.Fail($"'{path}' is not a path{NearestName.Hint(path, tree.PathNames)}");
            }

            if (!(count >= 0))
            {
                fields.Fail($"'{path}' is {count.ToString(System.Globalization.CultureInfo.InvariantCulture)}; a number of multiply-adds "
                    + "is 0 or more");
            }
        }

        return byPath;
    }

    private CascadeRule? Rule(string stageName, ManifestDocument.CascadeExitPart part, ManifestFields fields)
    {
        var stage = stages.FirstOrDefault(s => s.Name == stageName && s.Exit is not null);
        if (stage is null)
        {
            var possible = stages.Where(s => s.Exit is not null).Select(s => s.Name);
            fields.Fail($"no stage with an exit has this name{NearestName.Hint(stageName, possible)}");
            return null;
        }

        var signal = fields.Choice("signal", part.Signal, ManifestEnums.Signals);
        if (part.Signal is not null && !stage.Exit!.Gives(signal))
        {
            var given = ManifestEnums.Signals.Where(s => stage.Exit.Gives(s.Value)).Select(s => s.Text).DefaultIfEmpty("no signal");
            fields.Fail($"its head does not compute '{part.Signal}'; it computes {string.Join(", ", given)}");
        }

        if (part.StopAtLeast.HasValue == part.StopAtMost.HasValue)
        {
            fields.Fail("exactly one of 'stop_at_least' and 'stop_at_most' must be given");
        }

        CheckNext(stageName, part.Next, fields);
        float limit = fields.Number(part.StopAtLeast.HasValue ? "stop_at_least" : "stop_at_most", part.StopAtLeast ?? part.StopAtMost, 0,
            1e6f, absent: 0);
        return new CascadeRule(stageName, signal, limit, part.StopAtLeast.HasValue, part.Next);
    }

    private static ReuseRule? Reuse(ManifestDocument.ReusePart? part, ManifestFields fields) =>
        part is null
            ? null
            : new ReuseRule(fields.Number("motion_at_most", part.MotionAtMost, 0, 1),
                fields.Number("age_ms_at_most", part.AgeMsAtMost, 0, 3.6e6f));

    private void CheckNext(string stageName, string? next, ManifestFields fields)
    {
        foreach (var node in tree.Nodes.Where(n => n.StageIndex >= 0 && tree.Graph.Stages[n.StageIndex].Name == stageName))
        {
            bool goesOn = node.Options.Any(o => o.VariantIndex >= 0);
            if (!goesOn)
            {
                fields.Fail($"no edge leaves '{node.PathName}', so its threshold decides nothing");
                return;
            }

            CheckOption("next", next, node, fields);
        }
    }

    private static void CheckOption(string property, string? name, RouteNode node, ManifestFields fields)
    {
        string[] options = [.. node.Options.Where(o => o.VariantIndex >= 0).Select(o => o.Name)];
        if (name is not null && !options.Contains(name))
        {
            fields.Fail($"'{property}' is '{name}', which is not an option at '{node.PathName}'{NearestName.Hint(name, options)}");
        }
    }

    private CostProfile Costs(ManifestDocument.CostProfilePart part, int index)
    {
        var fields = new ManifestFields(problems, $"cost_profiles[{index}]");
        var options = new Dictionary<string, StageCost>(StringComparer.Ordinal);
        foreach (var (name, cost) in part.Options ?? [])
        {
            if (!_optionNames.Contains(name))
            {
                fields.Fail($"'{name}' is not an option of this pack{NearestName.Hint(name, _optionNames)}");
            }

            options[name] = Cost(cost, fields.Within(name));
        }

        return new CostProfile(fields.Text("device", part.Device), options);
    }

    private static StageCost Cost(ManifestDocument.CostPart part, ManifestFields fields)
    {
        float median = fields.Number("ms_p50", part.MsP50, 0, 1e6f);
        return new StageCost(median, fields.Number("ms_p95", part.MsP95, median, 1e6f));
    }
}
