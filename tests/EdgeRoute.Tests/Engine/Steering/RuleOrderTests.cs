using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>What rules have done beside the frames' road. The rule is on while frames take the light path.</summary>
public sealed class RuleOrderTests
{
    private const string Control = "control: { unix: none }";

    private static SteeringRig Rig(string orders) => new("kind: fixed, path: light",
        $", rules: {{ quick: {{ when: {{ path: light }}, {orders} }} }}", Control);

    private static double? Deadline(SteeringRig rig) => rig.Engine.State.Live[0].Setup.Source.DeadlineMs;

    private static Task Take(SteeringRig rig, string path) => rig.Change(new SettingSet { Policy = SettingValue.Of("fixed:" + path) });

    [SkippableFact]
    public async Task Settings_are_others_while_a_rule_is_on_and_as_before_when_it_is_off_again()
    {
        using var rig = Rig("set: { deadline_ms: 5000, max_age_ms: 700 }");
        await rig.PumpUntil(() => Deadline(rig) == 5000);
        Assert.Equal(700, rig.Engine.State.Live[0].Setup.Source.MaxAgeMs);
        await Take(rig, "heavy_1");
        await rig.PumpUntil(() => Deadline(rig) is null);
        Assert.Null(rig.Engine.State.Live[0].Setup.Source.MaxAgeMs);
        await Take(rig, "light");
        await rig.PumpUntil(() => Deadline(rig) == 5000);
        var entries = rig.Journal.Recent().Where(e => e.Who.Contains("rule quick of table", StringComparison.Ordinal)).ToList();
        Assert.Equal(["while the rule is on", "the rule is off again", "while the rule is on"], entries.Select(e => e.Reason));
        Assert.Contains("deadline_ms", entries[0].Differences.Select(d => d.Name));
    }

    [SkippableFact]
    public async Task What_somebody_else_has_set_meanwhile_stays()
    {
        using var rig = Rig("set: { deadline_ms: 5000, max_age_ms: 700 }");
        await rig.PumpUntil(() => Deadline(rig) == 5000);
        await rig.Change(new SettingSet { DeadlineMs = SettingValue.Of(4000) });
        await Take(rig, "heavy_1");
        await rig.PumpUntil(() => rig.Engine.State.Live[0].Setup.Source.MaxAgeMs is null);
        Assert.Equal(4000, Deadline(rig));
    }

    [SkippableFact]
    public async Task A_trial_in_the_way_is_told_once_and_waited_for()
    {
        using var rig = Rig("set: { deadline_ms: 5000 }");
        await rig.PumpUntil(() => Deadline(rig) == 5000);
        await rig.Change(new SettingSet { MaxAgeMs = SettingValue.Of(900), Policy = SettingValue.Of("fixed:heavy_1") },
            new TrialRequest { Seconds = 600 });
        const string Refusal = "rule 'quick' cannot have it done: a change of stream table is on trial";
        await rig.PumpUntil(() => rig.HasSaid(Refusal));
        Assert.Equal(5000, Deadline(rig));
        await rig.Call<TrialStatus>(ControlMethod.TrialKeep);
        await rig.PumpUntil(() => Deadline(rig) is null);
        Assert.Single(rig.Lines, l => l.Contains(Refusal, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_recording_begins_each_time_a_rule_turns_on_and_ends_by_itself()
    {
        using var rig = Rig("record: { seconds: 1, frames: none }");
        await rig.PumpUntil(() => rig.Engine.Recordings.Open.Count == 1);
        string path = rig.Engine.Recordings.Open[0].Path;
        Assert.StartsWith("table-quick-", Path.GetFileName(path), StringComparison.Ordinal);
        await rig.PumpUntil(() => rig.HasSaid($"bytes in {path}"));
        using (var file = File.OpenRead(path))
        {
            Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
        }

        Assert.Empty(rig.Engine.Recordings.Open);
        await Take(rig, "heavy_1");
        rig.PassFrames(5);
        await Take(rig, "light");
        await rig.PumpUntil(() => rig.Engine.Recordings.Open.Count == 1);
        Assert.NotEqual(path, rig.Engine.Recordings.Open[0].Path);
        Assert.Contains("rule quick of table", rig.Journal.Recent().First(e => e.Method == ControlMethod.RecordStart).Who,
            StringComparison.Ordinal);
    }
}
