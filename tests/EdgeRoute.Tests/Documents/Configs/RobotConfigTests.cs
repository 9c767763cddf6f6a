using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>A source whose robot is a program of its own.</summary>
public sealed class RobotConfigTests
{
    private static DeviceConfigReading Read(string source, string more = "control: {}") => DeviceConfigReader.ReadText(
        $"packs: {{ d: {{ manifest: m }} }}\nsources: {{ arm: {{ open: rtsp://camera/1, pack: d, {source} }} }}\n{more}\n", "/robot/d.yaml",
        checkPaths: false);

    private static string Problem(string source, string more = "control: {}") => Assert.Single(Read(source, more).Problems).Message;

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var source = Read("state: { from: channel }, actions: { actuator: channel, hz: 30 }").Config!.Sources[0];
        Assert.Equal(new StateConfig(StateOrigin.Channel, 200), source.State);
        Assert.Equal(new ActionConfig(ActuatorKind.Channel, 30, 500), source.Actions);
        Assert.Equal((null, true, 0d), (source.Actions!.Blends, source.Actions.SkipsPassed, source.Actions.LatencyMs));
        Assert.Equal(33_333_333, source.Actions.StepNs);
        var plain = Read("stall_ms: 900").Config!.Sources[0];
        Assert.True(plain.State is null && plain.Actions is null);
    }

    [Fact]
    public void The_effective_config_reads_as_the_same()
    {
        var config = Read("state: { from: channel, max_age_ms: 80.5, instruction_max_age_ms: none }, "
            + "actions: { actuator: log, hz: 12.5, max_age_ms: 900, blend: false, "
            + "latency_ms: 40, path: actions.jsonl }").Config!;
        string text = config.Effective();
        Assert.Contains("    state:\n      from: channel\n      max_age_ms: 80.5\n      instruction_max_age_ms: none\n", text,
            StringComparison.Ordinal);
        Assert.Contains("    actions:\n      actuator: log\n      hz: 12.5\n      max_age_ms: 900\n      blend: false\n"
            + "      skip_passed: true\n      latency_ms: 40\n      path: \"actions.jsonl\"\n", text, StringComparison.Ordinal);
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/d.yaml", checkPaths: false).Config!.Effective());
        text = Read("actions: { actuator: mqtt, hz: 1, output: home }", Broker).Config!.Effective();
        Assert.Contains("      output: home\n", text, StringComparison.Ordinal);
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/d.yaml", checkPaths: false).Config!.Effective());
        text = Read("actions: { actuator: channel, hz: 1, skip_passed: false }").Config!.Effective();
        Assert.Contains("      blend: auto\n", text, StringComparison.Ordinal);
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/d.yaml", checkPaths: false).Config!.Effective());
    }

    private const string Broker = "outputs: { home: { kind: mqtt, broker: 'mqtt://broker' } }";

    [Fact]
    public void A_state_at_a_broker_says_where_it_stands()
    {
        var source = Read("state: { from: mqtt, output: home, topic: robot/joints, values: [arm.at, open], utc_ns: at, max_age_ms: 90, "
            + "instruction_topic: robot/task, instruction: words }", Broker).Config!.Sources[0];
        var topic = new StateTopicConfig("home", "robot/joints", "arm.at, open")
        {
            UtcNs = "at", InstructionTopic = "robot/task", Instruction = "words",
        };
        Assert.Equal(new StateConfig(StateOrigin.Mqtt, 90) { Topic = topic }, source.State);
        Assert.Equal(["arm.at", "open"], source.State!.Topic!.Fields);
        Assert.True(source.State.TellsInstruction);
        string text = Read("state: { from: mqtt, output: home, topic: a, values: [b], instruction_topic: c, instruction: d, utc_ns: e }",
            Broker).Config!.Effective();
        Assert.Contains("      output: home\n      topic: \"a\"\n      values: [\"b\"]\n      utc_ns: \"e\"\n", text,
            StringComparison.Ordinal);
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/d.yaml", checkPaths: false).Config!.Effective());
        Assert.False(Read("state: { from: mqtt, output: home, topic: a }", Broker).Config!.Sources[0].State!.TellsInstruction);
    }

    [Theory]
    [InlineData("topic: a/#", "sources.arm.state.topic is 'a/#'; a topic is words with '/' between them, such as site/robot1, without '+', "
        + "'#' and a '$' at its beginning")]
    [InlineData("topic: a, values: [a..b]", "sources.arm.state.values names 'a..b'; write names and places in lists with dots between "
        + "them, such as joints.0 or arm.gripper")]
    [InlineData("topic: a, instruction: b", "sources.arm.state.instruction is given, and 'instruction_topic' is not; nothing would be read "
        + "there")]
    [InlineData("topic: a, instruction_topic: a", "sources.arm.state.instruction_topic is 'a', as 'topic' is; give the task a topic of its "
        + "own")]
    public void What_could_not_be_subscribed_to_or_found_is_refused(string keys, string problem) =>
        Assert.Equal(problem, Problem($"state: {{ from: mqtt, output: home, {keys} }}", Broker));

    [Theory]
    [InlineData("state: { max_age_ms: 5 }", "sources.arm.state needs 'from'")]
    [InlineData("state: { from: chanel }", "sources.arm.state.from is 'chanel'; it must be one of channel, mqtt; did you mean "
        + "'channel'?")]
    [InlineData("state: { from: mqtt, topic: a }", "sources.arm.state needs 'output'")]
    [InlineData("state: { from: mqtt, output: home, topic: a }",
        "sources.arm.state.output names 'home'; the config has no output of the kind mqtt")]
    [InlineData("state: { from: channel, topic: a }", "unknown key 'topic' in sources.arm.state; valid here: from, "
        + "max_age_ms, instruction_max_age_ms")]
    [InlineData("state: { from: channel, instruction_max_age_ms: 0 }",
        "sources.arm.state.instruction_max_age_ms is '0'; it must be a number from 1000 to 86400000 ms, or none")]
    [InlineData("state: { from: channel, max_age_ms: none }",
        "sources.arm.state.max_age_ms is 'none'; it must be a number from 1 to 60000 ms")]
    [InlineData("state: { from: channel, max_age_ms: 0 }",
        "sources.arm.state.max_age_ms is '0'; it must be a number from 1 to 60000 ms, or none")]
    [InlineData("actions: { actuator: channel }", "sources.arm.actions needs 'hz'")]
    [InlineData("actions: { actuator: canal, hz: 30 }", "sources.arm.actions.actuator is 'canal'; it must be one of channel, log, mqtt, "
        + "pca9685, servo, dc_motor")]
    [InlineData("actions: { actuator: mqtt, hz: 30 }", "sources.arm.actions needs 'output'")]
    [InlineData("actions: { actuator: mqtt, hz: 30, output: home }",
        "sources.arm.actions.output names 'home'; the config has no output of the kind mqtt")]
    [InlineData("actions: { actuator: channel, hz: 30, blend: maybe }",
        "sources.arm.actions.blend is 'maybe'; it must be one of auto, true, false")]
    [InlineData("actions: { actuator: channel, hz: 30, max_age_ms: none }",
        "sources.arm.actions.max_age_ms is 'none'; it must be a number from 1 to 60000 ms")]
    [InlineData("actions: { actuator: log, hz: 30 }", "sources.arm.actions needs 'path'")]
    [InlineData("actions: { actuator: channel, hz: 30, path: a }", "sources.arm.actions.path is only for the actuator log")]
    [InlineData("actions: { actuator: channel, hz: 30, skip_passed: false, latency_ms: 9 }",
        "sources.arm.actions.latency_ms is given, but with skip_passed: false nothing is skipped; leave one of them out")]
    [InlineData("actions: { actuator: channel, hz: 30, blends: true }",
        "unknown key 'blends' in sources.arm.actions; did you mean 'blend'?")]
    public void What_is_wrong_is_told_with_what_would_be_right(string source, string problem) => Assert.Equal(problem, Problem(source));

    [Fact]
    public void Nothing_comes_or_goes_over_a_channel_that_is_not_there()
    {
        Assert.Contains("sources.arm.state comes from the control channel, and this config has no group 'control'",
            Problem("state: { from: channel }", ""), StringComparison.Ordinal);
        Assert.Contains("sources.arm.actions go out over the control channel, and this config has no group 'control'",
            Problem("actions: { actuator: channel, hz: 30 }", ""), StringComparison.Ordinal);
        Assert.Empty(Read("actions: { actuator: log, hz: 30, path: a }", "").Problems);
    }
}
