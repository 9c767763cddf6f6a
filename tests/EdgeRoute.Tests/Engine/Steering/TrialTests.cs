using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Changes that must prove themselves.</summary>
public sealed class TrialTests
{
    private static readonly SettingSet Heavy = new() { Policy = SettingValue.Of("fixed:heavy_1") };

    [SkippableFact]
    public async Task A_broken_condition_takes_the_change_back()
    {
        using var rig = new SteeringRig("kind: cascade");
        string before = rig.Engine.State.Config.HashText();
        var reply = await rig.Change(Heavy, new TrialRequest { Seconds = 600, LatencyMsP99 = 0.0001 });
        Assert.Equal(("running", "on trial"), (reply.Trial!.State, rig.Journal.Recent()[0].Outcome));
        await rig.PumpUntil(() => rig.Steering.Status().Trial is null);
        Assert.Equal(before, rig.Engine.State.Config.HashText());
        var ended = await rig.Call<TrialStatus>(ControlMethod.Trial);
        Assert.Equal("rolled_back", ended.State);
        Assert.StartsWith("p99 ms", ended.Conditions[0], StringComparison.Ordinal);
        var entry = rig.Journal.Recent()[^1];
        Assert.Equal("device", entry.Who);
        Assert.StartsWith("rolled back: p99 ms", entry.Outcome, StringComparison.Ordinal);
        rig.PassFrames(10);
    }

    [SkippableFact]
    public async Task A_change_whose_conditions_hold_to_the_end_is_kept()
    {
        using var rig = new SteeringRig("kind: cascade");
        await rig.Change(Heavy, new TrialRequest { Seconds = 1, FailedMost = 0, DeviceMsMean = 10_000 });
        rig.PassFrames(3);
        await rig.PumpUntil(() => rig.Steering.Status().Trial is null);
        Assert.Equal("kept", (await rig.Call<TrialStatus>(ControlMethod.Trial)).State);
        var entry = rig.Journal.Recent()[^1];
        Assert.StartsWith("kept: every condition held (failed frames 0 (must be <= 0); device ms a frame ", entry.Outcome,
            StringComparison.Ordinal);
        Assert.Contains("path: \"heavy_1\"", rig.Engine.State.Config.Effective(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_trial_that_the_run_does_not_outlive_is_told_in_the_journal()
    {
        var rig = new SteeringRig("kind: cascade");
        await rig.Change(Heavy, new TrialRequest { Seconds = 600 });
        rig.Dispose();
        Assert.Equal(["on trial", "not decided: the run ended during the trial; the next begins with the config"],
            rig.Journal.Recent().Select(e => e.Outcome));
    }

    [SkippableFact]
    public async Task A_confirmation_that_does_not_come_takes_the_change_back()
    {
        using var rig = new SteeringRig("kind: cascade");
        await rig.Change(Heavy, new TrialRequest { Seconds = 1, NeedsConfirmation = true });
        rig.PassFrames(3);
        await rig.PumpUntil(() => rig.Steering.Status().Trial is null);
        var ended = await rig.Call<TrialStatus>(ControlMethod.Trial);
        Assert.Equal(("rolled_back", "nobody confirmed it"), (ended.State, ended.Conditions[0]));
    }

    [SkippableFact]
    public async Task A_trial_is_kept_or_cancelled_by_hand_and_stands_in_the_way_meanwhile()
    {
        using var rig = new SteeringRig("kind: cascade");
        string before = rig.Engine.State.Config.HashText();
        await rig.Change(Heavy, new TrialRequest { Seconds = 600, NeedsConfirmation = true });
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Change(new SettingSet { DeadlineMs = SettingValue.Of(100) }));
        Assert.Equal(RpcErrorCode.Conflict, refused.Error.Code);
        var preview = await rig.Change(new SettingSet { DeadlineMs = SettingValue.Of(100) }, isDryRun: true);
        Assert.Contains("it would be refused now: a change of stream table is on trial", preview.Effects);
        Assert.Equal("rolled_back", (await rig.Call<TrialStatus>(ControlMethod.TrialCancel)).State);
        Assert.Equal(before, rig.Engine.State.Config.HashText());
        await rig.Change(Heavy, new TrialRequest { Seconds = 600, NeedsConfirmation = true });
        Assert.Equal("kept", (await rig.Call<TrialStatus>(ControlMethod.TrialKeep)).State);
        Assert.NotEqual(before, rig.Engine.State.Config.HashText());
        Assert.Equal(RpcErrorCode.NotFound,
            (await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<TrialStatus>(ControlMethod.TrialKeep))).Error.Code);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1e9)]
    [InlineData(double.NaN)]
    public async Task A_trial_needs_a_time_it_can_end_at(double seconds)
    {
        using var rig = new SteeringRig("kind: cascade");
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Change(Heavy, new TrialRequest { Seconds = seconds }));
        Assert.Equal(RpcErrorCode.BadRequest, refused.Error.Code);
    }
}
