using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Sources that come, go and become others while the engine runs.</summary>
public sealed class SourceChangeTests
{
    private const string Camera = "open: 'sim://tabletop?width=160&height=120&seed=2'\ntake: newest\npace: source";

    [SkippableFact]
    public async Task A_source_comes_and_goes_while_another_runs()
    {
        using var rig = new SteeringRig();
        var reply = await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera);
        Assert.True(reply.IsApplied);
        Assert.Contains(reply.Effects, e => e.Contains("until the device starts again", StringComparison.Ordinal));
        await rig.PumpUntil(() => rig.Steering.Status().Streams is [_, { Window.FrameCount: > 3, Name: "cam2" }]);
        var described = await rig.Call<DeviceDescription>(ControlMethod.Describe);
        Assert.Equal([("table", 0), ("cam2", 1)], described.Streams.Select(s => (s.Name, s.Index)));
        var trace = await rig.Call<TraceReply>(ControlMethod.TraceGet, new TraceRequest { Stream = "cam2", Pick = "last" });
        Assert.Equal("cam2", trace.Stream);
        Assert.NotEmpty((await rig.Call<SnapshotReply>(ControlMethod.Snapshot, new SnapshotRequest { Stream = "cam2" })).Jpeg);
        Assert.Equal(["table", "cam2"], rig.Engine.State.Config.Sources.Select(s => s.Name));

