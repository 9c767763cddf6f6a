using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
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
    public async Task A_recording_that_cannot_begin_is_in_the_status_and_begins_once_it_can()
    {
        using var rig = Rig("record: { seconds: 60, frames: none }");
        File.WriteAllText(rig.File("recordings"), "in the way");
        RuleStatus Status() => rig.Steering.Status().Streams[0].Rules[0];
        await rig.PumpUntil(() => Status().Fault is not null || rig.Engine.Recordings.Open.Count == 1);
        Assert.Contains(rig.File("recordings"), Status().Fault, StringComparison.Ordinal);
        File.Delete(rig.File("recordings"));
        await rig.PumpUntil(() => rig.Engine.Recordings.Open.Count == 1);
        await rig.PumpUntil(() => Status() is { Fault: null, LostCount: 0 });
        Assert.Single(rig.Lines, l => l.Contains("rule 'quick' cannot have it done", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_recording_that_could_not_begin_while_it_was_wanted_is_counted_and_stays_in_the_status()
    {
        using var rig = Rig("record: { seconds: 60, frames: none }");
        await rig.PumpUntil(() => rig.Engine.Recordings.Open.Count == 1);
        var orders = new RuleOrders(rig.Engine, rig.Steering.Changes, (_, _, _) =>
            throw new RpcRefusedException(RpcErrorCode.Failed, "the disk is full")) { RecordTriesNs = 0 };
        await orders.Follow();
        var status = new RuleStatus { Name = "quick" };
        orders.AddTo(status, 0);
        Assert.Equal((0, "the disk is full"), (status.LostCount, status.Fault));
        await Take(rig, "heavy_1");
        await rig.PumpUntil(() => !rig.Steering.Status().Streams[0].Rules[0].IsOn);
        while (orders.IsDue() || status.LostCount == 0)
        {
            await orders.Follow();
            orders.AddTo(status, 0);
            await Task.Yield();
        }

        Assert.Equal((1, "its recording is lost: the disk is full"), (status.LostCount, status.Fault));
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
