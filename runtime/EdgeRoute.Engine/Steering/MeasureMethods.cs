using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// What the stages of a loaded pack take, with the sessions that frames run with and on a frame that has just come, in turns between
/// frames. While a turn lasts the loop takes no frame: newer ones replace those that wait, which counts as dropped as it always does. After
/// each turn frames have as much time for themselves. A request is short: whoever measures asks again, and who stops asking, or is cut off,
/// leaves nothing behind.
/// </summary>
internal sealed class MeasureMethods
{
    /// <summary>So long a frame waits at most, where a sweep over all stages is shorter.</summary>
    private const double TurnMs = 50;

    /// <summary>Runs of each variant in one reply: those of tiny packs come to thousands a second.</summary>
    private const int SweepsMost = 1000;

    /// <summary>The slowest camera worth waiting for gives a frame every few seconds.</summary>
    private static readonly TimeSpan FrameWait = TimeSpan.FromSeconds(10);

    /// <summary>Requests that follow each other closer are one measurement, which is told once.</summary>
    private const long QuietNs = 10_000_000_000;

    private readonly RunningEngine _engine;
    private readonly Func<bool> _isOnTrial;
    private readonly SnapshotTap _tap;
    private readonly CpuShares _shares = new(new SystemFiles());
    private readonly SemaphoreSlim _one = new(1);
    private long _toldNs = long.MinValue / 2;

    /// <param name="isOnTrial">A change is on trial, whose conditions turns would break.</param>
    public MeasureMethods(RunningEngine engine, Func<bool> isOnTrial)
    {
        (_engine, _isOnTrial) = (engine, isOnTrial);
        _tap = new SnapshotTap(engine.State.MakeAnswerRoom);
        engine.Consumers.Add(_tap);
    }

    public void AddTo(MethodTable table) =>
        table.Add<MeasureTurnsRequest>(ControlMethod.Measure, ControlRole.Operator,
            async (request, caller, cancel) => await Measure(request, caller, cancel).ConfigureAwait(false));

