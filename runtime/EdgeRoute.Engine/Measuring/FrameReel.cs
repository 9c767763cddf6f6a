using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Measuring;

/// <summary>Some frames of a source in memory, to be seen again and again.</summary>
internal sealed class FrameReel : IDisposable
{
    /// <summary>Longest wait for one frame.</summary>
    private const int WaitMs = 5000;

    /// <summary>Reads for each frame wanted; pictures of a folder may be broken, and a camera may begin late.</summary>
    private const int TriesPerFrame = 3;

    private readonly List<FrameSlot> _frames = [];

    private FrameReel(SourceTells tells) => Tells = tells;

    public IReadOnlyList<FrameSlot> Frames => _frames;

    /// <summary>What the frames come with beside their pixels.</summary>
    public SourceTells Tells { get; }

    /// <summary>Takes a source's first frames and disposes of it.</summary>
    /// <param name="name">Of the source, for refusals.</param>
    /// <param name="countMost">Frames at most, fewer where they come to more than <paramref name="bytesMost"/>.</param>
    /// <exception cref="EngineRefusedException">It gives no frame.</exception>
    public static FrameReel Take(IFrameSource source, string name, int countMost, long bytesMost, TimeProvider clock)
    {
        using (source)
        {
            var reel = new FrameReel(new SourceTells(source.TellsState, source.TellsInstruction, false));
            bool goesOn = source.Open();
            for (int tries = 0; goesOn && tries < TriesPerFrame * countMost && reel._frames.Count < countMost
                && reel._frames.Sum(f => (long)f.Layout.SizeBytes) < bytesMost; tries++)
            {
                goesOn = reel.TryTake(source, clock);
            }

            string detail = source.Fault.Detail;
            source.Close();
            if (reel._frames.Count > 0)
            {
                return reel;
            }

            throw new EngineRefusedException(RefusalCause.Machine,
                $"source '{name}' gives no frame{(detail.Length > 0 ? ": " : "")}{detail}");
        }
    }

    public void Dispose() => _frames.ForEach(f => f.Dispose());

    /// <summary>
    /// False at the source's end, and where nothing follows the frames that there are: an arm's camera waits until the arm is moved, and
    /// here nobody moves it.
    /// </summary>
    private bool TryTake(IFrameSource source, TimeProvider clock)
    {
        var slot = new FrameSlot();
        var outcome = source.Read(slot, WaitMs, out long sourceNs);
        if (outcome != ReadOutcome.Frame)
        {
            slot.Dispose();
            return outcome == ReadOutcome.Nothing && (_frames.Count == 0 || source.Fault.Kind == SourceFaultKind.UnreadablePicture);
        }

        long nowNs = clock.NowNs();
        slot.Commit(new FrameStamp(0, _frames.Count, nowNs, sourceNs < 0 ? nowNs : sourceNs));
        _frames.Add(slot);
        return true;
    }
}