        var gone = await Ask(rig, ControlMethod.SourceRemove, "cam2");
        Assert.Equal(("source", "none"), (gone.Differences[0].Name, gone.Differences[0].After));
        Assert.Equal("table", Assert.Single(rig.Steering.Status().Streams).Name);
        Assert.True(rig.HasSaid("source cam2 has gone: "));
        rig.PassFrames(10);
        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera);
        described = await rig.Call<DeviceDescription>(ControlMethod.Describe);
        Assert.Equal(2, described.Streams[1].Index);
        Assert.Equal(["source.add", "source.remove", "source.add"], rig.Journal.Recent().Select(e => e.Method));
        Assert.All(rig.Journal.Recent(), e => Assert.Equal(("applied", "cam2"), (e.Outcome, e.Stream)));
    }

    [SkippableTheory]
    [InlineData(ControlMethod.SourceAdd, "table", Camera, RpcErrorCode.Conflict, "already")]
    [InlineData(ControlMethod.SourceSet, "cam9", Camera, RpcErrorCode.NotFound, "there are table")]
    [InlineData(ControlMethod.SourceRemove, "cam9", "", RpcErrorCode.NotFound, "there are table")]
    [InlineData(ControlMethod.SourceRemove, "table", "", RpcErrorCode.Conflict, "the only source")]
    [InlineData(ControlMethod.SourceAdd, "cam2", Camera + "\npack: night", RpcErrorCode.BadRequest, "names 'night'")]
    [InlineData(ControlMethod.SourceAdd, "cam2", Camera + "\ntaek: every", RpcErrorCode.BadRequest, "taek")]
    [InlineData(ControlMethod.SourceAdd, "cam2", Camera + "\nlock: nowhere", RpcErrorCode.BadRequest, "nowhere")]
    [InlineData(ControlMethod.SourceAdd, "cam2", "open: nowhere.mp4", RpcErrorCode.BadRequest, "nowhere.mp4")]
    [InlineData(ControlMethod.SourceSet, "table", "take: every", RpcErrorCode.BadRequest, "nothing changes")]
    public async Task What_cannot_be_is_refused_with_and_without_a_dry_run(string method, string name, string config, string code,
        string part)
    {
        using var rig = new SteeringRig();
        foreach (bool isDryRun in new[] { true, false })
        {
            var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, method, name, config, isDryRun));
            Assert.Equal(code, refused.Error.Code);
            Assert.Contains(part, refused.Error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(rig.Journal.Recent());
        Assert.Single(rig.Engine.State.Streams);
        rig.PassFrames(5);
    }

    [SkippableFact]
    public async Task A_source_that_gives_no_frame_is_refused_and_leaves_nothing_behind()
    {
        using var rig = new SteeringRig();
        string path = rig.File("broken.jpg");
        await File.WriteAllTextAsync(path, "no picture");
        foreach (bool isDryRun in new[] { true, false })
        {
            var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceAdd, "cam2", $"open: '{path}'",
                isDryRun));
            Assert.Equal(RpcErrorCode.Failed, refused.Error.Code);
            Assert.Contains("nothing was changed", refused.Error.Message, StringComparison.Ordinal);
        }

        Assert.Single(rig.Engine.State.Captures);
        Assert.Empty(rig.Journal.Recent());
        rig.PassFrames(5);
    }

    [SkippableFact]
    public async Task A_dry_run_opens_the_source_and_adds_none()
    {
        using var rig = new SteeringRig();
        var reply = await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera, isDryRun: true);
        Assert.Equal((false, 0L), (reply.IsApplied, reply.JournalNumber));
        Assert.Contains("sim://tabletop", Assert.Single(reply.Differences).After, StringComparison.Ordinal);
        Assert.Single(rig.Engine.State.Streams);
    }

    [SkippableFact]
    public async Task A_source_becomes_another_at_its_place()
    {
        using var rig = new SteeringRig();
        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera);
        var reply = await Ask(rig, ControlMethod.SourceSet, "table", "stall_ms: 4000\ndeadline_ms: 900");
        Assert.Equal([("stall_ms", "3000", "4000"), ("deadline_ms", "none", "900")],
            reply.Differences.Select(d => (d.Name, d.Before, d.After)));
        Assert.Equal(["table", "cam2"], rig.Engine.State.Streams.Select(s => s.Name));
        Assert.Equal((4000, 900.0), (rig.Engine.State.Config.Sources[0].StallMs, rig.Engine.State.Config.Sources[0].DeadlineMs!.Value));
        rig.PassFrames(10);
    }

    [SkippableFact]
    public async Task Open_recordings_go_on_in_new_files_in_which_the_law_holds()
    {
        using var rig = new SteeringRig(outputs: "record: { file: run.erec, frames: raw }\ndisk: { free_mb: 0 }");
        rig.PassFrames(5);
        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera);
        await rig.PumpUntil(() => rig.Steering.Status().Streams is [_, { Window.FrameCount: > 3 }]);
        await Ask(rig, ControlMethod.SourceRemove, "cam2");
        rig.PassFrames(5);
        await Ask(rig, ControlMethod.SourceAdd, "cam3", Camera);
        await rig.PumpUntil(() => rig.Steering.Status().Streams is [_, { Window.FrameCount: > 3 }]);
        rig.StopLoop();
        string[] files = Directory.GetFiles(rig.Folder, "run*.erec");
        var sources = new List<string>();
        foreach (string path in files.Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            var reader = new RecordReader(file);
            Assert.Empty(TraceLaw.FindProblems(reader));
            sources.Add(string.Join(',', reader.Session!.Sources.Select(s => s.Name)));
            Assert.Equal(reader.Session.Sources.Count, reader.End!.Tallies.Count(t => t.Ended > 0));
        }

        Assert.Equal(["table", "table", "table,cam2", "table,cam3"], sources.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task A_source_on_trial_is_taken_back_where_a_condition_breaks_and_kept_where_none_does()
    {
        using var rig = new SteeringRig();
        var strict = new TrialRequest { Seconds = 600, LatencyMsP99 = 0.0001 };
        var broken = await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera, trial: strict);
        Assert.Equal(("running", "cam2"), (broken.Trial!.State, broken.Trial.Stream));
        await rig.PumpUntil(() => rig.Steering.Status().Trial is null);
        Assert.Equal("rolled_back", (await rig.Call<TrialStatus>(ControlMethod.Trial)).State);
        Assert.Equal(["table"], rig.Engine.State.Streams.Select(s => s.Name));
        Assert.Equal(("device", "source.add"), (rig.Journal.Recent()[^1].Who, rig.Journal.Recent()[^1].Method));

        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera, trial: new TrialRequest { Seconds = 600 });
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceAdd, "cam3", Camera));
        Assert.Contains("on trial", refused.Error.Message, StringComparison.Ordinal);
        await rig.Call<TrialStatus>(ControlMethod.TrialKeep);
        Assert.Equal(["table", "cam2"], rig.Engine.State.Streams.Select(s => s.Name));
    }

    [SkippableFact]
    public async Task A_removal_that_nobody_confirms_brings_the_source_back()
    {
        using var rig = new SteeringRig();
        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera);
        await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceRemove, "cam2",
            trial: new TrialRequest { Seconds = 5 }));
        string before = rig.Engine.State.Config.HashText();
        await Ask(rig, ControlMethod.SourceRemove, "table", trial: new TrialRequest { Seconds = 600, NeedsConfirmation = true });
        Assert.Equal(["cam2"], rig.Engine.State.Streams.Select(s => s.Name));
        await rig.Call<TrialStatus>(ControlMethod.TrialCancel);
        Assert.Equal(["table", "cam2"], rig.Engine.State.Streams.Select(s => s.Name));
        Assert.Equal(before, rig.Engine.State.Config.HashText());
        await rig.PumpUntil(() => rig.Steering.Status().Streams is [{ Window.FrameCount: > 3 }, { Window.FrameCount: > 3 }]);
    }

    [SkippableFact]
    public async Task A_change_of_another_is_saved_line_by_line_and_what_is_on_trial_when_it_is_kept()
    {
        using var rig = new SteeringRig();
        string text = await File.ReadAllTextAsync(rig.ConfigPath);
        text = text.Replace("sources: { table:", "sources:\n  # the one that stays\n  table:", StringComparison.Ordinal)
            .Replace(" } }\n", " }\n", StringComparison.Ordinal).Replace("packs: { shapes:", "packs:\n  shapes:", StringComparison.Ordinal)
            .Replace(",\n", ", ", StringComparison.Ordinal);
        await File.WriteAllTextAsync(rig.ConfigPath, text);
        Assert.Empty(DeviceConfigReader.ReadFile(rig.ConfigPath).Problems);
        var reply = await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera, isSaved: true);
        Assert.StartsWith("saved in ", reply.Effects[^1], StringComparison.Ordinal);
        var saved = DeviceConfigReader.ReadFile(rig.ConfigPath);
        Assert.Equal(["table", "cam2"], saved.Config!.Sources.Select(s => s.Name));
        Assert.Contains("# the one that stays", await File.ReadAllTextAsync(rig.ConfigPath), StringComparison.Ordinal);

        await Ask(rig, ControlMethod.SourceRemove, "cam2", isSaved: true,
            trial: new TrialRequest { Seconds = 600, NeedsConfirmation = true });
        Assert.Equal(2, DeviceConfigReader.ReadFile(rig.ConfigPath).Config!.Sources.Count);
        await rig.Call<TrialStatus>(ControlMethod.TrialKeep);
        Assert.Equal(text, await File.ReadAllTextAsync(rig.ConfigPath));
    }

    [SkippableFact]
    public async Task Several_changes_at_once_come_one_after_the_other()
    {
        using var rig = new SteeringRig();
        var asked = Enumerable.Range(0, 4).Select(_ => Ask(rig, ControlMethod.SourceAdd, "cam2", Camera)).ToList();
        await Assert.ThrowsAnyAsync<RpcRefusedException>(() => Task.WhenAll(asked));
        Assert.Equal(1, asked.Count(a => a.IsCompletedSuccessfully));
        Assert.Equal(2, rig.Engine.State.Streams.Count);
    }

    [SkippableFact]
    public async Task Sources_that_share_the_accelerator_have_a_price_for_it_and_one_alone_has_none()
    {
        using var rig = new SteeringRig("kind: value");
        int before = rig.Engine.State.Streams[0].Pricing!.Prices.Controllers.Count;
        await Ask(rig, ControlMethod.SourceAdd, "cam2", Camera + "\npolicy: { kind: value }\nbudget: { device_ms: 5 }");
        Assert.Equal(before + 1, rig.Engine.State.Streams[0].Pricing!.Prices.Controllers.Count);
        rig.PassFrames(5);
        await Ask(rig, ControlMethod.SourceRemove, "cam2");
        Assert.Equal(before, rig.Engine.State.Streams[0].Pricing!.Prices.Controllers.Count);
        rig.PassFrames(5);
    }

    [SkippableFact]
    public async Task There_are_no_more_sources_than_a_device_has()
    {
        using var rig = new SteeringRig();
        for (int i = 1; i < ConfigLimits.SourceCount; i++)
        {
            await Ask(rig, ControlMethod.SourceAdd, $"cam{i}", Camera.Replace("seed=2", "seed=2&fps=1", StringComparison.Ordinal));
        }

        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceAdd, "more", Camera));
        Assert.Equal(RpcErrorCode.Limit, refused.Error.Code);
    }

    private static Task<ChangeReply> Ask(SteeringRig rig, string method, string name, string config = "", bool isDryRun = false,
        bool isSaved = false, TrialRequest? trial = null) => rig.Call<ChangeReply>(method, new SourceRequest
    {
        Name = name, Config = config, IsDryRun = isDryRun, IsSaved = isSaved, Trial = trial, WaitSeconds = 60,
    });
}
