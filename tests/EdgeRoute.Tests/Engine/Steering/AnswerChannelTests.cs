using System.Text.Json;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Tests.ControlChannel.Serving;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>A whole device in this process, with a subscriber at its Unix socket and a file of answers beside it.</summary>
public sealed class AnswerChannelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Socket => _folder.File("control.sock");

    private string Answers => _folder.File("answers.jsonl");

    private string Outputs => $"outputs: {{ all: {{ kind: jsonl, path: {Answers} }} }}\ndisk: {{ free_mb: 0 }}";

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_subscriber_and_the_file_are_told_the_same_of_the_same_frames()
    {
        var told = new List<AnswerMessage>();
        using (var rig = Device())
        {
            using var client = Connect();
            client.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Answer });
            while (told.Count < 100)
            {
                told.Add(client.Notification<AnswerMessage>(ControlNotification.Answer));
            }

            var outputs = rig.Ask<DeviceStatus>(ControlMethod.Status).Outputs;
            Assert.Equal(["all", "channel"], outputs.Take(2).Select(o => o.Name));
            Assert.Equal(["jsonl", "channel", "subscriber"], outputs.Select(o => o.Kind));
            Assert.All(outputs, o => Assert.Equal((0, null), (o.LostCount, o.Fault)));
        }

        var written = File.ReadLines(Answers).Select(l => JsonDocument.Parse(l).RootElement)
            .ToDictionary(l => l.GetProperty("sequence").GetInt64());
        Assert.All(told, answer =>
        {
            var line = written[answer.Sequence];
            Assert.Equal((answer.Source, answer.Path, answer.End, answer.CaptureNs, answer.PublishedNs, answer.SeenSequence), (
                line.GetProperty("source").GetString(), line.GetProperty("path").GetString(), line.GetProperty("end").GetString(),
                line.GetProperty("capture_ns").GetInt64(), line.GetProperty("published_ns").GetInt64(),
                line.GetProperty("seen_sequence").GetInt64()));
            Assert.Equal(answer.Detections.Select(Words), line.GetProperty("detections").EnumerateArray().Select(Words));
        });
        Assert.Contains(told, a => a.Detections.Count > 1);
    }

    /// <summary>It goes on being told nothing for as long as the device captures far more than the socket and its queue hold.</summary>
    [SkippableFact]
    public void A_subscriber_that_reads_nothing_costs_no_frame_and_what_it_loses_is_counted()
    {
        using var rig = Device(pace: "free");
        using var client = Connect();
        client.Send(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Answer });
        var status = new DeviceStatus();
        rig.Until("the subscriber loses answers", () =>
        {
            status = rig.Ask<DeviceStatus>(ControlMethod.Status);
            return status.Outputs.Exists(o => o.Kind == OutputStatus.Subscriber && o.LostCount > 100);
        });
        var stream = Assert.Single(status.Streams);
        Assert.Equal((0, 0), (stream.Dropped, stream.Failed));
        Assert.Equal(0, status.Outputs.Single(o => o.Name == "all").LostCount);
        rig.PassFrames();
    }

    [SkippableFact]
    public void Nobody_who_asks_for_what_is_not_there_is_subscribed()
    {
        using var rig = Device();
        using var client = Connect();
        var error = client.AskRefused(ControlMethod.Subscribe, new SubscribeRequest
        {
            Kind = ControlNotification.Answer, Filter = new AnswerFilter { Classes = ["red sqare"] },
        });
        Assert.Equal((RpcErrorCode.NotFound, "did you mean 'red square'?"), (error.Code, error.Hint));
        Assert.Equal(0, rig.Ask<DeviceStatus>(ControlMethod.Status).Channel.SubscriberCount);
    }

    /// <summary>The frames of this test are those of a real engine; only the channel's thread is left out.</summary>
    [SkippableFact]
    public void Frames_allocate_nothing_while_answers_are_told_and_written()
    {
        using var rig = new SteeringRig(outputs: Outputs);
        long told = 0;
        rig.Steering.Answers.Watch.Seen += (_, _) => Interlocked.Increment(ref told);
        rig.Steering.Answers.Watch.Want(true);
        rig.PassFrames(100);
        long before = rig.Engine.Report().LoopAllocatedBytes, least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            rig.PassFrames(100);
            long after = rig.Engine.Report().LoopAllocatedBytes;
            (before, least) = (after, Math.Min(least, after - before));
        }

        Assert.Equal(0, least);
        rig.StopLoop();
        rig.Steering.Answers.Dispose();
        Assert.True(told > 0, "nothing was told");
    }

    [SkippableFact]
    public async Task Answers_name_the_paths_of_a_pack_that_is_changed_while_they_are_told()
    {
        using var rig = new SteeringRig("kind: cascade", outputs: Outputs);
        rig.Steering.Answers.Watch.Want(true);
        await rig.Call<PackList>(ControlMethod.PackLoad, new PackLoadRequest { Name = "second",
            ManifestPath = ShapesSweeps.ShapesFolder + "/manifest.json" });
        rig.PassFrames(30);
        await rig.Change(new SettingSet { Pack = SettingValue.Of("second") });
        rig.PassFrames(300);
        rig.StopLoop();
        Assert.Null(rig.Engine.OutputStatuses()[0].Fault);
        Assert.True(rig.Engine.Report().Total.IsLawKept);
    }

    [SkippableFact]
    public void Standard_output_is_refused_to_a_program_that_writes_other_text_there()
    {
        using var rig = Device();
        string text = File.ReadAllText(_folder.File("device.yaml")).Replace($"path: {Answers}", "path: '-'", StringComparison.Ordinal);
        var put = rig.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = text, IsDryRun = true });
        Assert.Contains("outputs.all.path is '-', but this program's standard output has other text on it",
            Assert.Single(put.Problems), StringComparison.Ordinal);
        put = rig.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest
        {
            Text = text.Replace("path: '-'", "path: none/a.jsonl", StringComparison.Ordinal), IsDryRun = true,
        });
        Assert.Contains("no folder to write 'none/a.jsonl' into", Assert.Single(put.Problems), StringComparison.Ordinal);
    }

    private static string Words(DetectionEntry box) =>
        $"{box.Class} {box.ClassIndex} {MathF.Round((float)box.Confidence, 4)} {string.Join(' ', box.Box.Select(v => MathF.Round(v, 5)))}";

    private static string Words(JsonElement box) =>
        $"{box.GetProperty("class").GetString()} {box.GetProperty("class_index").GetInt32()} {box.GetProperty("confidence").GetSingle()} "
            + string.Join(' ', box.GetProperty("box").EnumerateArray().Select(v => v.GetSingle()));

    private ChannelClient Connect()
    {
        var client = ChannelClient.Unix(Socket);
        client.Hello();
        return client;
    }

    private RunnerRig Device(string pace = "source")
    {
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json } }
            sources: { table: { open: "sim://tabletop?width=160&height=120&fps=60&seed=1", pack: shapes, take: every, pace: {{pace}},
              policy: { kind: cascade } } }
            disk: { free_mb: 0 }
            outputs: { all: { kind: jsonl, path: {{Answers}} } }
            control: { unix: {{Socket}} }
            """);
        var rig = new RunnerRig(config, Socket, ProbationTimes.Usual);
        rig.PassFrames();
        return rig;
    }
}
