using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Frames;
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

    public PathSweep(LoadedPack pack, IPreprocessKernel kernel, TimeProvider clock)
    {
        (_pack, _clock) = (pack, clock);
        _pixels = new FramePixels(pack.Stages, pack.Tree.Variants, kernel);
        _nodeOf = [.. pack.Tree.Variants.Select(v => pack.Tree.Nodes.First(n => n.VariantIndex == v.Index).Index)];
    }

    /// <summary>Stage runs that failed, since the start; their variants have no answer on that frame.</summary>
    public long FailedRunCount { get; private set; }

    /// <summary>What the last failed run said; null while none failed.</summary>
    public string? LastFault { get; private set; }

    /// <exception cref="FrameUnusableException">The frame's pixels cannot be read.</exception>
    public SweptFrame Run(FrameSlot slot)
    {
        bool isTold = TryTell(slot);
        var signals = _pixels.Measure(slot, NoAnswer);
        var swept = new SweptVariant[_pack.Tree.Variants.Count];
        for (int i = 0; i < swept.Length; i++)
        {
            swept[i] = isTold ? RunVariant(i, slot) : new SweptVariant(float.NaN, default, null);
        }

        return new SweptFrame(slot.Stamp, signals, _pixels.ThumbnailLuma.ToArray(), swept);
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

    private SweptVariant RunVariant(int variantIndex, FrameSlot slot)
    {
        long start = _clock.NowNs();
        try
        {
            if (_pack.Stages.FrameInput(variantIndex) is not null)
            {
                _pixels.Fill(variantIndex, _pack.Stages.FrameTensor(variantIndex));
            }

            _pack.Stages.Run(variantIndex);
            if (_pack.Stages.Head(variantIndex) is not { } head)
            {
                return new SweptVariant((_clock.NowNs() - start) / 1e6f, default, null);
            }

            var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit, head.Details);
            ExitSignals exit = head.Decode(_pack.Stages.HeadTensors(variantIndex), _pixels.Mapping(variantIndex), answer);
            float ms = (_clock.NowNs() - start) / 1e6f;
            (answer.Stamp, answer.NodeIndex) = (slot.Stamp, _nodeOf[variantIndex]);
            return new SweptVariant(ms, exit, answer.Shrunk());
        }
        catch (Exception fault) when (fault is StageFailedException or InvalidDataException)
        {
            FailedRunCount++;
            LastFault = fault.Message;
            return new SweptVariant(float.NaN, default, null);
        }
    }
}
