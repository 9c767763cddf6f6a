using EdgeRoute.ControlChannel.Metrics;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Serving;

public sealed class AnswerSubscriptionTests
{
    private static readonly (string Class, double Confidence)[] Nothing = [];

    [Fact]
    public void Every_answer_comes_as_it_was_told()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        int number = Subscribe(client);
        var sent = Boxes("front", 7, ("person", 0.75), ("bike", 0.5));
        sent.Detections[0].Keypoints = [0.5f, float.NaN, 1];
        sent.Detections[1].Mask = new MaskEntry { Size = [4, 6], Counts = "abc" };
        sent.Action = new PlannedAction { Values = [1, 2], PlanPath = "light" };
        rig.Tell(sent);
        var told = Next(client);
        Assert.Equal((number, 1, 0, "front", 7L, "light"), (told.Subscription, (int)told.Number, (int)told.LostCount, told.Source,
            told.Sequence, told.Path));
        Assert.Equal(["person 0.75", "bike 0.5"], told.Detections.Select(d => $"{d.Class} {d.Confidence}"));
        Assert.Equal([0.5f, float.NaN, 1], told.Detections[0].Keypoints);
        Assert.Equal(("abc", "light"), (told.Detections[1].Mask!.Counts, told.Action!.PlanPath));
        rig.Tell(new AnswerMessage { Source = "rear", Sequence = 8, End = "failed", Path = "failed", Fault = "no end" });
        told = Next(client);
        Assert.Equal(("no end", null, null, 2L), (told.Fault, told.AgeMs, told.SeenSequence, told.Number));
    }

    [Fact]
    public void Filters_leave_out_what_does_not_pass_and_each_subscriber_has_its_own()
    {
        using var rig = new ChannelRig();
        using var persons = rig.Connect();
        using var cats = rig.Connect();
        using var sure = rig.Connect();
        using var all = rig.Connect();
        Subscribe(persons, new SubscribeRequest { Stream = "front", Filter = new AnswerFilter { Classes = ["person"] } });
        Subscribe(sure, new SubscribeRequest { Filter = new AnswerFilter { MinConfidence = 0.9 } });
        Subscribe(all);
        Subscribe(cats, new SubscribeRequest { Filter = new AnswerFilter { Classes = ["cat"] } });
        rig.Tell(Boxes("rear", 1, ("cat", 0.5)));
        rig.Tell(Boxes("front", 2, ("person", 0.3), ("bike", (float)0.9)));
        rig.Tell(Boxes("rear", 3));
        Assert.Equal("front 2: person", Words(Next(persons)));
        Assert.Equal(["rear 1: cat", "rear 3: "], [Words(Next(cats)), Words(Next(cats))]);
        Assert.Equal(["rear 1: ", "front 2: bike"], [Words(Next(sure)), Words(Next(sure))]);
        Assert.Equal(["rear 1: cat", "front 2: person,bike"], [Words(Next(all)), Words(Next(all))]);
    }

    [Fact]
    public void The_surest_classes_and_segments_are_filtered_too()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Filter = new AnswerFilter { Classes = ["cat", "bike"], MinConfidence = 0.25 } });
        var answer = Boxes("front", 0);
        answer.Classes = [Class("person", probability: 0.5), Class("cat", probability: 0.25), Class("bike", probability: 0.125)];
        answer.Segments = [Class("person", share: 0.5), Class("bike", share: 0.01)];
        rig.Tell(answer);
        var told = Next(client);
        Assert.Equal(("cat", "bike"), (Assert.Single(told.Classes).Class, Assert.Single(told.Segments).Class));
    }

    [Fact]
    public void Only_changes_are_told_where_nothing_else_is_wanted()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Filter = new AnswerFilter { OnlyChanges = true, MinConfidence = 0.5 } });
        (string, double)[][] frames =
        [
            [("person", 0.9)], [("person", 0.8)], [("person", 0.8), ("person", 0.6)], [("person", 0.7), ("person", 0.4)], Nothing, Nothing,
        ];
        for (int i = 0; i < frames.Length; i++)
        {
            rig.Tell(Boxes("front", i, frames[i]));
            rig.Tell(Boxes("rear", i, ("cat", 0.9)));
        }

        rig.Tell(new AnswerMessage { Source = "front", Sequence = 6, Task = "detection", End = "failed", Path = "failed" });
        Assert.Equal(["front 0: person", "rear 0: cat", "front 2: person,person", "front 3: person", "front 4: ", "front 6: "],
            Enumerable.Range(0, 6).Select(_ => Words(Next(client))));
    }

    [Fact]
    public void A_rate_is_that_of_each_stream()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { RateHz = 10 });
        for (int i = 0; i < 30; i++)
        {
            rig.Tell(Boxes("front", i));
            rig.Tell(Boxes("rear", i));
        }

        var told = Enumerable.Range(0, 20).Select(_ => Next(client)).ToLookup(a => a.Source, a => a.Sequence);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 3L * i), told["front"]);
        Assert.Equal(told["front"], told["rear"]);
    }

    [Fact]
    public void A_subscriber_that_does_not_read_loses_alone_and_every_loss_is_counted()
    {
        using var rig = new ChannelRig();
        using var stalled = rig.Connect();
        using var reader = rig.Connect();
        Subscribe(stalled);
        Subscribe(reader);
        long published = 0;
        while (Stalled(rig).LostCount < 50)
        {
            var answer = Boxes("front", published++);
            answer.Values = new float[4096];
            rig.Tell(answer);
            Assert.Equal(published, Next(reader).Number);
        }

        var status = Stalled(rig);
        Assert.Equal(published, status.ToldCount + status.LostCount);
        var whole = rig.Status().Outputs.Single(o => o.Kind == OutputStatus.Channel);
        Assert.Equal((published + status.ToldCount, status.LostCount), (whole.ToldCount, whole.LostCount));
        string metrics = MetricsText.Of(rig.Status(), []);
        Assert.Contains($"edgeroute_answers_lost_total{{kind=\"channel\",output=\"channel\"}} {status.LostCount}\n", metrics,
            StringComparison.Ordinal);
        Assert.Contains($"kind=\"subscriber\",output=\"{status.Name}\"}} {status.LostCount}\n", metrics, StringComparison.Ordinal);

        // Once it reads again it is told of what it has lost, and goes on.
        for (long i = 1; i <= status.ToldCount; i++)
        {
            Assert.Equal(0, Next(stalled).LostCount);
        }

        rig.Tell(Boxes("front", published));
        Assert.Equal((status.LostCount, published), (Next(stalled).LostCount, Next(reader).Number - 1));
    }

    [Fact]
    public void What_a_client_lost_is_counted_when_it_has_gone_and_nobody_is_fed_any_more()
    {
        using var rig = new ChannelRig();
        using (var client = rig.Connect())
        {
            Subscribe(client);
            Assert.True(rig.Answers.IsWanted);
            rig.RingLost = 5;
            rig.Tell(Boxes("front", 0));
            Assert.Equal(5, Next(client).LostCount);
        }

        ChannelRig.WaitUntil(() => !rig.Answers.IsWanted, "the subscription does not end with its connection");
        rig.Fault = "it broke";
        var status = Assert.Single(rig.Status().Outputs);
        Assert.Equal((OutputStatus.Channel, 1L, 5L, "it broke"), (status.Kind, status.ToldCount, status.LostCount, status.Fault));
    }

    [Fact]
    public void Unsubscribing_ends_it_and_another_run_goes_on()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        int gone = Subscribe(client), stays = Subscribe(client);
        client.Ask<Subscription>(ControlMethod.Unsubscribe, new Subscription { Number = gone });
        var next = new AnswerWatch(_ => [], () => 1000);
        rig.Server.Bind(new ChannelBinding(rig.Methods, null, rig.Status) { Answers = next });
        rig.Tell(Boxes("front", 1));
        next.Publish(Boxes("front", 2), []);
        var told = Next(client);
        Assert.Equal((stays, 2L, 0L), (told.Subscription, told.Sequence, told.LostCount));
        Assert.Equal((false, true), (rig.Answers.IsWanted, next.IsWanted));
    }

    [Theory]
    [InlineData("side", "", 0, 0, RpcErrorCode.NotFound, "there is no stream 'side'")]
    [InlineData("front", "cat", 0, 0, RpcErrorCode.NotFound, "the stream 'front' does not know the class 'cat'")]
    [InlineData("", "perso", 0, 0, RpcErrorCode.NotFound, "no stream knows the class 'perso'")]
    [InlineData("", "", 1.5, 0, RpcErrorCode.BadRequest, "min_confidence is 1.5; it lies in 0 to 1")]
    [InlineData("", "", 0, -1, RpcErrorCode.BadRequest, "the rate is -1 Hz")]
    public void What_cannot_be_meant_is_refused(string stream, string name, double confidence, double rateHz, string code, string words)
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        var error = client.AskRefused(ControlMethod.Subscribe, new SubscribeRequest
        {
            Kind = ControlNotification.Answer, Stream = stream, RateHz = rateHz,
            Filter = new AnswerFilter { Classes = name.Length > 0 ? [name] : [], MinConfidence = confidence },
        });
        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(name == "perso", error.Hint == "did you mean 'person'?");
        Assert.False(rig.Answers.IsWanted);
    }

    private static OutputStatus Stalled(ChannelRig rig) => rig.Status().Outputs.First(o => o.Kind == OutputStatus.Subscriber);

    private static int Subscribe(ChannelClient client, SubscribeRequest? request = null)
    {
        request ??= new SubscribeRequest();
        request.Kind = ControlNotification.Answer;
        return client.Ask<Subscription>(ControlMethod.Subscribe, request).Number;
    }

    private static AnswerMessage Next(ChannelClient client) => client.Notification<AnswerMessage>(ControlNotification.Answer);

    private static string Words(AnswerMessage answer) =>
        $"{answer.Source} {answer.Sequence}: {string.Join(',', answer.Detections.Select(d => d.Class))}";

    private static ClassEntry Class(string name, double? probability = null, double? share = null) =>
        new() { Class = name, Probability = probability, Share = share };

    private static AnswerMessage Boxes(string source, long sequence, params (string Class, double Confidence)[] boxes) => new()
    {
        Source = source, Sequence = sequence, SeenSequence = sequence, AgeMs = 0, End = "completed", Path = "light", Task = "detection",
        PublishedNs = sequence * 33_333_334, Detections = [.. boxes.Select(b => new DetectionEntry
        {
            Class = b.Class, ClassIndex = b.Class.Length, Confidence = b.Confidence, Box = [0, 0, 1, 1],
        })],
    };
}
