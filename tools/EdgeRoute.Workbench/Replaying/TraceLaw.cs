using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>
/// Checks the law from a recording alone: captured = the sum of the ends for each source, and the traces in the file account for every
/// frame taken.
/// </summary>
internal sealed class TraceLaw
{
    private readonly Dictionary<int, EndTally> _traced = [];

    /// <summary>Traces seen, by source; <see cref="EndTally.Captured"/> is not counted here.</summary>
    public EndTally TracedOf(int sourceIndex) => _traced.GetValueOrDefault(sourceIndex);

    public void Count(in TraceRecord record) => _traced[record.Stamp.SourceIndex] = TracedOf(record.Stamp.SourceIndex).With(record.End);

    /// <summary>Every breach of the law, each with its figures; empty when it holds.</summary>
    public IReadOnlyList<string> FindProblems(SessionEnd end)
    {
        var problems = new List<string>();
        long missing = 0;
        for (int i = 0; i < end.Tallies.Count; i++)
        {
            var (tally, traced) = (end.Tallies[i], TracedOf(i));
            missing += Taken(tally) - Taken(traced);
            if (tally.InFlight != 0)
            {
                problems.Add($"source {i}: {tally.Captured} frames captured, but the ends sum to {tally.Ended}");
            }

            AddExcess(problems, i, tally, traced);
        }

        if (missing != end.TraceLostCount)
        {
            problems.Add($"{missing} frames taken have no trace, but {end.TraceLostCount} traces are counted as lost");
        }

        return problems;
    }

    /// <summary>Reads a whole recording. One that was cut or not closed has no final tally, which is a breach of its own.</summary>
    public static IReadOnlyList<string> FindProblems(RecordReader reader)
    {
        var law = new TraceLaw();
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.Trace)
            {
                law.Count(reader.Trace);
            }
        }

        return reader.Stop == ReadStop.Complete ? law.FindProblems(reader.End!) : [$"the recording is {reader.Stop}: {reader.StopText}"];
    }

    /// <summary>Frames that the loop took: all but the dropped ones, which leave no trace.</summary>
    private static long Taken(in EndTally tally) => tally.Ended - tally.Dropped;

    private static void AddExcess(List<string> problems, int sourceIndex, in EndTally tally, in EndTally traced)
    {
        bool isWithin = traced.Completed <= tally.Completed && traced.Exited <= tally.Exited && traced.Escalated <= tally.Escalated
            && traced.Skipped <= tally.Skipped && traced.Dropped <= tally.Dropped && traced.Failed <= tally.Failed;
        if (!isWithin)
        {
            problems.Add($"source {sourceIndex}: more traces than frames that ended so: traces {traced}, frames {tally}");
        }
    }
}
