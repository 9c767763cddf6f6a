using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>What holds of every frame that ended, and of the counts that tell of them.</summary>
internal sealed class FrameLaws(IReadOnlyList<FrameStream> streams) : IAnswerConsumer
{
    private readonly long[] _lastSequence = [.. streams.Select(_ => -1L)];
    private readonly EndTally[] _ends = new EndTally[streams.Count];

    public long FrameCount { get; private set; }

    public long[] LateCounts { get; } = new long[streams.Count];

    public long FailedCount { get; private set; }

    /// <summary>Since when frames have failed in a row, by stream; <see cref="long.MaxValue"/> where the last did not.</summary>
    public long[] FailingSinceNs { get; } = [.. streams.Select(_ => long.MaxValue)];

    /// <summary>Of all frames in their order: equal for equal seeds.</summary>
    public ulong Fingerprint { get; private set; } = 14695981039346656037;

    /// <summary>The first law that a frame broke; the loop takes what a receiver throws for the frame's own fault.</summary>
    public string? Broken { get; private set; }

    public void Publish(in PublishedFrame frame)
    {
        ref readonly var record = ref frame.Record;
        int stream = frame.StreamIndex;
        Require(record.Stamp.Sequence > _lastSequence[stream], record, "a frame ended twice, or out of order");
        Require(record.Stamp.CaptureNs <= record.TakenNs && record.TakenNs <= record.PublishedNs, record, "times run backwards");
        Require(record.NodeIndex == -1 == (record.End == FrameEnd.Failed), record, "it failed and has a path, or did not and has none");
        Require((record.Flags & TraceFlags.Late) != 0 == record.PublishedNs > record.DeadlineNs, record, "late is not what the times say");
        if (record.End == FrameEnd.Skipped)
        {
            CheckAge(frame);
        }

        _lastSequence[stream] = record.Stamp.Sequence;
        _ends[stream] = _ends[stream].With(record.End);
        FrameCount++;
        LateCounts[stream] += (record.Flags & TraceFlags.Late) != 0 ? 1 : 0;
        bool hasFailed = record.End == FrameEnd.Failed;
        FailedCount += hasFailed ? 1 : 0;
        FailingSinceNs[stream] = hasFailed ? Math.Min(FailingSinceNs[stream], record.PublishedNs) : long.MaxValue;
        foreach (long part in (ReadOnlySpan<long>)[stream, record.Stamp.Sequence, (long)record.End, record.NodeIndex, record.PublishedNs])
        {
            Fingerprint = (Fingerprint ^ (ulong)part) * 1099511628211;
        }
    }

    /// <summary>Between frames: what the device tells of its frames is what was seen of them.</summary>
    public void CheckCounts()
    {
        if (Broken is not null)
        {
            throw new BrokenLawException(Broken);
        }

        foreach (var stream in streams)
        {
            var (told, seen) = (stream.Tally, _ends[stream.Index]);
            var counts = stream.Parts.Exchange.Counts;
            bool isTrue = told.Ended - told.Dropped == seen.Ended && told.Failed == seen.Failed && told.Skipped == seen.Skipped
                && counts.Captured == counts.Taken + counts.Dropped + counts.Waiting && counts.Taken == seen.Ended;
            if (!isTrue)
            {
                throw new BrokenLawException($"{stream.Name} tells {told}, the exchange {counts}, and {seen} were seen");
            }
        }
    }

    /// <summary>No answer that is reused is older than the stream allows, whoever chose it.</summary>
    private void CheckAge(in PublishedFrame frame)
    {
        double ageMs = (frame.Slot.Stamp.CaptureNs - frame.Answer.Stamp.CaptureNs) / 1e6;
        double limitMs = streams[frame.StreamIndex].Router.MaxAgeMs;
        // A camera whose clock stands still is found out after a while.
        Require(ageMs <= limitMs + (SourceClock.ToleranceNs / 1e6), frame.Record,
            $"the answer reused is {ageMs:0} ms old; {limitMs:0} ms are allowed");
    }

    private void Require(bool holds, in TraceRecord record, string law)
    {
        if (!holds)
        {
            Broken ??= $"frame {record.Stamp.SourceIndex}/{record.Stamp.Sequence} ({record.End}, node {record.NodeIndex}, {record.Flags}): "
                + law;
        }
    }
}
