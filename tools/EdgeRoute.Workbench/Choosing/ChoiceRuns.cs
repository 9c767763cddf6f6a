using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Workbench.Measuring;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A pack that is to be run with so many threads on every so many frames.</summary>
internal sealed record RunWish(CandidatePack Pack, int Threads, int Stride)
{
    /// <summary>
    /// So many frames half way between two of those, evenly spread: what is left of the runs, where all of them are too many.
    /// </summary>
    public int Between { get; init; }
}

/// <summary>Runs packs on frames of the footage; what was run before, in this process or one that was stopped, is not run again.</summary>
internal sealed class ChoiceRuns(ChooseRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
{
    /// <summary>Long enough for a sensor that averages over half a second.</summary>
    private const double PowerSeconds = 3;

    private int _frameCount;

    /// <summary>Runs that a wish takes beyond what is there.</summary>
    public long CostOf(RunWish wish)
    {
        int frames = FramesOf(wish).Count(f => !wish.Pack.HasRun(wish.Threads, f));
        return frames * (long)wish.Pack.Tree.Variants.Count;
    }

    /// <summary>How many frames lie half way between those of a stride.</summary>
    public int CountBetween(int stride) => (_frameCount - (stride / 2) + stride - 1) / stride;

    public static string Words(int threads) => $"{threads} thread{(threads == 1 ? "" : "s")}";

    /// <summary>Reads the footage to its end, and runs nothing.</summary>
    /// <exception cref="InvalidDataException">There are too few frames to judge on.</exception>
    public int CountFrames(CandidatePack pack)
    {
        progress("counting the frames of the footage");
        _frameCount = SweepRun.CountFrames(SweepOf(pack, 1), request.FrameLimit, report,
            count => progress($"counting the frames of the footage, {count} so far"), cancel);
        cancel.ThrowIfCancellationRequested();
        return _frameCount > 1 ? _frameCount
            : throw new InvalidDataException($"'{request.Source}' has {_frameCount} usable frames; at least 2 are needed");
    }

    public void Run(IReadOnlyList<RunWish> wishes)
    {
        for (int i = 0; i < wishes.Count; i++)
        {
            var wish = wishes[i];
            if (CostOf(wish) == 0)
            {
                continue;
            }

            int left = wishes.Skip(i + 1).Sum(w => FramesOf(w).Count());
            Run(wish, $"run {i + 1} of {wishes.Count}", left);
        }
    }

    /// <param name="left">Frames that are to be run after these.</param>
    private void Run(RunWish wish, string place, int left)
    {
        var wanted = FramesOf(wish).ToHashSet();
        string name = $"{wish.Pack.Name} with {Words(wish.Threads)}", pack = wish.Pack.Place.Given;
        var folder = new SweepFolder(request.SweepOf(pack, wish.Threads));
        var asked = SweepOf(wish.Pack, wish.Threads);
        var swept = SweepRun.Kept(asked, folder, wish.Pack.Pack, wish.Pack.Tree, wanted);
        swept ??= SweepRun.Run(asked, folder, request.FrameLimit, report, p =>
        {
            long done = Math.Min(p.DoneCount, wanted.Count);
            progress($"{name}: {done} of {wanted.Count} frames, {place}{TimeLeft(p.MsPerFrame * (wanted.Count - done + left))}");
        }, cancel, wanted);
        cancel.ThrowIfCancellationRequested();
        wish.Pack.Put(wish.Threads, wish.Stride, wanted, swept,
            request.Clocking is { } clocking ? (option, ms) => clocking(pack, option, wish.Threads, ms) : null);
    }

    private IEnumerable<long> FramesOf(RunWish wish)
    {
        for (int frame = 0; frame < _frameCount; frame += wish.Stride)
        {
            yield return frame;
        }

        for (int i = 0, all = wish.Between > 0 ? CountBetween(wish.Stride) : 0; i < wish.Between; i++)
        {
            yield return (wish.Stride / 2) + ((long)i * all / wish.Between * wish.Stride);
        }
    }

    /// <summary>Null where nothing measures it.</summary>
    public double? MeasureWatts(CandidatePack pack, int threads)
    {
        var choice = new MeasureChoice(pack.Place.Manifest, pack.Place.Files, request.Source, request.Library, [ProviderConfig.Cpu],
            [threads], false, PowerSeconds);
        var measured = MeasureRun.Run(choice, report, progress, cancel);
        cancel.ThrowIfCancellationRequested();
        return measured.Settings.FirstOrDefault()?.Watts;
    }

    private static string TimeLeft(double ms) => double.IsNaN(ms) ? ""
        : string.Create(CultureInfo.InvariantCulture, $", about {ms / 1000:0} s left of this round");

    private SweepRequest SweepOf(CandidatePack pack, int threads) => new(pack.Place.Manifest, pack.Place.Files, request.Source,
        request.FramesPerSecond, request.Library, threads, SimulatedSources.Schemes);
}
