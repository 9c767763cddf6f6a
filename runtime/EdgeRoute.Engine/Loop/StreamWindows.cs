using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Regions;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// Looks at parts of a frame: which windows there are for the options of a node, one run of a stage for each, and the merge of what they
/// show with the answer at hand. Used by the loop's thread; allocates nothing per frame.
/// </summary>
internal sealed class StreamWindows
{
    private static readonly BlockGrid Grid = new(Thumbnail.Width, Thumbnail.Height, SignalMeter.BlockSide);

    private readonly RouteTree _tree;
    private readonly IStageSet _stages;
    private readonly FramePixels _pixels;
    private readonly bool _any;
    private readonly BlockMotion? _motion;
    private readonly RegionProposer _proposer = new();
    private readonly FrameRegion[] _offered = new FrameRegion[RouteTree.OptionLimit * WindowRule.CountMost];
    private readonly int[] _counts = new int[RouteTree.OptionLimit];
    private readonly FrameRegion[] _chosen = new FrameRegion[WindowRule.CountMost];
    private readonly BoxMerge? _merge;
    private Answer? _carried;
    private bool _isSeen;
    private int _variantIndex = -1, _index, _lookCount = 1;

    /// <param name="earlier">Those of the parts before; null at start. Where the stages stay, what stands still does.</param>
    public StreamWindows(RouteTree tree, IStageSet stages, FramePixels pixels, StreamWindows? earlier = null)
    {
        (_tree, _stages, _pixels) = (tree, stages, pixels);
        _any = tree.Variants.Any(v => v.GoesOnFromAnswer);
        bool isSame = earlier is not null && ReferenceEquals(earlier._stages, stages);
        bool watches = tree.Variants.Any(v => v.Windows is { From: WindowSource.Motion });
        _motion = watches ? (isSame ? earlier!._motion : null) ?? new BlockMotion(Grid) : null;
        Spare = StageAnswers.Make(stages, tree, []);
        int boxes = (Spare.DetectionSlots.Length + StageAnswers.CandidateLimit) * (WindowRule.CountMost + 1);
        _merge = tree.Variants.Any(v => v.Merge != MergeKind.Replace) ? new BoxMerge(boxes) : null;
    }

    /// <summary>By option of the node asked about last: the windows that there are; empty where no option of the pack has any.</summary>
    public ReadOnlyMemory<int> Counts => _any ? _counts : default;

    /// <summary>Room for an answer, for who runs a path beside the frame's own.</summary>
    public Answer Spare { get; }

    /// <summary>Windows of the option at hand are still to be looked at.</summary>
    public bool HasLeft => _variantIndex >= 0;

    /// <summary>Runs of the stage that ran last.</summary>
    public int LookCount => _lookCount;

    /// <summary>Another frame is at hand; of it nothing is known yet.</summary>
    public void BeginFrame() => (_isSeen, _variantIndex, _lookCount) = (false, -1, 1);

    /// <summary>The frame's thumbnail has been measured.</summary>
    public void See(bool followsRestart)
    {
        if (followsRestart)
        {
            _motion?.Reset();
        }

        _motion?.See(_pixels.ThumbnailLuma);
        _isSeen = true;
    }

    /// <summary>Before a decision: the windows of every option that has any.</summary>
    /// <param name="answer">The answer at hand; without a value at the frame.</param>
    /// <param name="carried">What is carried over from the last answer.</param>
    public void Propose(RouteNode node, Answer answer, Answer carried)
    {
        (_carried, _variantIndex) = (carried, -1);
        if (!_any)
        {
            return;
        }

        for (int i = 0; i < node.Options.Length; i++)
        {
            int variant = node.Options[i].VariantIndex;
            _counts[i] = variant >= 0 && _tree.Variants[variant].Windows is { } rule
                ? Find(rule, answer, _offered.AsSpan(i * WindowRule.CountMost, rule.Count)) : 0;
        }
    }

    /// <summary>The same once the frame has ended, with what was carried to it.</summary>
    public void ProposeAgain(RouteNode node, Answer answer)
    {
        if (_carried is { } carried)
        {
            Propose(node, answer, carried);
        }
    }

