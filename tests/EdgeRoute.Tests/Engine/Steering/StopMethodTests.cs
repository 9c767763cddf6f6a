using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>The emergency stop over the channel, on a running engine.</summary>
public sealed class StopMethodTests
{
    [SkippableFact]
    public async Task Who_presses_is_told_journaled_and_seen_until_it_is_released()
    {
        using var rig = new SteeringRig();
        Assert.Null(rig.Steering.Status().Stop);
        await rig.Call<DoneReply>(ControlMethod.Stop, new StopRequest { Reason = "a hand in the cell" });
        Assert.True(rig.Engine.EmergencyStop.IsPressed);
        var cause = Assert.Single(rig.Steering.Status().Stop!.Causes);
        Assert.Equal((StopCauseEntry.Channel, "anna (admin, unix): a hand in the cell"), (cause.Cause, cause.Reason));
        Assert.True(rig.HasSaid("emergency stop: pressed by control channel (anna (admin, unix): a hand in the cell)"));
        var again = await rig.Call<DoneReply>(ControlMethod.Stop, new StopRequest());
        Assert.Contains("stopped already", again.Text);
        await rig.Call<DoneReply>(ControlMethod.Release);
        Assert.False(rig.Engine.EmergencyStop.IsPressed);
        Assert.Null(rig.Steering.Status().Stop);
        Assert.Equal(["stopped", "was stopped already", "released"],
            rig.Journal.Recent().Where(e => e.Method is ControlMethod.Stop or ControlMethod.Release).Select(e => e.Outcome));
    }

    [SkippableFact]
    public async Task The_channel_does_not_let_go_what_a_button_holds()
    {
        using var rig = new SteeringRig();
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<DoneReply>(ControlMethod.Release));
        Assert.Equal("the emergency stop is not pressed", refused.Error.Message);
        rig.Engine.EmergencyStop.Press("line estop");
        refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<DoneReply>(ControlMethod.Release));
        Assert.Equal(RpcErrorCode.Conflict, refused.Error.Code);
        Assert.Contains("held by line estop", refused.Error.Message);
        await rig.Call<DoneReply>(ControlMethod.Stop, new StopRequest());
        Assert.Contains("still held by line estop", (await rig.Call<DoneReply>(ControlMethod.Release)).Text);
        Assert.True(rig.Engine.EmergencyStop.IsPressed);
    }
}
