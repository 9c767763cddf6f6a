using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Measuring;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Workbench.Measuring;

/// <summary>What a person wants measured.</summary>
/// <param name="Pack">Manifest or its folder.</param>
/// <param name="Files">Folder of the model files; null for beside the manifest.</param>
/// <param name="Source">What the frames are of; null: the simulated table.</param>
/// <param name="Library">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="Providers">Execution providers; empty for all that exist here.</param>
/// <param name="Threads">Counts of threads; empty for all up to the number of cores.</param>
/// <param name="Spins">With spinning threads too.</param>
/// <param name="Seconds">How long the settings take turns.</param>
public sealed record MeasureChoice(string Pack, string? Files, string? Source, string? Library, IReadOnlyList<string> Providers,
    IReadOnlyList<int> Threads, bool Spins, double Seconds)
{
    /// <summary>Frames of the largest batch; 1 for none.</summary>
    public int BatchMost { get; init; } = 1;
}

/// <summary>
/// Measures what every stage of a pack takes on this machine. All settings are opened first and then take turns, round after round, each
/// round beginning with another one, so that a busy moment meets them all.
/// </summary>
public static class MeasureRun
{
    /// <summary>
    /// A turn lasts about so long where one sweep is shorter; then its first sweep, which finds the caches as another setting left them, is
    /// not counted.
    /// </summary>
    private const double TurnMs = 50;

    private const int SweepsMost = 20;

    /// <summary>
    /// Part of the time before anything is counted: clocks rise, and this program's own code is compiled again as it is found to be used.
    /// </summary>
    private const double WarmPart = 0.1, WarmSecondsMost = 3;

    private static readonly TimeProvider Clock = TimeProvider.System;

    /// <summary>Stops early when cancelled: what was measured by then is in the report.</summary>
    /// <param name="progress">How it stands, often.</param>
    /// <param name="othersPercent">What other processes take of the cores since it was asked before; null: as the kernel tells.</param>
    /// <exception cref="EngineRefusedException">The library, the pack or the source cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before anything was measured.</exception>
    public static MeasureReport Run(MeasureChoice choice, EngineReporter report, Action<string> progress, CancellationToken cancel,
        Func<double?>? othersPercent = null)
    {
        var request = new MeasureRequest(choice.Pack, choice.Files, pack => choice.Source ?? UsualSource(pack), choice.Library,
            choice.Providers, choice.Threads, choice.Spins, SimulatedSources.Schemes);
        using var session = MeasureSession.Open(request, report, progress, cancel);
        othersPercent ??= session.OthersPercent;
        var samples = session.Settings.Select(s => new SettingSamples(s)).ToList();
        WarmUp(session, samples, Math.Min(WarmPart * choice.Seconds, WarmSecondsMost), progress, cancel);
        othersPercent();
        long start = Clock.GetTimestamp();
        int rounds = 0;
        for (double left = choice.Seconds; left > 0 && !cancel.IsCancellationRequested;
            left = choice.Seconds - Clock.GetElapsedTime(start).TotalSeconds)
        {
            Round(session, samples, rounds++, isCounted: true, cancel);
            progress(string.Create(CultureInfo.InvariantCulture, $"round {rounds} of {samples.Count} settings is done, "
                + $"{Math.Max(choice.Seconds - Clock.GetElapsedTime(start).TotalSeconds, 0):0} s left"));
        }

        var measured = new MeasureReporter(session, samples).Report(Environment.MachineName, Clock.GetElapsedTime(start).TotalSeconds,
            rounds, othersPercent());
        return measured with
        {
            Batches = choice.BatchMost > 1 ? Batches(session, measured.Choices, choice.BatchMost, progress, cancel) : [],
            IsWhole = !cancel.IsCancellationRequested,
        };
    }

    private static List<BatchFigures> Batches(MeasureSession session, IReadOnlyList<ChosenThreads> choices, int most,
        Action<string> progress, CancellationToken cancel)
    {
        var figures = new List<BatchFigures>();
        foreach (var chosen in choices.Where(c => !c.Spin && !cancel.IsCancellationRequested))
        {
            progress($"batches of up to {most} frames with {chosen.Provider}");
            var opened = session.Settings.First(s => s.Setting == new RunSetting(chosen.Provider, chosen.Threads, false));
            figures.AddRange(session.RunBatches(opened, most, cancel).Select(b => new BatchFigures(
                session.Pack.Stages[b.StageIndex].Name, chosen.Provider, chosen.Threads, b.Size, b.MsP50, b.Fault)));
        }

        return figures;
    }

    /// <summary>
    /// The table with the arm where the pack acts, which goes on whether the arm is moved or not, else the table alone; always the same
    /// frames.
    /// </summary>
    private static string UsualSource(Pack pack) => pack.Task == TaskKind.Policy ? "sim://tabletop?task=pick_place&width=480&fps=30"
        : "sim://tabletop?width=640&height=480&frames=4";

    private static void WarmUp(MeasureSession session, List<SettingSamples> samples, double seconds, Action<string> progress,
        CancellationToken cancel)
    {
        long start = Clock.GetTimestamp();
        progress("warming up");
        foreach (var one in samples)
        {
            cancel.ThrowIfCancellationRequested();
            one.SweepCount = SweepsIn(session.Turn(one.Opened, 2).Ms / 2);
        }

        while (Clock.GetElapsedTime(start).TotalSeconds < seconds && !cancel.IsCancellationRequested)
        {
            Round(session, samples, 0, isCounted: false, cancel);
        }
    }

    internal static int SweepsIn(double sweepMs) => (int)Math.Clamp(TurnMs / Math.Max(sweepMs, 0.001), 1, SweepsMost);

    private static void Round(MeasureSession session, List<SettingSamples> samples, int round, bool isCounted, CancellationToken cancel)
    {
        for (int i = 0; i < samples.Count && !cancel.IsCancellationRequested; i++)
        {
            var one = samples[(round + i) % samples.Count];
            if (one.SweepCount > 1)
            {
                session.Turn(one.Opened, 1);
            }

            var turn = session.Turn(one.Opened, one.SweepCount);
            if (isCounted)
            {
                one.Add(turn);
            }
        }
    }
}

/// <summary>What was measured with one setting so far.</summary>
internal sealed class SettingSamples(OpenedSetting opened)
{
    private double _ms, _cpuMs, _joules, _meteredSeconds;

    public OpenedSetting Opened { get; } = opened;

    /// <summary>Sweeps of a turn.</summary>
    public int SweepCount { get; set; } = 1;

    /// <summary>In order, each by variant.</summary>
    public List<float[]> Sweeps { get; } = [];

    public string? Fault { get; private set; }

    /// <summary>Cores that were busy on the mean.</summary>
    public double BusyCores => _ms > 0 ? _cpuMs / _ms : double.NaN;

    /// <summary>Null where nothing measures.</summary>
    public double? Watts => _meteredSeconds > 0 ? _joules / _meteredSeconds : null;

    public void Add(MeasuredTurn turn)
    {
        Sweeps.AddRange(turn.Sweeps);
        Fault = turn.Fault ?? Fault;
        _ms += turn.Ms;
        _cpuMs += turn.CpuMs;
        _joules += turn.Joules;
        _meteredSeconds += turn.MeteredSeconds;
    }
}
