using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>What became of a stage on crops, since start.</summary>
/// <param name="Stage">Its name in the manifest.</param>
/// <param name="RunCount">Crops it looked at.</param>
/// <param name="KnownCount">Boxes that were told with an answer from an earlier frame.</param>
/// <param name="FailedCount">Crops that it could not answer.</param>
/// <param name="ShortCount">Frames on which a crop was left out because the deadline or the allowance left no time for it.</param>
/// <param name="SmallCount">Boxes that had too few pixels.</param>
/// <param name="MeanMs">Device time of a crop lately; 0 before the first.</param>
public sealed record CropTally(
    string Stage, long RunCount, long KnownCount, long FailedCount, long ShortCount, long SmallCount, double MeanMs);

/// <summary>
/// The second look: stages that run on crops of the boxes of an answer, once the frame has ended, and whose answers go out with it. A crop
/// that fails fails no frame. Used by the loop's thread; the tallies may be read by others.
/// </summary>
internal sealed class StreamCrops
{
    private readonly FrameStreamParts _parts;
    private readonly FaultCounts _faults;
    private readonly CropMemory _memory;
    private readonly CropStage[] _stages;

    /// <param name="faults">Counts every fault by its kind.</param>
    /// <param name="earlier">Those of the parts before; null at start. Where the stages stay, what is known of the objects does.</param>
    public StreamCrops(FrameStreamParts parts, FaultCounts faults, StreamCrops? earlier)
    {
        (_parts, _faults) = (parts, faults);
        bool isSame = earlier is not null && ReferenceEquals(earlier._parts.Stages, parts.Stages);
        _stages = isSame ? earlier!._stages : [.. parts.Crops.Select(c => new CropStage(c))];
        _memory = isSame ? earlier!._memory
            : new CropMemory(StageAnswers.FormOf(parts.Crops), [.. parts.Crops.Select(c => c.Crop.Rule)],
                parts.Router.Tree.Variants.Max(v => parts.Stages.Head(v.Index)?.DetectionLimit ?? 0));
    }

    public IReadOnlyList<CropTally> Tallies => [.. _stages.Select(s => s.Tally)];

    /// <summary>The stages that ever failed.</summary>
    public IEnumerable<StageHealth> Health =>
        _stages.SelectMany(s => s.Breakers.All().Select(h => h with { FallbackCount = s.Set.FallbackCount(h.Stage) }));

    /// <summary>
    /// After a frame's end, before publishing: boxes of known objects get what is known of them, and stages look at others while there is
    /// time, on frames that were looked at themselves. Where any ran, the frame goes out that much later.
    /// </summary>
    public void Look(Answer published, StreamEnds ends, ref TraceRecord record)
    {
        if (_stages.Length == 0 || record.End == FrameEnd.Failed || !published.HasValue)
        {
            return;
        }

        _memory.Attach(published);
        bool canLook = record.End != FrameEnd.Skipped && _parts.Pixels.AreReadable;
        for (int crop = 0; crop < _stages.Length && canLook; crop++)
        {
            LookBy(crop, published, ref record);
        }

        CountKnown(published, record.Stamp.SourceNs);
        if (record.CropCount > 0)
        {
            ends.Close(ref record, record.End, record.NodeIndex, _parts.Clock.NowNs(), _parts.Router.MaxAgeMs);
        }
    }

    private void CountKnown(Answer published, long sourceNs)
    {
        for (int i = 0; i < published.DetectionCount; i++)
        {
            for (int crop = 0; crop < _stages.Length; crop++)
            {
                bool isKnown = published.Crops.Has(i, crop) && published.Crops.SourceNs(i, crop) != sourceNs;
                _stages[crop].KnownCount += isKnown ? 1 : 0;
            }
        }
    }

    private void LookBy(int crop, Answer published, ref TraceRecord record)
    {
        var stage = _stages[crop];
        var frame = _parts.Pixels.FrameSize;
        stage.SmallCount += _memory.CountSmall(published, crop, frame.Width, frame.Height);
        for (int left = stage.Rule.AtMost; left > 0 && !stage.Breakers.IsOpen(0, _parts.Clock.NowNs()); left--)
        {
            int box = _memory.Next(published, crop, frame.Width, frame.Height, record.Stamp.SourceNs);
            if (box < 0)
            {
                return;
            }

            if (!HasTime(stage, record))
            {
                stage.ShortCount++;
                return;
            }

            LookAt(crop, box, published, ref record);
        }
    }

    /// <summary>Whether deadline and allowance leave as much time as a crop is likely to take.</summary>
    private bool HasTime(CropStage stage, in TraceRecord record)
    {
        double spentMs = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6;
        double slackMs = record.DeadlineNs == long.MaxValue ? double.PositiveInfinity
            : (record.DeadlineNs - _parts.Clock.NowNs()) / 1e6;
        double leftMs = Math.Min(slackMs, _parts.Router.Operating.AllowanceMs - spentMs);
        bool hasTime = leftMs > 0 && stage.Cost.LikelyMs <= leftMs;
        if (leftMs > 0 && !hasTime)
        {
            stage.Cost.Fade();
        }

        return hasTime;
    }

