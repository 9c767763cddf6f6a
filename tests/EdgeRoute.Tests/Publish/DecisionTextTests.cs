using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Publish;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Publish;

public sealed class DecisionTextTests
{
    private readonly RouteTree _tree = PublishSamples.Tree();

    [Theory]
    [InlineData("light", FrameEnd.Exited, 0.1f, "exited: low_confidence_mass 0.10 <= 0.30")]
    [InlineData("light>heavy", FrameEnd.Escalated, 0.42f, "escalated: low_confidence_mass 0.42 > 0.30")]
    [InlineData("previous", FrameEnd.Skipped, 0f, "skipped: motion 0.000, answer 0 ms old")]
    public void ReasonNamesSignalAndThreshold(string path, FrameEnd end, float doubt, string expected)
    {
        var record = PublishSamples.Record(_tree, path, end, 5, doubt);
        Assert.Equal(path, DecisionText.PathOf(_tree, record));
        Assert.Equal(expected, DecisionText.ReasonOf(_tree, record, PublishSamples.Cascade));
    }

    [Theory]
    [InlineData(DecisionReason.SafetyLock, "exited: safety lock")]
    [InlineData(DecisionReason.Deadline, "exited: deadline, 5.0 ms left")]
    [InlineData(DecisionReason.DeadlineMissed, "exited: deadline missed, 5.0 ms left")]
    [InlineData(DecisionReason.OnlyOption, "exited")]
    public void ConstraintsAreNamed(DecisionReason reason, string expected)
    {
        var record = PublishSamples.Record(_tree, "light", FrameEnd.Exited, 5);
        record.Decisions[1].Reason = reason;
        Assert.Equal(expected, DecisionText.ReasonOf(_tree, record, PublishSamples.Cascade));
    }

    [Fact]
    public void FixedPolicyNeedsNoReason()
    {
        var record = PublishSamples.Record(_tree, "light", FrameEnd.Exited, 5);
        Assert.Equal("exited", DecisionText.ReasonOf(_tree, record, null));
    }

    [Fact]
    public void FailedFrameHasNoPath()
    {
        var record = new TraceRecord { End = FrameEnd.Failed, NodeIndex = -1 };
        Assert.Equal(("no answer", "failed"), (DecisionText.PathOf(_tree, record), DecisionText.ReasonOf(_tree, record, null)));
    }
}
