using System.Collections.Concurrent;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>One frame of a film: what the camera saw, small, and what was planned.</summary>
/// <param name="Pixels">Packed RGB, <see cref="EpisodeFilm.SidePixels"/> squared.</param>
/// <param name="Tick">0-based frame of the episode.</param>
/// <param name="PlanNodeIndex">Where in the route tree the plan was made that this frame follows; -1 for none.</param>
/// <param name="IsReuse">The plan was made at an earlier frame.</param>
/// <param name="StepIndex">0-based step of the plan.</param>
/// <param name="Way">Where the gripper will go, in table units: x and y of each step to come.</param>
internal sealed record FilmFrame(byte[] Pixels, int Tick, int PlanNodeIndex, bool IsReuse, int StepIndex, float GripperX, float GripperY,
    IReadOnlyList<float> Way);

/// <summary>A few frames of one episode, with the way the gripper took through all of them.</summary>
/// <param name="Way">x and y of the gripper at every frame.</param>
internal sealed record FilmEpisode(PickPlaceEpisode Episode, IReadOnlyList<FilmFrame> Frames, IReadOnlyList<float> Way);

/// <summary>
/// Keeps a few frames of the first episodes, for people to look at afterwards. On the loop's thread; makes small copies, so it belongs to
/// demonstrations and not to a robot's own run.
/// </summary>
internal sealed class EpisodeFilm : IAnswerConsumer
{
    /// <summary>Side of a kept frame: half of the demo camera's, and still readable.</summary>
    public const int SidePixels = 192;

    /// <summary>Frames kept of an episode.</summary>
    public const int FramesPerEpisode = 8;

    /// <summary>Episodes kept: 32 of 8 frames are 28 MB.</summary>
    private const int EpisodeLimit = 32;

    private readonly ConcurrentQueue<PickPlaceEpisode> _ended = new();
    private readonly List<(long Sequence, FilmFrame Frame)> _reel = [];
    private readonly List<FilmEpisode> _episodes = [];
    private int _planNodeIndex = -1;

    public EpisodeFilm(PickPlaceSource source) => source.EpisodeEnded += _ended.Enqueue;

    public void Publish(in PublishedFrame frame)
    {
        ref readonly var record = ref frame.Record;
        if (frame.StreamIndex != 0 || _episodes.Count >= EpisodeLimit || frame.Slot.Layout.Format != PixelFormat.Rgb
            || frame.Slot.State.Length < 2)
        {
            return;
        }

        Cut(record.Stamp.Sequence);
        bool isReuse = record.End == FrameEnd.Skipped;
        if (!isReuse)
        {
            _planNodeIndex = frame.Answer.HasValue ? record.NodeIndex : -1;
        }

        float x = (frame.Slot.State[0] + 1) / 2, y = (frame.Slot.State[1] + 1) / 2;
        byte[] pixels = Shrink(frame.Slot.Layout, frame.Slot.Bytes);
        _reel.Add((record.Stamp.Sequence, new FilmFrame(pixels, 0, _planNodeIndex, isReuse, frame.Answer.StepIndex, x, y,
            WayOf(x, y, frame.Answer.Values))));
    }

    /// <summary>Everything kept; after the run.</summary>
    public IReadOnlyList<FilmEpisode> Close()
    {
        Cut(long.MaxValue);
        return _episodes;
    }

    /// <summary>Moves the frames of ended episodes from the reel to where they stay.</summary>
    private void Cut(long beforeSequence)
    {
        while (_ended.TryPeek(out var episode) && episode.FirstFrame + episode.FrameCount <= beforeSequence)
        {
            _ended.TryDequeue(out _);
            var frames = _reel.Where(f => f.Sequence >= episode.FirstFrame && f.Sequence < episode.FirstFrame + episode.FrameCount)
                .Select(f => f.Frame with { Tick = (int)(f.Sequence - episode.FirstFrame) }).ToList();
            _reel.RemoveAll(f => f.Sequence < episode.FirstFrame + episode.FrameCount);
            if (frames.Count > 0 && _episodes.Count < EpisodeLimit)
            {
                _episodes.Add(new FilmEpisode(episode, Spread(frames), [.. frames.SelectMany(f => new[] { f.GripperX, f.GripperY })]));
            }
        }
    }

    /// <summary>The first, the last and evenly between; where a plan was made rather than followed, if one is near.</summary>
    private static List<FilmFrame> Spread(List<FilmFrame> frames)
    {
        var picks = new SortedSet<int>();
        for (int i = 0; i < FramesPerEpisode; i++)
        {
            int even = (int)Math.Round(i * (frames.Count - 1) / (double)(FramesPerEpisode - 1));
            int made = Enumerable.Range(0, frames.Count).Where(j => !frames[j].IsReuse && Math.Abs(j - even) <= 1).DefaultIfEmpty(even)
                .MinBy(j => Math.Abs(j - even));
            picks.Add(made);
        }

        return [.. picks.Select(i => frames[i])];
    }

    private static float[] WayOf(float x, float y, ReadOnlySpan<float> plan)
    {
        var way = new float[plan.Length / PickPlaceRules.ActionLength * 2];
        for (int i = 0; i < way.Length / 2; i++)
        {
            x += plan[i * PickPlaceRules.ActionLength] * PickPlaceRules.StepLength;
            y += plan[(i * PickPlaceRules.ActionLength) + 1] * PickPlaceRules.StepLength;
            (way[2 * i], way[(2 * i) + 1]) = (x, y);
        }

        return way;
    }

    /// <summary>The mean of each square of pixels where the frame is a multiple of the kept size, else the nearest pixel.</summary>
    private static byte[] Shrink(in FrameLayout layout, ReadOnlySpan<byte> rgb)
    {
        var small = new byte[SidePixels * SidePixels * 3];
        int factor = Math.Max(1, layout.Width / SidePixels);
        for (int y = 0; y < SidePixels; y++)
        {
            for (int x = 0; x < SidePixels; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    small[(((y * SidePixels) + x) * 3) + channel] = Mean(layout, rgb, x * layout.Width / SidePixels,
                        y * layout.Height / SidePixels, channel, factor);
                }
            }
        }

        return small;
    }

    private static byte Mean(in FrameLayout layout, ReadOnlySpan<byte> rgb, int left, int top, int channel, int factor)
    {
        int sum = 0;
        for (int y = 0; y < factor; y++)
        {
            for (int x = 0; x < factor; x++)
            {
                sum += rgb[layout.Plane0.OffsetBytes + (Math.Min(top + y, layout.Height - 1) * layout.Plane0.StrideBytes)
                    + (Math.Min(left + x, layout.Width - 1) * 3) + channel];
            }
        }

        return (byte)(sum / (factor * factor));
    }
}
