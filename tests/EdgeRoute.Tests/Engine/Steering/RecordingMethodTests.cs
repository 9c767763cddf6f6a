using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Recordings, pictures, single traces and the config file, through the channel's methods.</summary>
public sealed class RecordingMethodTests
{
    [SkippableFact]
    public async Task A_recording_begun_and_ended_in_a_run_keeps_the_law()
    {
        using var rig = new SteeringRig("kind: cascade");
        rig.PassFrames(30);
        var begun = await rig.Call<RecordingStatus>(ControlMethod.RecordStart, new RecordStartRequest { Name = "drive", Frames = "jpeg" });
        Assert.Single(rig.Steering.Status().Recordings);
        rig.PassFrames(40);
        var ended = await rig.Call<RecordingStatus>(ControlMethod.RecordStop, new NamedRequest { Name = "drive" });
        Assert.False(ended.IsOpen);
        rig.PassFrames(5);
        using var file = File.OpenRead(begun.Path);
        Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
        Assert.Contains((await rig.Call<RecordingList>(ControlMethod.Recordings)).Recordings,
            r => r.Name == "drive" && !r.IsOpen && r.FileBytes == ended.FileBytes);
        Assert.Equal(["record.start", "record.stop"], rig.Journal.Recent().Select(e => e.Method));
    }

    [SkippableFact]
    public async Task A_recording_with_a_time_ends_by_itself()
    {
        using var rig = new SteeringRig("kind: cascade");
        var begun = await rig.Call<RecordingStatus>(ControlMethod.RecordStart, new RecordStartRequest { Seconds = 0.05 });
        // Its end is written by another thread, which says so; it has left the list of open recordings before.
        await rig.PumpUntil(() => rig.HasSaid($" frames, {new FileInfo(begun.Path).Length} bytes in {begun.Path}"));
        Assert.Empty(rig.Steering.Status().Recordings);
        rig.StopLoop();
        using var file = File.OpenRead(begun.Path);
        Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
    }

    [SkippableFact]
    public async Task A_change_of_policy_goes_on_in_a_new_file_and_both_keep_the_law()
    {
        using var rig = new SteeringRig("kind: cascade", outputs: "trace: { file: run.erec }");
        rig.PassFrames(20);
        await rig.Change(new SettingSet { Policy = SettingValue.Of("fixed:light") });
        rig.PassFrames(20);
        rig.StopLoop();
        string second = Assert.Single(Directory.GetFiles(rig.Folder, "run-*Z.erec"));
        foreach (var (name, policy) in new[] { (rig.File("run.erec"), "cascade"), (second, "fixed") })
        {
            using var file = File.OpenRead(name);
            var reader = new RecordReader(file);
            Assert.Empty(TraceLaw.FindProblems(reader));
            Assert.StartsWith(policy, reader.Session!.Sources[0].PolicyName, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData("../evil", "none", 0)]
    [InlineData(".hidden", "none", 0)]
    [InlineData("fine", "video", 0)]
    [InlineData("fine", "none", -1)]
    public async Task A_recording_that_cannot_be_meant_is_refused(string name, string frames, double seconds)
    {
        using var rig = new SteeringRig("kind: cascade");
        var request = new RecordStartRequest { Name = name, Frames = frames, Seconds = seconds };
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<RecordingStatus>(ControlMethod.RecordStart, request));
        Assert.Equal(RpcErrorCode.BadRequest, refused.Error.Code);
        Assert.Empty(rig.Engine.Recordings.Open);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_is_a_picture_of_the_next_frame(bool isAnnotated)
    {
        using var rig = new SteeringRig("kind: cascade");
        long before = rig.Engine.State.Streams[0].Tally.Ended;
        var picture = await rig.Call<SnapshotReply>(ControlMethod.Snapshot, new SnapshotRequest { IsAnnotated = isAnnotated });
        Assert.True(picture.Sequence >= before);
        Assert.Equal([0xFF, 0xD8], picture.Jpeg[..2]);
        Assert.NotEmpty(picture.Path);
    }

    [SkippableFact]
    public async Task A_single_trace_is_a_recording_that_tools_read()
    {
        using var rig = new SteeringRig("kind: cascade");
        rig.PassFrames(20);
        rig.Steering.Watch.Pump(rig.Engine.Clock.NowNs());
        var reply = await rig.Call<TraceReply>(ControlMethod.TraceGet, new TraceRequest { Pick = "slowest" });
        using var file = new MemoryStream(reply.Recording);
        Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
        file.Position = 0;
        var explained = EdgeRoute.Workbench.Replaying.FrameExplainer.Explain(file, "device", null,
            EdgeRoute.Workbench.Replaying.FrameRule.Last, 0, null);
        Assert.Equal(reply.Sequence, explained.Frame);
    }

    [SkippableFact]
    public async Task A_config_is_checked_kept_beside_the_old_one_and_refused_where_it_crosses_another()
    {
        using var rig = new SteeringRig("kind: cascade");
        var now = await rig.Call<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest());
        string misspelt = now.Text.Replace("pack: shapes", "pack: shapse", StringComparison.Ordinal);
        var wrong = await rig.Call<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = misspelt });
        Assert.False(wrong.IsWritten);
        Assert.Contains("did you mean", string.Join('\n', wrong.Problems), StringComparison.OrdinalIgnoreCase);
        string edited = now.Text + "\n# mine\n";
        var written = await rig.Call<ConfigPutReply>(ControlMethod.ConfigPut,
            new ConfigPutRequest { Text = edited, BaseSha256 = now.Sha256 });
        Assert.True(written.IsWritten);
        Assert.Equal((edited, now.Text), (File.ReadAllText(rig.ConfigPath), File.ReadAllText(rig.ConfigPath + ".previous")));
        var late = new ConfigPutRequest { Text = edited, BaseSha256 = now.Sha256 };
        var crossed = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<ConfigPutReply>(ControlMethod.ConfigPut, late));
        Assert.Equal(RpcErrorCode.Conflict, crossed.Error.Code);
    }
}
