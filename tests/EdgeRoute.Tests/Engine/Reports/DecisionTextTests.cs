using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Reports;

public sealed class DecisionTextTests
{
    private readonly RouteTree _tree = PublishSamples.Tree();

    [Theory]
    [InlineData("light", FrameEnd.Exited, 0.1f, "exited: low_confidence_mass 0.10 <= 0.30")]
    [InlineData("light>heavy", FrameEnd.Escalated, 0.42f, "escalated: low_confidence_mass 0.42 > 0.30")]
    [InlineData("previous", FrameEnd.Skipped, 0f, "skipped: motion 0.000, answer 0 ms old")]
    public void Reason_names_signal_and_threshold(string path, FrameEnd end, float doubt, string expected)
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
    public void Constraints_are_named(DecisionReason reason, string expected)
    {
        var record = PublishSamples.Record(_tree, "light", FrameEnd.Exited, 5);
        record.Decisions[1].Reason = reason;
        Assert.Equal(expected, DecisionText.ReasonOf(_tree, record, PublishSamples.Cascade));
    }

    [Theory]
    [InlineData("light", FrameEnd.Exited, 1, "stop", "exited: value 0.93 at hand")]
    [InlineData("light>heavy", FrameEnd.Escalated, 1, "heavy", "escalated: value 0.93 for 14.8 ms")]
    [InlineData("previous", FrameEnd.Skipped, 0, "previous", "skipped: value 0.93, answer 0 ms old")]
    public void The_value_rule_names_what_it_expected(string path, FrameEnd end, int decision, string option, string expected)
    {
        var record = PublishSamples.Record(_tree, path, end, 5);
        int index = Array.FindIndex(_tree.Nodes[record.Decisions[decision].NodeIndex].Options, o => o.Name == option);
        record.Decisions[decision].Values[index] = new OptionValue(0.93f, 14.8f, 16, 0, 14.8f, float.NaN, OptionDenial.None, 0);
        Assert.Equal(expected, DecisionText.ReasonOf(_tree, record, null));
    }

    [Fact]
    public void The_reason_of_a_path_to_its_end_is_the_decision_that_took_it()
    {
        var record = PublishSamples.Record(_tree, "light>heavy", FrameEnd.Escalated, 5);
        record.End = FrameEnd.Completed;
        record.Decisions[1].Values[record.Decisions[1].OptionIndex] = new OptionValue(0.97f, 9, 10, 0, 9, float.NaN, OptionDenial.None, 0);
        Assert.Equal("completed: value 0.97 for 9.0 ms", DecisionText.ReasonOf(_tree, record, null));
    }

    [Fact]
    public void Fixed_policy_needs_no_reason()
    {
        var record = PublishSamples.Record(_tree, "light", FrameEnd.Exited, 5);
        Assert.Equal("exited", DecisionText.ReasonOf(_tree, record, null));
    }

    [Fact]
    public void Failed_frame_has_no_path()
    {
        var record = new TraceRecord { End = FrameEnd.Failed, NodeIndex = -1 };
        Assert.Equal(("no answer", "failed"), (DecisionText.PathOf(_tree, record), DecisionText.ReasonOf(_tree, record, null)));
    }
}
