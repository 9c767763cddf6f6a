using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>Actions to whoever moves.</summary>
public sealed class ActionSubscriptionTests
{
    [Fact]
    public void Each_subscriber_gets_the_actions_of_the_stream_that_it_named_in_order()
    {
        using var rig = new ChannelRig();
        using var one = rig.Connect();
        using var all = rig.Connect();
        one.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Action, Stream = "front" });
        all.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Action });
        Assert.Equal((2, 1), (rig.Actions.TakersOf("front"), rig.Actions.TakersOf("rear")));
        foreach (string source in new[] { "rear", "front", "front" })
        {
            rig.Actions.Publish(new ActionMessage { Source = source, Values = [0.5f, float.NaN], PlanSequence = 7, AgeMs = 12 });
        }

        ActionMessage[] got = [Next(one), Next(one)];
        Assert.Equal([(1L, "front"), (2, "front")], got.Select(a => (a.Number, a.Source)));
        Assert.Equal((0.5f, true), (got[0].Values[0], float.IsNaN(got[0].Values[1])));
        Assert.Equal((7L, 12d), (got[0].PlanSequence!.Value, got[0].AgeMs!.Value));
        Assert.Equal(["rear", "front", "front"], Enumerable.Range(0, 3).Select(_ => Next(all).Source));
        Assert.Equal(0, rig.Actions.LostCount);
    }

    private static ActionMessage Next(ChannelClient client) => client.Notification<ActionMessage>(ControlNotification.Action);

    [Fact]
    public void A_stream_that_is_not_there_and_what_only_other_kinds_take_are_refused()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Assert.Equal(RpcErrorCode.NotFound, client.AskRefused(ControlMethod.Subscribe,
            new SubscribeRequest { Kind = ControlNotification.Action, Stream = "no such stream" }).Code);
        Assert.Contains("leave 'rate_hz' and 'filter' out", client.AskRefused(ControlMethod.Subscribe,
            new SubscribeRequest { Kind = ControlNotification.Action, RateHz = 5 }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_unsubscribes_or_leaves_takes_no_more()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        var subscription = client.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Action });
        Assert.Equal(1, rig.Actions.TakersOf("front"));
        client.Ask<Subscription>(ControlMethod.Unsubscribe, subscription);
        Assert.Equal(0, rig.Actions.TakersOf("front"));
        using (var other = rig.Connect())
        {
            other.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Action });
        }

        Assert.True(SpinWait.SpinUntil(() => rig.Actions.TakersOf("front") == 0, TimeSpan.FromMinutes(1)));
    }
}
