using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Reports;

/// <summary>Adds every ended frame to its source's tally.</summary>
public sealed class TallyConsumer(IReadOnlyList<RunTally> tallies) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame) => tallies[frame.StreamIndex].Add(frame.Record);
}
