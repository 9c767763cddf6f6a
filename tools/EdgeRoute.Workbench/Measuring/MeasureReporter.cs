using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Measuring;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Workbench.Measuring;

/// <summary>From samples to figures, the choice of threads, and profiles to store.</summary>
internal sealed class MeasureReporter
{
    private readonly MeasureSession _session;
    private readonly RouteTree _tree;
    private readonly List<SettingSamples> _samples;
    private readonly RouteNode _heaviest;
    private readonly int[] _pathVariants;

    public MeasureReporter(MeasureSession session, IReadOnlyList<SettingSamples> samples)
    {
        (_session, _tree) = (session, session.Tree);
        _samples = [.. samples.Where(s => s.Sweeps.Count > 0)];
        _heaviest = Heaviest();
        _pathVariants = [.. VariantsOf(_heaviest)];
    }

    public MeasureReport Report(string device, double seconds, int roundCount, double? othersPercent)
    {
        var settings = _samples.ConvertAll(FiguresOf);
        List<string> faults = [.. _samples.Select(s => s.Fault).OfType<string>().Distinct()];
        var groups = settings.GroupBy(s => (s.Provider, s.Spin)).Select(g => g.ToList()).ToList();
        var choices = faults.Count > 0 ? [] : groups.ConvertAll(ChoiceOf);
        var pack = _session.Pack;
        string[] absent = [.. _session.Absent.Select(a => $"{a.Provider}: {a.Reason}")];
        return new MeasureReport(pack.Name, device, Environment.ProcessorCount, _session.LibraryVersion, _session.Source,
            _heaviest.PathName, seconds, roundCount, othersPercent, settings, Openings(), choices, absent,
            _session.PowerSource ?? $"not measured: {_session.NoPowerReason}", faults,
            MeasureDoubts.Find([.. choices.Select(TimesOf)], seconds, othersPercent))
        {
            ManifestPath = pack.ManifestPath,
            Profiles = [.. choices.Zip(groups, (choice, group) => ProfileOf(device, choice, group))],
        };
    }

    /// <param name="sorted">At least one.</param>
    internal static float Median(float[] sorted) => sorted[sorted.Length / 2];

    /// <summary>The 95th percentile.</summary>
    internal static float High(float[] sorted) => sorted[Math.Min(sorted.Length - 1, sorted.Length * 95 / 100)];

    /// <summary>The exit that the costliest path ends in, reached the cheapest way, as calibrations take it.</summary>
    private RouteNode Heaviest()
    {
        var exits = _tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0).ToLookup(n => n.VariantIndex);
        return exits.MaxBy(e => e.Max(n => MedianOfPath(n)))!.MinBy(n => MedianOfPath(n))!;
    }

    private double MedianOfPath(RouteNode node) => VariantsOf(node).Sum(MedianOfFirst);

    private IEnumerable<int> VariantsOf(RouteNode node)
    {
        for (var at = node; at.Index > 0; at = _tree.Nodes[at.ParentIndex])
        {
            yield return at.VariantIndex;
        }
    }

    private double MedianOfFirst(int variant) => _samples.Count == 0 ? 0 : Median(Sorted(_samples[0].Sweeps.Select(s => s[variant])));

    /// <summary>Runs that failed are told by their fault.</summary>
    private static float[] Sorted(IEnumerable<float> times)
    {
        float[] sorted = [.. times.Where(float.IsFinite).Order()];
        return sorted.Length > 0 ? sorted : [0];
    }

    private IReadOnlyList<float> PathMs(SettingSamples samples) => samples.Sweeps.ConvertAll(s => _pathVariants.Sum(v => s[v]));

    private SettingFigures FiguresOf(SettingSamples samples)
    {
        float[] path = Sorted(PathMs(samples));
        var setting = samples.Opened.Setting;
        return new SettingFigures(setting.Provider, setting.ThreadCount, setting.Spin, samples.Sweeps.Count, Median(path), High(path),
            samples.BusyCores, samples.Watts, [.. _tree.Variants.Select(v => FiguresOf(v, samples))])
        {
            Crops = [.. _session.Pack.Crops.Select((c, i) => CropFiguresOf(c.Stage.Name, _tree.Variants.Count + i, samples))],
        };
    }

    private static VariantFigures CropFiguresOf(string stage, int place, SettingSamples samples)
    {
        float[] ms = Sorted(samples.Sweeps.Select(s => s[place]));
        string name = MeasuredVariant.CropName + stage;
        return new VariantFigures(name, name, stage, Median(ms), High(ms), null, samples.Watts * Median(ms));
    }

    private VariantFigures FiguresOf(RouteVariant variant, SettingSamples samples)
    {
        float[] ms = Sorted(samples.Sweeps.Select(s => s[variant.Index]));
        string option = OptionOf(variant.Index);
        bool isAlone = _tree.Variants.Count(v => OptionOf(v.Index) == option) == 1;
        string name = isAlone ? option : _tree.Nodes.First(n => n.VariantIndex == variant.Index).PathName;
        return new VariantFigures(name, option, _session.Pack.Stages[variant.StageIndex].Name, Median(ms), High(ms),
            samples.Opened.FirstRunMs[variant.Index], samples.Watts * Median(ms));
    }

    private string OptionOf(int variant) => _tree.Nodes.SelectMany(n => n.Options).First(o => o.VariantIndex == variant).Name;

    /// <summary>In the order of the pack's stages, whichever was opened first.</summary>
    private IReadOnlyList<OpeningFigures> Openings() =>
        [.. from opened in _session.Settings.DistinctBy(s => s.Setting.Provider)
            from stage in _session.Pack.AllStages
            let found = opened.Openings.First(o => o.Stage == stage.Name)
            select new OpeningFigures(stage.Name, opened.Setting.Provider, found.Ms, found.MemoryBytes)];

    private static ChosenThreads ChoiceOf(List<SettingFigures> group)
    {
        int threads = ThreadChoice.Of([group.ConvertAll(s => new ThreadTime(s.Threads, s.PathMsP50))]);
        var chosen = group.Find(s => s.Threads == threads) ?? group[0];
        var fastest = group.MinBy(s => s.PathMsP50)!;
        return new ChosenThreads(chosen.Provider, chosen.Spin, chosen.Threads, chosen.PathMsP50, fastest.Threads, fastest.PathMsP50);
    }

    private PathTimes TimesOf(ChosenThreads choice)
    {
        var samples = _samples.First(s => s.Opened.Setting == new RunSetting(choice.Provider, choice.Threads, choice.Spin));
        string words = $"{choice.Provider}, {choice.Threads} thread{(choice.Threads == 1 ? "" : "s")}{(choice.Spin ? " that spin" : "")}";
        return new PathTimes(words, PathMs(samples));
    }

    private MachineCosts ProfileOf(string device, ChosenThreads choice, List<SettingFigures> group) => new()
    {
        Device = device,
        ManifestSha256 = _session.Pack.ManifestSha256,
        Measured = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()),
        Provider = choice.Provider,
        Spin = choice.Spin,
        Threads = choice.Threads,
        Path = _heaviest.PathName,
        Runs = group.ConvertAll(s => new ThreadCosts { Threads = s.Threads, PathMs = s.PathMsP50, Options = OptionsOf(s) }),
    };

    /// <summary>Of variants with one option the costliest counts: who plans with it is not late.</summary>
    internal static List<OptionCost> OptionsOf(SettingFigures setting) =>
        [.. setting.Variants.GroupBy(v => v.Option).Select(g => g.MaxBy(v => v.MsP50)!)
            .Select(v => new OptionCost(v.Option, v.MsP50, v.MsP95))];
}