    /// <summary>
    /// Takes the windows of a variant for its runs, those that its node was offered; without windows there is one look, at its own part of
    /// the frame.
    /// </summary>
    public void Begin(RouteNode node, int variantIndex)
    {
        BeginOne();
        if (_tree.Variants[variantIndex].Windows is null)
        {
            return;
        }

        int option = 0;
        while (node.Options[option].VariantIndex != variantIndex)
        {
            option++;
        }

        _lookCount = _counts[option];
        _variantIndex = _lookCount > 0 ? variantIndex : -1;
        _offered.AsSpan(option * WindowRule.CountMost, _lookCount).CopyTo(_chosen);
    }

    /// <summary>The next run is the one look at its part of the frame, whatever there is to see.</summary>
    public void BeginOne() => (_index, _lookCount, _variantIndex) = (0, 1, -1);

    /// <summary>Before a variant's tensor is filled: it is filled from the window that comes next.</summary>
    public void Aim(int variantIndex)
    {
        if (_variantIndex == variantIndex)
        {
            _pixels.Aim(variantIndex, _chosen[_index]);
        }
    }

    /// <summary>Writes down the window that is looked at.</summary>
    public void Note(ref TraceRecord record)
    {
        if (HasLeft && record.WindowCount < TraceRecord.WindowLimit)
        {
            record.Windows[record.WindowCount++] = TracedWindow.Of(_chosen[_index], record.DecisionCount - 1);
        }
    }

    /// <summary>
    /// A look has been read. After the last one the answer is what all of them and, where they are merged, the answer before them show.
    /// </summary>
    /// <param name="earlier">The answer before the first look.</param>
    /// <param name="into">The look's own answer, then the merged one.</param>
    public void Collect(int variantIndex, IHead head, Answer earlier, Answer into, ref ExitSignals exit)
    {
        var variant = _tree.Variants[variantIndex];
        if (!variant.GoesOnFromAnswer)
        {
            return;
        }

        var window = HasLeft ? _chosen[_index] : variant.Region;
        bool isLast = ++_index >= _lookCount;
        _variantIndex = isLast ? -1 : _variantIndex;
        if (variant.Merge != MergeKind.Replace && _merge is not null && head.Detection is { } settings)
        {
            Merge(window, earlier, into);
            exit = isLast ? Finish(variant.Merge, settings, into) : exit;
        }
    }

    private void Merge(in FrameRegion window, Answer earlier, Answer into)
    {
        if (_index == 1)
        {
            _merge!.Clear();
            _merge.Add(earlier.Detections);
            _merge.Add(earlier.Candidates);
        }

        _merge!.Add(into.Detections, window);
        _merge.Add(into.Candidates, window);
    }

    private ExitSignals Finish(MergeKind kind, DetectionSettings settings, Answer into)
    {
        var boxes = kind == MergeKind.Union ? _merge!.Suppress(settings.NmsOverlap) : _merge!.Fuse(settings.NmsOverlap);
        int sure = 0;
        while (sure < boxes.Length && boxes[sure].Confidence >= settings.Threshold)
        {
            sure++;
        }

        int kept = Math.Min(sure, into.DetectionSlots.Length);
        LetGoCount += sure - kept;
        boxes[..kept].CopyTo(into.DetectionSlots);
        into.DetectionCount = kept;
        into.SetCandidates(boxes[sure..]);
        return DetectionSignals.Of(boxes, kept, settings.Threshold, settings.TsallisOrder);
    }

    /// <summary>Merged boxes let go because the answer was full: always the least sure ones.</summary>
    public long LetGoCount { get; private set; }

    private int Find(WindowRule rule, Answer answer, Span<FrameRegion> into)
    {
        if (!_pixels.AreReadable)
        {
            return 0;
        }

        var frame = _pixels.FrameSize;
        var size = rule.SizeIn(frame.Width, frame.Height);
        _proposer.Clear();
        switch (rule.From)
        {
            case WindowSource.Tiles:
                return RegionProposer.Tile(size, into);
            case WindowSource.Doubt when answer.HasValue:
                _proposer.AddDoubt(answer, size);
                break;
            case WindowSource.Motion when _isSeen:
                _motion!.AddTo(_proposer);
                break;
            case WindowSource.Drift when _isSeen && !_pixels.AnsweredLuma.IsEmpty && _carried is not null:
                _proposer.AddDrift(_pixels.ThumbnailLuma, _pixels.AnsweredLuma, Grid, _carried.Detections);
                break;
            case WindowSource.YoungTracks when _carried is { HasValue: true }:
                _proposer.AddYoungTracks(_carried);
                break;
            default:
                return 0;
        }

        return _proposer.Cover(size, rule.AtLeast, into);
    }
}
