using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>Zones, lines and rules in the device config.</summary>
public sealed class RuleReaderTests
{
    private const string Places = "zones: { door: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]] }, lines: { gate: [[0.5, 0], [0.5, 1]] }, ";

    [Fact]
    public void Every_condition_is_read()
    {
        var watch = Read(Places + """
            rules: {
              all_of_it: { when: { all: [
                { count: { class: person, confidence: 0.5, zone: door, at_least: 2, at_most: 4 } },
                { any: [ { dwell: { zone: door, at_least_ms: 3000 } }, { not: { speed: { class: car, at_least: 0.5 } } } ] },
                { crosses: { line: gate, direction: left_to_right } }, { near: { class: person, other: dog, within: 1.5 } },
                { path: 'light>heavy' }, { ended: failed }, { signal: { name: exposure, at_most: 0.1 } } ] },
                for_ms: 500, hold_ms: 2000, event: 'it happens', path: heavy },
              plain: { when: { count: {} } } }
            """.ReplaceLineEndings(" "));
        Assert.Equal("door", Assert.Single(watch.Zones).Name);
        Assert.Equal((new FramePoint(0.5f, 0), new FramePoint(0.5f, 1)), (watch.Lines[0].From, watch.Lines[0].To));
        var rule = watch.Rules[0];
        Assert.Equal(("all_of_it", 500d, 2000d, "it happens", "heavy"), (rule.Name, rule.ForMs, rule.HoldMs, rule.Event, rule.Path));
        var all = Assert.IsType<JoinedConfig>(rule.When);
        Assert.True(all.IsAll);
        Assert.Equal(new CountConfig(new ObjectsConfig("person", 0.5, "door"), 2, 4), all.Parts[0]);
        var any = Assert.IsType<JoinedConfig>(all.Parts[1]);
        Assert.Equal(new DwellConfig(new ObjectsConfig(null, 0, "door"), 3000), any.Parts[0]);
        Assert.Equal(new NotConfig(new SpeedConfig(new ObjectsConfig("car", 0, null), 0.5)), any.Parts[1]);
        Assert.Equal(new CrossesConfig(new ObjectsConfig(null, 0, null), "gate", CrossingDirection.LeftToRight), all.Parts[2]);
        Assert.Equal(new NearConfig(new ObjectsConfig("person", 0, null), "dog", 1.5), all.Parts[3]);
        Assert.Equal([new PathConfig("light>heavy"), new EndedConfig(FrameEnd.Failed),
            new SignalConfig("exposure", double.NegativeInfinity, 0.1)], all.Parts.Skip(4));
        Assert.Equal(("plain", null, 0d), (watch.Rules[1].Name, watch.Rules[1].Event, watch.Rules[1].HoldMs));
        Assert.Equal(new CountConfig(new ObjectsConfig(null, 0, null), 1, int.MaxValue), watch.Rules[1].When);
    }

    /// <summary>What is shown with every default filled in reads as what was written.</summary>
    [Fact]
    public void The_effective_config_has_the_same_rules()
    {
        var config = Reading(Places + "rules: { a: { when: { not: { count: { class: 'traffic light', at_least: 2 } } }, for_ms: 10 } }")
            .Config!;
        var again = DeviceConfigReader.ReadText(config.Effective(), "/robot/device.yaml", checkPaths: false);
        Assert.Empty(again.Problems);
        Assert.Equal(config.Sources[0].Watch.Rules, again.Config!.Sources[0].Watch.Rules);
        Assert.Equal(config.Sources[0].Watch.Zones[0].Corners, again.Config.Sources[0].Watch.Zones[0].Corners);
        Assert.Equal(config.Effective(), again.Config.Effective());
    }

    private const string Outputs = "outputs: { home: { kind: mqtt, broker: 'mqtt://broker' }, all: { kind: jsonl, path: a } }";

    [Fact]
    public void A_rule_may_tell_outputs()
    {
        var rules = Reading("rules: { r: { when: { count: {} }, output: { name: home, topic: lamp/set, on: 'ON', off: 'OFF', "
            + "retain: true } }, f: { when: { count: {} }, output: { name: all } } }", Outputs).Config!.Sources[0].Watch.Rules;
        Assert.Equal(new OutputActionConfig("home", "lamp/set") { OnText = "ON", OffText = "OFF", IsRetained = true }, rules[0].Output);
        Assert.Equal(new OutputActionConfig("all", null), rules[1].Output);
        Assert.False(rules[0].Output!.IsSilentOff || rules[1].Output!.IsSilentOff);
    }

    [Theory]
    [InlineData("name: hom, topic: a", ".name names 'hom'; did you mean 'home'?")]
    [InlineData("name: home", " needs 'topic': 'home' is of the kind mqtt, and its broker has to know where the message goes")]
    [InlineData("name: all, topic: a", " has 'topic', 'on', 'off' or 'retain', which only outputs of the kind mqtt know; 'all' gets an "
        + "object of JSON")]
    [InlineData("name: home, topic: a, off: 'OFF'", ".off is given, and 'on' is not; give both, or neither for an object of JSON")]
    public void What_an_output_could_not_tell_is_refused(string keys, string problem) => Assert.Equal(
        "sources.s.rules.r.output" + problem,
        Assert.Single(Reading($"rules: {{ r: {{ when: {{ count: {{}} }}, output: {{ {keys} }} }} }}", Outputs).Problems).Message);