    private void LookAt(int crop, int box, Answer published, ref TraceRecord record)
    {
        var (stage, clock) = (_stages[crop], _parts.Clock);
        long start = clock.NowNs(), filled = 0, ran = 0;
        try
        {
            _parts.Pixels.FillCrop(crop, stage.Rule.RegionOf(published.Detections[box]), stage.Set.FrameTensor(0));
            filled = clock.NowNs();
            Run(stage);
            ran = clock.NowNs();
            _memory.Keep(published, box, crop, stage.Read(_parts.Pixels.CropMapping(crop)), record.Stamp.SourceNs);
            Succeed(stage);
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            _memory.GiveUp(published, box, crop, record.Stamp.SourceNs);
            Fail(stage, fault);
        }

        long end = clock.NowNs();
        filled = filled == 0 ? end : filled;
        ran = ran == 0 ? end : ran;
        record.PreprocessNs += filled - start;
        record.StagesNs += ran - filled;
        record.HeadsNs += end - ran;
        record.CropCount = Math.Min(record.CropCount + 1, TraceRecord.CropCountMost);
        record.CropsMicroseconds = (int)Math.Min(record.CropsMicroseconds + ((end - start) / 1000), TraceRecord.CropsMicrosecondsMost);
        stage.RunCount++;
        stage.Cost.Observe((end - start) / 1e6);
    }

    private void Run(CropStage stage)
    {
        _parts.Heartbeat.Enter(stage.Set, stage.Name);
        try
        {
            stage.Set.Run(0);
        }
        finally
        {
            _parts.Heartbeat.Leave();
        }
    }

    private void Succeed(CropStage stage)
    {
        if (stage.Breakers.Succeed(0))
        {
            _parts.OnEvent?.Invoke(EventKind.Note, $"stage '{stage.Name}' on crops works again");
        }
    }

    private void Fail(CropStage stage, Exception fault)
    {
        stage.FailedCount++;
        Tell($"crop by stage '{stage.Name}' ({fault.GetType().Name})", fault.Message);
        if (stage.Breakers.Fail(0, _parts.Clock.NowNs()) is { } opened)
        {
            Tell($"stage '{stage.Name}' on crops left out", opened);
            if (stage.Set.FallBack(0) is { } fallback)
            {
                _parts.OnEvent?.Invoke(EventKind.ProviderFallback, fallback);
            }
        }
    }

    private void Tell(string kind, string words)
    {
        if (_faults.Add(kind, words) is { } line)
        {
            _parts.OnEvent?.Invoke(EventKind.StageFailed, line);
        }
    }

    /// <summary>One stage on crops with what is known of it.</summary>
    private sealed class CropStage(LoadedCrop loaded)
    {
        private readonly IHead _head = loaded.Loaded.Stages.Head(0)!;
        private readonly Answer _scratch = StageAnswers.Make(loaded.Loaded.Stages, loaded.Loaded.Tree, []);
        private readonly float[] _values = new float[loaded.Crop.ValueLimit];
        private readonly int[] _surest = new int[loaded.Crop.Stage.Exit!.TopCount];

        public string Name { get; } = loaded.Crop.Stage.Name;

        public IStageSet Set { get; } = loaded.Loaded.Stages;

        public CropRule Rule { get; } = loaded.Crop.Rule;

        public StageBreakers Breakers { get; } = new(loaded.Loaded.Tree);

        public RunCost Cost { get; } = CostOf(loaded);

        public long RunCount { get; set; }

        public long KnownCount { get; set; }

        public long FailedCount { get; set; }

        public long ShortCount { get; set; }

        public long SmallCount { get; set; }

        public CropTally Tally => new(Name, RunCount, KnownCount, FailedCount, ShortCount, SmallCount, Cost.MeanMs);

        /// <summary>Before the first crop it is as long as the stage took when it was loaded.</summary>
        private static RunCost CostOf(LoadedCrop loaded)
        {
            var cost = new RunCost();
            if (loaded.Loaded.WarmUpMs > 0)
            {
                cost.Observe(loaded.Loaded.WarmUpMs);
            }

            return cost;
        }

        /// <summary>What the last run says, as <see cref="CropAnswers"/> holds it; valid until the next.</summary>
        /// <exception cref="InvalidDataException">It makes no answer.</exception>
        public ReadOnlySpan<float> Read(in FrameMapping mapping)
        {
            _scratch.Clear();
            _head.Decode(Set.HeadTensors(0), mapping, _scratch);
            if (_head.Task != TaskKind.Classification)
            {
                return _scratch.Values;
            }

            int count = TopClasses.Select(_scratch.Values, _surest);
            for (int i = 0; i < count; i++)
            {
                TextValues.Set(_values, i, _surest[i], _scratch.Values[_surest[i]]);
            }

            return _values.AsSpan(0, count * TextValues.PerCharacter);
        }
    }
}
