using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Workbench.Measuring;

/// <summary>
/// From what a device measured of its pack, request after request, to the figures that a measurement on this machine has: one setting, the
/// one that the device runs with.
/// </summary>
public sealed class DeviceMeasure
{
    private readonly List<MeasureTurnsReply> _replies = [];

    /// <summary>Milliseconds of device time so far.</summary>
    public double TurnMs => _replies.Sum(r => r.TurnMs);

    public long EndedCount => _replies.Sum(r => r.EndedCount);

    public long DroppedCount => _replies.Sum(r => r.DroppedCount);

    public long LateCount => _replies.Sum(r => r.LateCount);

    public double LongestTurnMs => _replies.Select(r => r.LongestTurnMs).DefaultIfEmpty(0).Max();

    /// <summary>Path of the manifest on the device, beside which it looks for costs.</summary>
    public string DeviceManifest => _replies[^1].ManifestPath;

    private MeasureTurnsReply Last => _replies[^1];

    /// <exception cref="InvalidDataException">The device measures something else now, or tells what cannot be.</exception>
    public void Add(MeasureTurnsReply reply)
    {
        int count = reply.Variants.Count;
        bool isSound = reply.Threads >= 0 && count > 0 && reply.Variants.All(v => v.Ms.Length == reply.Variants[0].Ms.Length)
            && reply.Crops.All(c => c.Ms.Length == reply.Variants[0].Ms.Length)
            && reply.Paths.Count > 0 && reply.Paths.All(p => p.Variants.Count > 0 && p.Variants.All(v => v >= 0 && v < count));
        if (!isSound)
        {
            throw new InvalidDataException($"the device's figures of pack '{reply.Pack}' do not fit together; is it of another version?");
        }

        if (_replies.Count > 0 && KeyOf(reply) != KeyOf(Last))
        {
            throw new InvalidDataException($"stream {reply.Stream} runs pack '{reply.Pack}' with other sessions than when measuring began; "
                + "begin again");
        }

        _replies.Add(reply);
    }

    /// <summary>What was measured until now; at least one reply has been added.</summary>
    public MeasureReport Report()
    {
        float[][] ms = [.. Enumerable.Range(0, Last.Variants.Count).Select(MsOf)];
        string[] faults = [.. _replies.Select(r => r.Fault).Where(f => f.Length > 0).Distinct()];
        var heaviest = Heaviest(p => p.Variants.Sum(v => Median(ms[v])));
        float[] path = [.. Enumerable.Range(0, ms[0].Length).Select(i => heaviest.Variants.Sum(v => ms[v][i])).Where(float.IsFinite)];
        double? watts = Mean(_replies.Select(r => r.Watts ?? double.NaN));
        var setting = new SettingFigures(Last.Provider, Last.Threads, Last.Spin, ms[0].Length, Median(path), High(path),
            Mean(_replies.Select(r => r.BusyCores)) ?? 0, watts, [.. Last.Variants.Select((v, i) => FiguresOf(v, ms[i], watts))])
        {
            Crops = [.. Last.Crops.Select((c, i) => FiguresOf(c, [.. _replies.SelectMany(r => r.Crops[i].Ms)], watts))],
        };
        var choice = new ChosenThreads(Last.Provider, Last.Spin, Last.Threads, setting.PathMsP50, Last.Threads, setting.PathMsP50);
        double? others = Mean(_replies.Select(r => r.OthersPercent));
        var doubts = MeasureDoubts.Find([new PathTimes($"{Last.Provider}, {Last.Threads} threads", path)], TurnMs / 1000, others);
        return new MeasureReport(Last.Pack, Last.Machine, Last.CoreCount, Last.OnnxRuntime, $"stream {Last.Stream}", heaviest.Name,
            TurnMs / 1000, _replies.Count, others, [setting], [], faults.Length > 0 ? [] : [choice], [],
            watts is null ? "not measured: the device has no sensor for it" : "the whole board's, while it measured", faults, doubts)
        {
            Profiles = [ProfileOf(heaviest.Name, setting)],
        };
    }

