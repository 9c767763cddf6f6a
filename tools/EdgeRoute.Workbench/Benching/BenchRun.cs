using System.Diagnostics;
using System.Globalization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Measuring;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Workbench.Benching;

/// <summary>What a person wants to know of a device config.</summary>
/// <param name="Config">The file.</param>
/// <param name="Rates">Fixed rates; empty for some below the top rate.</param>
/// <param name="LooksForTop">The top rate is looked for.</param>
/// <param name="Seconds">How long each rate is looked at.</param>
public sealed record BenchChoice(string Config, IReadOnlyList<double> Rates, bool LooksForTop, double Seconds);

/// <summary>
/// Runs a device config's engine on frames of its sources, played from memory: the highest rate at which fewer than one frame in twenty is
/// dropped, and latencies at fixed rates.
/// </summary>
public sealed class BenchRun
{
    /// <summary>As ros2_benchmark draws the line.</summary>
    public const double DropLimit = 0.05;

    /// <summary>The rate to begin with: that of most cameras.</summary>
    private const double FirstRate = 30;

    /// <summary>A rate is looked at for so many frames at least, but not for longer than this.</summary>
    private const double FramesLeast = 20, SecondsMost = 20;

    /// <summary>A camera whose frames come so much more slowly than asked for is the limit itself.</summary>
    private const double CaptureShareLeast = 0.95;

    /// <summary>Between two rates, so that frames of one are not counted for the other.</summary>
    private const double SettlingPart = 0.2;

    /// <summary>Time between two words on how it stands while a rate is looked at.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private static readonly double[] PartsOfTop = [0.25, 0.5, 0.75, 0.9];

    private readonly BenchChoice _choice;
    private readonly PacedEngine _engine;
    private readonly Action<string> _progress;
    private readonly CancellationToken _cancel;
    private readonly List<RateFigures> _trials = [], _fixed = [];

    private BenchRun(BenchChoice choice, PacedEngine engine, Action<string> progress, CancellationToken cancel)
    {
        (_choice, _engine) = (choice, engine);
        (_progress, _cancel) = (progress, cancel);
    }

    /// <summary>Stops early when cancelled: what was measured by then is in the report.</summary>
    /// <param name="progress">How it stands, every second from the beginning, also from a thread of its own.</param>
    /// <exception cref="EngineRefusedException">The config cannot be run.</exception>
    /// <exception cref="InvalidDataException">The config cannot be read; every problem in the message.</exception>
    public static BenchReport Run(BenchChoice choice, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        var reading = DeviceConfigReader.ReadFile(choice.Config);
        var config = reading.Config ?? throw new InvalidDataException(string.Join('\n', reading.Problems));
        using var engine = Start(choice, config, report, progress);
        var run = new BenchRun(choice, engine, progress, cancel);
        double? top = choice.LooksForTop ? run.FindTop() : null;
        run.LookAtRates(choice.Rates.Count > 0 ? choice.Rates : [.. PartsOfTop.Select(p => p * (top ?? 0)).Where(r => r > 0)]);
        return new BenchReport(choice.Config, Environment.MachineName, Environment.ProcessorCount,
            ThreadPick.Of(config, Environment.MachineName).Reason, DropLimit, top, run._trials, run._fixed, engine.PowerSource)
        {
            IsWhole = !cancel.IsCancellationRequested,
        };
    }

    /// <summary>Large models take long to open; what is done meanwhile is told again and again, so that a log gets it too.</summary>
    private static PacedEngine Start(BenchChoice choice, DeviceConfig config, EngineReporter report, Action<string> progress)
    {
        string phase = $"opening the sources of {choice.Config}";
        var since = Stopwatch.StartNew();
        progress(phase);
        using var ticking = new Timer(_ => progress(string.Create(CultureInfo.InvariantCulture,
            $"{phase}, {since.Elapsed.TotalSeconds:0} s by now")), null, Tick, Tick);
        return PacedEngine.Start(config, SimulatedSources.Schemes, report, FirstRate, next =>
        {
            phase = next;
            progress(next);
        });
    }

    private double FindTop() => RateSearch.Find(FirstRate, rate =>
    {
        int left = RateSearch.BisectionCount + (_choice.Rates.Count > 0 ? _choice.Rates.Count : PartsOfTop.Length);
        string before = _trials.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"{_trials[^1].FramesPerSecond:0.#} frames/s dropped {100 * _trials[^1].DropShare:0.0} %; ");
        string what = string.Create(CultureInfo.InvariantCulture, $"{before}trying {rate:0.#} frames/s, about");
        if (Look(rate, what, left * SecondsOf(rate)) is not { } figures)
        {
            return null;
        }

        _trials.Add(figures);
        return figures.DropShare < DropLimit && figures.CaptureShare >= CaptureShareLeast;
    });

    private void LookAtRates(IReadOnlyList<double> rates)
    {
        for (int i = 0; i < rates.Count; i++)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"latency at {rates[i]:0.#} frames/s,");
            if (Look(rates[i], what, rates.Skip(i).Sum(SecondsOf)) is not { } figures)
            {
                return;
            }

            _fixed.Add(figures);
        }
    }

    private double SecondsOf(double rate) =>
        Math.Min(Math.Max(_choice.Seconds, FramesLeast / rate), Math.Max(SecondsMost, _choice.Seconds));

    /// <param name="what">What is done, in words that the time left follows.</param>
    private RateFigures? Look(double rate, string what, double secondsLeft)
    {
        double seconds = SecondsOf(rate);
        var since = Stopwatch.StartNew();
        void Tell() => _progress(string.Create(CultureInfo.InvariantCulture,
            $"{what} {Math.Max(secondsLeft - since.Elapsed.TotalSeconds, 0):0} s left"));
        Tell();
        using var ticking = new Timer(_ => Tell(), null, Tick, Tick);
        var window = _engine.Look(rate, TimeSpan.FromSeconds(SettlingPart * seconds), TimeSpan.FromSeconds(seconds), _cancel);
        return window is null ? null : FiguresOf(rate, window);
    }

    internal static RateFigures FiguresOf(double rate, PacedWindow window)
    {
        long answered = window.Sources.Sum(s => s.Paths.Sum(p => p.Latency.Count));
        return new RateFigures(rate, window.Seconds, [.. window.Sources.Select(s => FiguresOf(s, window.Seconds))],
            answered > 0 ? window.Watts * window.Seconds * 1000 / answered : null);
    }

    private static SourceFigures FiguresOf(SourceWindow source, double seconds)
    {
        double captured = Math.Max(source.Ends.Captured, 1);
        var all = new LatencyHistogram();
        foreach (var path in source.Paths)
        {
            all.Add(path.Latency);
        }

        return new SourceFigures(source.Name, source.Ends.Captured / seconds, source.Ends.Dropped / captured, source.Ends.Failed / captured,
            all.Count > 0 ? LatencyOf(all) : null,
            [.. source.Paths.Select(p => new PathFigures(p.Path, (double)p.Latency.Count / all.Count, LatencyOf(p.Latency)))]);
    }

    private static LatencyFigures LatencyOf(LatencyHistogram latency) => new(latency.Count, Ms(latency.QuantileNs(0.5)),
        Ms(latency.QuantileNs(0.95)), Ms(latency.QuantileNs(0.99)), Ms(latency.MaxNs));

    private static double Ms(double ns) => Math.Round(ns / 1e6, 4);
}