    [Theory]
    [InlineData("zones: { z: [[0, 0], [1, 1]] }", "sources.s.zones.z is no shape: Zone 'z' has 2 corners; give 3 to 64.")]
    [InlineData("zones: { z: [[0, 0], [1, 1], [20, 1]] }", "sources.s.zones.z has a point that is none; write [x, y] in fractions")]
    [InlineData("zones: { z: [[0, 0], [1, 1], 3] }", "sources.s.zones.z has a point that is none")]
    [InlineData("lines: { l: [[0, 0], [1, 1], [1, 0]] }", "Line 'l' has 3 points; give two")]
    [InlineData("lines: { l: [[0, 0], [0, 0]] }", "Line 'l' begins and ends at 0, 0")]
    [InlineData("rules: { r: { hold_ms: 5 } }", "sources.s.rules.r needs 'when'")]
    [InlineData("rules: { r: { when: { count: {}, path: heavy } } }",
        "sources.s.rules.r.when has 2 conditions (count, path); give one of all, any")]
    [InlineData("rules: { r: { when: { cont: {} } } }", "sources.s.rules.r.when has 1 conditions (cont); give one of")]
    [InlineData("rules: { r: { when: { count: { zone: dor } } } }",
        "sources.s.rules.r.when.count.zone names 'dor', but the source has none")]
    [InlineData("zones: { door: [[0, 0], [1, 1], [1, 0]] }, rules: { r: { when: { count: { zone: dor } } } }", "did you mean 'door'")]
    [InlineData("rules: { r: { when: { count: { at_least: 4, at_most: 2 } } } }", "at_most is 2, less than 'at_least', which is 4")]
    [InlineData("rules: { r: { when: { dwell: { class: person } } } }", "sources.s.rules.r.when.dwell needs 'at_least_ms'")]
    [InlineData("rules: { r: { when: { signal: { name: motion } } } }", "needs 'at_least' or 'at_most'")]
    [InlineData("rules: { r: { when: { all: [] } } }", "sources.s.rules.r.when.all joins nothing")]
    [InlineData("rules: { r: { when: { all: [person] } } }", "sources.s.rules.r.when.all[0] is 'person'; it must be a condition")]
    [InlineData("rules: { r: { when: { count: {} }, then: alarm } }", "unknown key 'then' in sources.s.rules.r")]
    public void What_cannot_be_meant_is_refused(string keys, string expected)
    {
        var reading = Reading(keys);
        Assert.Null(reading.Config);
        Assert.Contains(expected, Assert.Single(reading.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_and_settings_of_a_rule_are_read()
    {
        var reading = Reading("policy: { kind: value }, rules: { r: { when: { count: {} }, record: { seconds: 5, frames: raw }, "
            + "set: { price: none, device_ms: 2.5, deadline_ms: 40 } }, plain: { when: { count: {} }, record: {} } }", "control: {}");
        Assert.Empty(reading.Problems);
        var rules = reading.Config!.Sources[0].Watch.Rules;
        Assert.Equal(new RecordActionConfig(5, RecordedFrames.Raw), rules[0].Record);
        Assert.Equal(["price none", "deadline_ms 40", "device_ms 2.5"], rules[0].Settings.Select(s => $"{s.Setting.ShortKey} {s.Value}"));
        Assert.Equal((new RecordActionConfig(30, RecordedFrames.Jpeg), 0), (rules[1].Record, rules[1].Settings.Count));
        string text = reading.Config!.Effective();
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/device.yaml", checkPaths: false).Config!.Effective());
    }

    [Theory]
    [InlineData("rules: { r: { when: { count: {} }, record: {} } }", "", "sources.s.rules has 'r', which records as a client of the "
        + "control channel does, and this config has no group 'control'; add one, such as control: {}")]
    [InlineData("rules: { r: { when: { count: {} }, set: { max_age_ms: 9 } } }", "", "sources.s.rules has 'r', which sets as a client")]
    [InlineData("rules: { r: { when: { count: {} }, record: { seconds: none } } }", "control: {}",
        "sources.s.rules.r.record.seconds is 'none'; it must be a number from 1 to 3600 s")]
    [InlineData("rules: { r: { when: { count: {} }, set: { pack: d } } }", "control: {}", "unknown key 'pack' in sources.s.rules.r.set")]
    [InlineData("rules: { r: { when: { count: {} }, set: { deadline_ms: -1 } } }", "control: {}",
        "sources.s.rules.r.set.deadline_ms is '-1'; it must be a number from 0.1 to 60000 ms, or none")]
    [InlineData("rules: { r: { when: { count: {} }, set: { device_ms: 4 } } }", "control: {}",
        "sources.s.rules has 'r', which sets device_ms, but only the policy 'value' knows it")]
    [InlineData("rules: { a: { when: { count: {} }, set: { deadline_ms: 4 } }, b: { when: { count: {} }, set: { deadline_ms: 5 } } }",
        "control: {}", "sources.s.rules has 'a' and 'b', which both set deadline_ms; one rule may, so that it is clear what holds")]
    public void Orders_that_nobody_could_follow_are_refused(string keys, string top, string problem) =>
        Assert.StartsWith(problem, Assert.Single(Reading(keys, top).Problems).Message, StringComparison.Ordinal);

    private static WatchConfig Read(string keys)
    {
        var reading = Reading(keys);
        Assert.Empty(reading.Problems);
        return reading.Config!.Sources[0].Watch;
    }

    private static DeviceConfigReading Reading(string keys, string top = "") => DeviceConfigReader.ReadText(
        $"packs: {{ d: {{ manifest: m }} }}\nsources: {{ s: {{ pack: d, open: walk.mp4, {keys} }} }}\n{top}", "/robot/device.yaml",
        checkPaths: false);
}
