using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Engine.Sweeping;

/// <summary>
/// Runs every stage variant of a pack once on each frame and keeps what it cost and answered. Off the robot's road: it allocates what it
/// returns.
/// </summary>
internal sealed class PathSweep : IDisposable
{
    private static readonly Answer NoAnswer = new(TaskKind.Detection, 0, 0);

    private readonly LoadedPack _pack;
    private readonly FramePixels _pixels;
    private readonly TimeProvider _clock;
    private readonly int[] _nodeOf;
    private readonly StreamWindows _windows;
    private readonly Answer[] _answers;

    public PathSweep(LoadedPack pack, IPreprocessKernel kernel, TimeProvider clock)
    {
        (_pack, _clock) = (pack, clock);
        _pixels = new FramePixels(pack.Stages, pack.Tree.Variants, kernel, followsBoxes: pack.FollowsBoxes);
        _windows = new StreamWindows(pack.Tree, pack.Stages, _pixels);
        _answers = [.. pack.Tree.Variants.Select(_ => StageAnswers.Make(pack.Stages, pack.Tree, []))];
        _nodeOf = [.. pack.Tree.Variants.Select(v => pack.Tree.Nodes.First(n => n.VariantIndex == v.Index).Index)];
    }

    /// <summary>
    /// Windows that are chosen on each frame are looked at once, wherever they lie: what one look costs is asked, and not where to look.
    /// </summary>
    public bool LooksOnce { get; init; }

    /// <summary>Stage runs that failed, since the start; their variants have no answer on that frame.</summary>
    public long FailedRunCount { get; private set; }

    /// <summary>What the last failed run said; null while none failed.</summary>
    public string? LastFault { get; private set; }

    /// <exception cref="FrameUnusableException">The frame's pixels cannot be read.</exception>
    public SweptFrame Run(FrameSlot slot)
    {
        bool isTold = TryTell(slot);
        var signals = _pixels.Measure(slot, NoAnswer);
        _windows.BeginFrame();
        _windows.See(slot.FollowsRestart);
        var swept = new SweptVariant[_pack.Tree.Variants.Count];
        for (int i = 0; i < swept.Length; i++)
        {
            swept[i] = isTold ? RunVariant(i, slot, swept) : new SweptVariant(float.NaN, default, null);
        }

        return new SweptFrame(slot.Stamp, signals, _pixels.ThumbnailLuma.ToArray(), swept)
        {
            Picture = _pixels.FollowedLuma.ToArray(),
        };
    }

    public void Dispose() => _pixels.Dispose();

    /// <summary>A frame whose task or state is not understood has no answer on any path.</summary>
    private bool TryTell(FrameSlot slot)
    {
        try
        {
            _pack.Stages.Tell(slot.Instruction, slot.State);
            return true;
        }
        catch (Exception fault) when (fault is TaskUntoldException or StageFailedException)
        {
            FailedRunCount++;
            LastFault = fault.Message;
            return false;
        }
    }

    /// <summary>
    /// What goes on from an answer is of one path alone, so its variant finds the answer that it goes on from. With nothing to look at that
    /// answer stays, and costs nothing.
    /// </summary>
    private SweptVariant RunVariant(int variantIndex, FrameSlot slot, SweptVariant[] swept)
    {
        var variant = _pack.Tree.Variants[variantIndex];
        var earlier = variant.AfterVariantIndex < 0 ? NoAnswer : _answers[variant.AfterVariantIndex];
        _answers[variantIndex].Clear();
        if (LooksOnce)
        {
            _windows.BeginOne();
        }
        else
        {
            var from = _pack.Tree.Nodes[_pack.Tree.Nodes[_nodeOf[variantIndex]].ParentIndex];
            _windows.Propose(from, earlier, NoAnswer);
            _windows.Begin(from, variantIndex);
        }

        if (_windows.LookCount == 0)
        {
            _answers[variantIndex].CopyFrom(earlier);
            return variant.AfterVariantIndex < 0 ? new SweptVariant(0, default, null) : swept[variant.AfterVariantIndex] with { Ms = 0 };
        }

        try
        {
            return Look(variantIndex, slot, earlier);
        }
        catch (Exception fault) when (fault is StageFailedException or InvalidDataException)
        {
            FailedRunCount++;
            LastFault = fault.Message;
            return new SweptVariant(float.NaN, default, null);
        }
    }

    private SweptVariant Look(int variantIndex, FrameSlot slot, Answer earlier)
    {
        var (head, answer) = (_pack.Stages.Head(variantIndex), _answers[variantIndex]);
        ExitSignals exit = default;
        long start = _clock.NowNs();
        do
        {
            if (_pack.Stages.FrameInput(variantIndex) is not null)
            {
                _windows.Aim(variantIndex);
                _pixels.Fill(variantIndex, _pack.Stages.FrameTensor(variantIndex));
            }

            _pack.Stages.Run(variantIndex);
            if (head is not null)
            {
                answer.Clear();
                exit = head.Decode(_pack.Stages.HeadTensors(variantIndex), _pixels.Mapping(variantIndex), answer);
                _windows.Collect(variantIndex, head, earlier, answer, ref exit);
            }
        }
        while (_windows.HasLeft);
        float ms = (_clock.NowNs() - start) / 1e6f;
        (answer.Stamp, answer.NodeIndex) = (slot.Stamp, _nodeOf[variantIndex]);
        return head is null ? new SweptVariant(ms, default, null) : new SweptVariant(ms, exit, answer.Shrunk());
    }
}