    /// <summary>Stores the profile beside a manifest of the same pack on this machine.</summary>
    /// <param name="pack">Its manifest or folder.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InvalidDataException">It is another pack, or the device does not tell its threads.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public string Store(MeasureReport report, string pack)
    {
        string path = PackReader.PathOf(pack);
        string sha256 = PackReader.Sha256Of(DocumentFile.Read(path, PackReader.ManifestLimitBytes));
        if (sha256 != Last.ManifestSha256)
        {
            throw new InvalidDataException($"'{path}' is another pack than the one that was measured, or another state of it: the device "
                + $"measured '{Last.Pack}' with the hash {Short(Last.ManifestSha256)}, and this has {Short(sha256)}; give a copy of "
                + $"{Last.ManifestPath} of the device");
        }

        RequirePlace();
        return (report with { ManifestPath = path }).Store();
    }

    /// <summary>What the device is asked to keep beside its own manifest.</summary>
    /// <exception cref="InvalidDataException">The device does not tell its threads.</exception>
    public CostsPutRequest StoreRequest(MeasureReport report)
    {
        RequirePlace();
        var run = report.Profiles[0].Runs[0];
        return new CostsPutRequest
        {
            Stream = Last.Stream, ManifestSha256 = Last.ManifestSha256, Provider = Last.Provider, Threads = run.Threads,
            Path = report.Profiles[0].Path, PathMs = run.PathMs, Reason = "measured over the channel",
            Options = run.Options.ConvertAll(o => new OptionTimes { Option = o.Option, MsP50 = o.MsP50, MsP95 = o.MsP95 }),
        };
    }

    private void RequirePlace()
    {
        if (Last.Threads == 0 || Last.Provider.Length == 0)
        {
            throw new InvalidDataException("the device leaves its count of threads or its provider to the library, so that costs have no "
                + "place; give 'runtime.threads' in its config");
        }
    }

    /// <summary>The exit that the costliest path ends in, reached the cheapest way, as a measurement on this machine takes it.</summary>
    private MeasuredPath Heaviest(Func<MeasuredPath, float> medianOf) =>
        Last.Paths.GroupBy(p => p.Variants[^1]).MaxBy(exit => exit.Max(medianOf))!.MinBy(medianOf)!;

    private static string Short(string sha256) => sha256[..Math.Min(12, sha256.Length)];

    private static (string, string, string, int, bool, string) KeyOf(MeasureTurnsReply reply) => (reply.Stream, reply.ManifestSha256,
        reply.Provider, reply.Threads, reply.Spin, string.Join('|', reply.Variants.Concat(reply.Crops).Select(v => v.Name)));

    private float[] MsOf(int variant) => [.. _replies.SelectMany(r => r.Variants[variant].Ms)];

    private static VariantFigures FiguresOf(MeasuredVariant variant, float[] ms, double? watts) =>
        new(variant.Name, variant.Option, variant.Stage, Median(ms), High(ms), null, watts * Median(ms));

    private MachineCosts ProfileOf(string path, SettingFigures setting) => new()
    {
        Device = Last.Machine,
        ManifestSha256 = Last.ManifestSha256,
        Measured = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()),
        Provider = setting.Provider,
        Spin = setting.Spin,
        Threads = setting.Threads,
        Path = path,
        Runs = [new ThreadCosts { Threads = setting.Threads, PathMs = setting.PathMsP50, Options = MeasureReporter.OptionsOf(setting) }],
    };

    private static float Median(float[] values) => MeasureReporter.Median(Sorted(values));

    private static float High(float[] values) => MeasureReporter.High(Sorted(values));

    private static float[] Sorted(float[] values)
    {
        float[] sorted = [.. values.Where(float.IsFinite).Order()];
        return sorted.Length > 0 ? sorted : [0];
    }

    private static double? Mean(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        return known.Length > 0 ? known.Average() : null;
    }

    /// <summary>What became of frames meanwhile, in words.</summary>
    public string FrameWords() => string.Create(CultureInfo.InvariantCulture, $"meanwhile {EndedCount} frames of all streams ended, of "
        + $"which {DroppedCount} had been replaced by newer ones and {LateCount} were late; a turn took {LongestTurnMs:0} ms at most");
}
