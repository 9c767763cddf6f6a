using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

public sealed class TraceLawTests
{
    [Fact]
    public void The_law_holds_in_a_whole_file() =>
    Assert.Empty(TraceLaw.FindProblems(new RecordReader(new MemoryStream(RecordingSamples.WholeFile()))));

    [Fact]
    public void A_file_without_its_end_cannot_prove_the_law() =>
        Assert.Contains("Cut",
            Assert.Single(TraceLaw.FindProblems(new RecordReader(new MemoryStream(RecordingSamples.WholeFile()[..^8])))));

    [Theory]
    [InlineData(5, 4, 0, 0, "5 frames captured, but the ends sum to 4")]
    [InlineData(6, 6, 0, 0, "2 frames taken have no trace, but 0")]
    [InlineData(6, 6, 1, 0, "2 frames taken have no trace, but 1")]
    [InlineData(6, 3, 0, 3, "more traces than frames that ended so")]
    public void Each_breach_is_named(long captured, long completed, long lost, long dropped, string problem)
    {
        var law = new TraceLaw();
        for (int i = 0; i < 4; i++)
        {
            law.Count(new TraceRecord { End = FrameEnd.Completed });
        }

        var end = new SessionEnd(0, lost, 0, 0, [new EndTally(captured, completed, 0, 0, 0, dropped, 0)]);
        Assert.Contains(law.FindProblems(end), p => p.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Lost_traces_that_are_counted_are_no_breach()
    {
        var law = new TraceLaw();
        law.Count(new TraceRecord { End = FrameEnd.Exited });
        Assert.Empty(law.FindProblems(new SessionEnd(0, 2, 0, 0, [new EndTally(7, 1, 1, 0, 1, 4, 0)])));
    }
}
