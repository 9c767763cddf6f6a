using System.Collections.Concurrent;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>What one frame of an episode took.</summary>
/// <param name="NodeIndex">Where it ended in the route tree; -1 for a failed frame.</param>
/// <param name="IsReuse">It went on with the plan at hand.</param>
/// <param name="DeviceMs">Preprocessing, stages and heads.</param>
public readonly record struct EpisodeFrame(int NodeIndex, bool IsReuse, float DeviceMs);

/// <summary>An episode and the frames it took; those that were dropped are missing.</summary>
public sealed record EpisodeRecord(PickPlaceEpisode Episode, IReadOnlyList<EpisodeFrame> Frames)
{
    public double DeviceMs => Frames.Sum(f => (double)f.DeviceMs);

    public int PlanCount => Frames.Count(f => !f.IsReuse);
}

/// <summary>
/// Brings together what two threads know: the source tells how episodes ended, the loop what each frame took. Frames belong to episodes by
/// their number.
/// </summary>
internal sealed class EpisodeLog : IAnswerConsumer
{
    private readonly ConcurrentQueue<PickPlaceEpisode> _ended = new();
    private readonly List<(long Sequence, EpisodeFrame Frame)> _frames = new(1 << 16);
    private readonly int _streamIndex;

    /// <param name="source">Its episodes are written down from now on.</param>
    /// <param name="streamIndex">0-based index of the source in the config.</param>
    public EpisodeLog(PickPlaceSource source, int streamIndex = 0)
    {
        _streamIndex = streamIndex;
        source.EpisodeEnded += _ended.Enqueue;
    }

    public void Publish(in PublishedFrame frame)
    {
        ref readonly var record = ref frame.Record;
        if (frame.StreamIndex == _streamIndex)
        {
            float ms = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6f;
            _frames.Add((record.Stamp.Sequence, new EpisodeFrame(record.NodeIndex, record.End == FrameEnd.Skipped, ms)));
        }
    }

    /// <summary>All episodes that have ended, in their order; after the run.</summary>
    public IReadOnlyList<EpisodeRecord> Close()
    {
        var records = new List<EpisodeRecord>();
        int at = 0;
        foreach (var episode in _ended)
        {
            while (at < _frames.Count && _frames[at].Sequence < episode.FirstFrame)
            {
                at++;
            }

            var frames = new List<EpisodeFrame>();
            while (at < _frames.Count && _frames[at].Sequence < episode.FirstFrame + episode.FrameCount)
            {
                frames.Add(_frames[at++].Frame);
            }

            records.Add(new EpisodeRecord(episode, frames));
        }

        return records;
    }
}