    private async Task<IControlMessage> Measure(MeasureTurnsRequest request, ControlCaller caller, CancellationToken cancel)
    {
        if (request.Ms is not (>= MeasureTurnsRequest.MsLeast and <= MeasureTurnsRequest.MsMost))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"'ms' is {request.Ms}; one request measures {MeasureTurnsRequest.MsLeast} to {MeasureTurnsRequest.MsMost} ms");
        }

        if (_isOnTrial())
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, "a change is on trial, which turns between frames would disturb",
                "wait for its end, or end it with 'edgeroute trial keep' or 'edgeroute trial cancel'");
        }

        if (!await _one.WaitAsync(0, cancel).ConfigureAwait(false))
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, "somebody else measures", "ask again when they have done");
        }

        try
        {
            var plan = new ChangePlanner(_engine).Find(request.Stream).Setup;
            Tell(plan, caller);
            using var frame = await NextFrame(plan, cancel).ConfigureAwait(false);
            return await Measure(plan, frame.Slot, request.Ms, cancel).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Once for each measurement: frames that come late or are replaced meanwhile have a reason.</summary>
    private void Tell(StreamSetup plan, ControlCaller caller)
    {
        long nowNs = _engine.Clock.NowNs();
        if (nowNs - _toldNs > QuietNs)
        {
            _engine.Reports.Note($"{caller.Name} measures the pack of stream {plan.Source.Name} in turns between frames; frames that come "
                + "meanwhile may be late or replaced by newer ones");
        }

        _toldNs = nowNs;
    }

    private async Task<PublishedCopy> NextFrame(StreamSetup plan, CancellationToken cancel)
    {
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        waited.CancelAfter(FrameWait);
        try
        {
            return await _tap.Next(plan.Index, waited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed,
                $"stream {plan.Source.Name} gave no frame to measure on within {FrameWait.TotalSeconds} s",
                "look at its source: 'edgeroute streams', 'edgeroute events'");
        }
    }

    private async Task<IControlMessage> Measure(StreamSetup plan, FrameSlot slot, double wantedMs, CancellationToken cancel)
    {
        var before = Counts();
        var turns = new Turns([.. plan.Pack.Crops.Select(c => c.Loaded).Prepend(plan.Pack).Select(p =>
            new PathSweep(p, _engine.Streamer.Kernel, _engine.Clock) { LooksOnce = true })], slot, _engine.Clock);
        using (turns)
        {
            while (turns.Ms < wantedMs && turns.Sweeps.Count < SweepsMost && !cancel.IsCancellationRequested)
            {
                double turnMs = await Turn(plan, turns, Math.Min(TurnMs, wantedMs - turns.Ms)).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromMilliseconds(turnMs), _engine.Clock, cancel).ConfigureAwait(false);
            }

            cancel.ThrowIfCancellationRequested();
            return ReplyOf(plan, turns, before);
        }
    }

    private async Task<double> Turn(StreamSetup plan, Turns turns, double ms)
    {
        try
        {
            // Not called off half way: what it uses is there until it has ended.
            return await RunBetweenFrames(() =>
            {
                // The pack may have been taken away meanwhile, and its sessions with it.
                if (_engine.State.Find(plan.Index)?.Setup.Pack != plan.Pack)
                {
                    throw new RpcRefusedException(RpcErrorCode.Conflict, $"stream {plan.Source.Name} has got another pack just now",
                        "ask again");
                }

                return turns.Run(ms);
            }).ConfigureAwait(false);
        }
        catch (FrameUnusableException unusable)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"stream {plan.Source.Name}: {unusable.Message}");
        }
        catch (InvalidOperationException busy)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, busy.Message);
        }
        catch (OperationCanceledException)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, "the run ends");
        }
    }

    private async Task<double> RunBetweenFrames(Func<double> work)
    {
        double ms = 0;
        await _engine.Boundary.Run(() => ms = work()).ConfigureAwait(false);
        return ms;
    }

    private (long Ended, long Dropped, long Late) Counts()
    {
        var statuses = _engine.Statuses();
        return (statuses.Sum(s => s.Ends.Ended), statuses.Sum(s => s.Ends.Dropped), statuses.Sum(s => s.Tally.LateCount));
    }

    private MeasureTurnsReply ReplyOf(StreamSetup plan, Turns turns, (long Ended, long Dropped, long Late) before)
    {
        var (pack, after) = (plan.Pack, Counts());
        _shares.Update();
        double? others = _shares.Percent - _shares.ProcessPercent;
        return new MeasureTurnsReply
        {
            Stream = plan.Source.Name, Pack = pack.Pack.Name, ManifestSha256 = pack.Pack.ManifestSha256,
            ManifestPath = pack.Pack.ManifestPath, Machine = Environment.MachineName, CoreCount = Environment.ProcessorCount,
            OnnxRuntime = _engine.LibraryVersion, Provider = pack.Provider ?? "", Threads = pack.ThreadCount,
            Spin = _engine.State.Config.Runtime.Spin, Variants = VariantsOf(pack, turns.Sweeps), Paths = PathsOf(pack.Tree),
            Crops = CropsOf(pack, turns.Sweeps),
            TurnMs = turns.Ms, LongestTurnMs = turns.LongestMs, BusyCores = turns.BusyCores, OthersPercent = others ?? double.NaN,
            Watts = _engine.Board.Watts, EndedCount = after.Ended - before.Ended, DroppedCount = after.Dropped - before.Dropped,
            LateCount = after.Late - before.Late, Fault = turns.Fault ?? "",
        };
    }

    private static List<MeasuredVariant> VariantsOf(LoadedPack pack, List<float[]> sweeps) => pack.Tree.Variants.Select(v =>
    {
        string option = OptionOf(pack.Tree, v.Index);
        bool isAlone = pack.Tree.Variants.Count(o => OptionOf(pack.Tree, o.Index) == option) == 1;
        return new MeasuredVariant
        {
            Name = isAlone ? option : pack.Tree.Nodes.First(n => n.VariantIndex == v.Index).PathName, Option = option,
            Stage = pack.Pack.Stages[v.StageIndex].Name, Ms = [.. sweeps.Select(s => s[v.Index])],
        };
    }).ToList();

    /// <summary>Behind the variants of the pack.</summary>
    private static List<MeasuredVariant> CropsOf(LoadedPack pack, List<float[]> sweeps) => pack.Crops.Select((c, i) =>
    {
        string name = MeasuredVariant.CropName + c.Crop.Stage.Name;
        return new MeasuredVariant
        {
            Name = name, Option = name, Stage = c.Crop.Stage.Name, Ms = [.. sweeps.Select(s => s[pack.Tree.Variants.Count + i])],
        };
    }).ToList();

    private static string OptionOf(RouteTree tree, int variant) =>
        tree.Nodes.SelectMany(n => n.Options).First(o => o.VariantIndex == variant).Name;

    private static List<MeasuredPath> PathsOf(RouteTree tree) => tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0).Select(exit =>
    {
        var path = new MeasuredPath { Name = exit.PathName };
        for (var at = exit; at.Index > 0; at = tree.Nodes[at.ParentIndex])
        {
            path.Variants.Insert(0, at.VariantIndex);
        }

        return path;
    }).ToList();

    /// <summary>Some turns on one frame; <see cref="Run"/> on the loop's thread alone.</summary>
    /// <param name="parts">The pack, and behind it each of its stages on crops.</param>
    private sealed class Turns(IReadOnlyList<PathSweep> parts, FrameSlot slot, TimeProvider clock) : IDisposable
    {
        private double _cpuMs;

        public List<float[]> Sweeps { get; } = [];

        public double Ms { get; private set; }

        public double LongestMs { get; private set; }

        public double BusyCores => Ms > 0 ? _cpuMs / Ms : double.NaN;

        public string? Fault => parts.Select(p => p.LastFault).FirstOrDefault(f => f is not null);

        /// <summary>
        /// Sweeps until the time is over, one at least. The first one finds the caches as frames left them, and does not count unless a
        /// sweep is so long that this hardly matters.
        /// </summary>
        public double Run(double ms)
        {
            long start = clock.NowNs();
            var cpu = Environment.CpuUsage.TotalTime;
            var first = Sweep();
            double passed = Since(start);
            if (passed > ms / 2 && Sweeps.Count > 0)
            {
                Sweeps.Add(first);
            }

            do
            {
                Sweeps.Add(Sweep());
                passed = Since(start);
            }
            while (passed < ms && Sweeps.Count < SweepsMost);
            _cpuMs += (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds;
            (Ms, LongestMs) = (Ms + passed, Math.Max(LongestMs, passed));
            return passed;
        }

        public void Dispose()
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }

        private float[] Sweep() => [.. parts.SelectMany((p, i) => p.Run(slot).Variants.Take(i == 0 ? int.MaxValue : 1)).Select(v => v.Ms)];

        private double Since(long startNs) => (clock.NowNs() - startNs) / 1e6;
    }
}
