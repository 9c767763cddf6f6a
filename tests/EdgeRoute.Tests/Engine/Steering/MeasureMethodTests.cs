using System.Buffers;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>A device measures its pack in turns between frames, with real sessions, and frames go on.</summary>
public sealed class MeasureMethodTests
{
    private static Task<MeasureTurnsReply> Measure(SteeringRig rig, double ms) =>
        rig.Call<MeasureTurnsReply>(ControlMethod.Measure, new MeasureTurnsRequest { Ms = ms });

    [SkippableFact]
    public async Task Stages_are_timed_between_frames_that_go_on_and_are_counted()
    {
        using var rig = new SteeringRig("kind: cascade");
        rig.PassFrames(5);
        var measure = new DeviceMeasure();
        for (int i = 0; i < 2; i++)
        {
            var reply = await Measure(rig, 60);
            Assert.True(reply.TurnMs >= 60 && reply.LongestTurnMs <= reply.TurnMs && reply.LongestTurnMs > 0, $"{reply.TurnMs} ms");
            Assert.Equal(["light", "heavy_1", "heavy_2"], reply.Variants.Select(v => v.Stage).Distinct());
            Assert.All(reply.Variants, v => Assert.All(v.Ms, ms => Assert.True(ms > 0)));
            Assert.Equal("", reply.Fault);
            Assert.True(reply.EndedCount >= reply.DroppedCount && reply.DroppedCount >= 0);
            measure.Add(reply);
        }

        rig.PassFrames(5);
        var report = measure.Report();
        Assert.Equal("heavy_1>heavy_2", report.HeaviestPath);
        Assert.Contains("\"device\": ", report.ToJson(), StringComparison.Ordinal);
        rig.StopLoop();
        var ends = rig.Engine.State.Streams[0].Tally;
        Assert.Equal(ends.Captured, ends.Ended);

        // Two requests close to each other are one measurement, which is told once.
        string line = "anna measures the pack of stream table in turns between frames";
        Assert.Single(rig.Lines, l => l.Contains(line, StringComparison.Ordinal));
    }

    /// <summary>What comes of it is what the device starts with, once it lies beside its manifest.</summary>
    [SkippableFact]
    public async Task The_profile_is_found_for_the_device_and_is_not_stored_beside_another_pack()
    {
        using var rig = new SteeringRig();
        var measure = new DeviceMeasure();
        var turns = await Measure(rig, 20);
        measure.Add(turns);
        using var copy = new TemporaryFolder();
        File.Copy(Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json"), copy.File("manifest.json"));
        string written = measure.Store(measure.Report(), copy.Path);
        Assert.Equal(MeasuredCosts.PathBeside(copy.File("manifest.json")), written);
        var found = MeasuredCosts.Find(copy.Path, Environment.MachineName, "CPU", spin: false, out string why);
        Assert.True(found is not null, why);
        Assert.Equal((turns.Threads, "heavy_1>heavy_2"), (found!.Threads, found.Path));
        Assert.Contains(Assert.Single(found.Runs).Options, o => o.Option == "light" && o.MsP50 > 0);
        copy.Write("manifest.json", File.ReadAllText(copy.File("manifest.json")) + "\n");
        var refused = Assert.Throws<InvalidDataException>(() => measure.Store(measure.Report(), copy.Path));
        Assert.Contains("another pack than the one that was measured", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A pack of its own, since the file is written beside it, and a stream that runs through it.</summary>
    private static async Task<SteeringRig> RigOn(TemporaryFolder copy)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(TestPlaces.Repository, "models", "shapes")))
        {
            File.Copy(file, copy.File(Path.GetFileName(file)));
        }

        var rig = new SteeringRig("kind: cascade", packs: $", copy: {{ manifest: {copy.File("manifest.json")} }}");
        await rig.Change(new SettingSet { Pack = SettingValue.Of("copy") });
        return rig;
    }

    [SkippableFact]
    public async Task Costs_are_kept_on_the_device_journaled_and_told_when_the_pack_is_loaded_next()
    {
        using var copy = new TemporaryFolder();
        using var rig = await RigOn(copy);
        var measure = new DeviceMeasure();
        var turns = await Measure(rig, 20);
        measure.Add(turns);
        var reply = await rig.Call<DoneReply>(ControlMethod.CostsPut, measure.StoreRequest(measure.Report()));
        Assert.Contains($"kept in {copy.File("costs.json")}", reply.Text, StringComparison.Ordinal);
        var found = MeasuredCosts.Find(copy.Path, Environment.MachineName, "CPU", spin: false, out string why);
        Assert.True(found is not null, why);
        Assert.Equal(3, Assert.Single(found!.Runs).Options.Count);
        Assert.True(rig.HasSaid("anna had the measured costs of pack shapes kept in"));
        var entry = rig.Journal.Recent().Last(e => e.Method == ControlMethod.CostsPut);
        string run = $"with CPU and threads: {turns.Threads}";
        Assert.Contains($"costs of pack shapes {run} kept in", entry.Outcome, StringComparison.Ordinal);
        Assert.False(rig.HasSaid("begins with what it took here"));
        await rig.Call<PackList>(ControlMethod.PackLoad, new PackLoadRequest { Name = "again", ManifestPath = copy.File("manifest.json") });
        Assert.True(rig.HasSaid("pack again: begins with what it took here " + run));
    }

    [SkippableFact]
    public async Task Costs_of_something_else_or_that_cannot_be_are_not_kept()
    {
        using var copy = new TemporaryFolder();
        using var rig = await RigOn(copy);
        var measure = new DeviceMeasure();
        var turns = await Measure(rig, 5);
        measure.Add(turns);
        async Task Refuses(string code, string words, Action<CostsPutRequest> bend)
        {
            var request = measure.StoreRequest(measure.Report());
            bend(request);
            var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<DoneReply>(ControlMethod.CostsPut, request));
            Assert.Equal(code, refused.Error.Code);
            Assert.Contains(words, refused.Error.Message, StringComparison.Ordinal);
        }

        await Refuses(RpcErrorCode.Conflict, "runs another pack than the one that was measured", r => r.ManifestSha256 = "ab");
        await Refuses(RpcErrorCode.Conflict, $"the device runs with CPU and threads: {turns.Threads}", r => r.Threads++);
        await Refuses(RpcErrorCode.BadRequest, "each of heavy_1, heavy_2, light is needed once", r => r.Options.RemoveAt(0));
        await Refuses(RpcErrorCode.BadRequest, "each of heavy_1, heavy_2, light is needed once", r => r.Options.Add(r.Options[0]));
        await Refuses(RpcErrorCode.BadRequest, "of 'light'; times are 0 to 600000 ms", r =>
            r.Options.Find(o => o.Option == "light")!.MsP50 = -1);
        await Refuses(RpcErrorCode.BadRequest, "p95 is no less than the median", r => r.Options[0].MsP50 = r.Options[0].MsP95 + 1);
        await Refuses(RpcErrorCode.BadRequest, "'path' is 'previous'", r => r.Path = "previous");
        Assert.False(File.Exists(copy.File("costs.json")));
        Directory.CreateDirectory(copy.File("costs.json.part"));
        await Refuses(RpcErrorCode.Failed, "costs.json' cannot be written", _ => { });
        Directory.Delete(copy.File("costs.json.part"));
        copy.Write("costs.json", "{");
        await Refuses(RpcErrorCode.Failed, "cannot be used", _ => { });
        copy.Write("manifest.json", File.ReadAllText(copy.File("manifest.json")) + "\n");
        await Refuses(RpcErrorCode.Conflict, "has changed since it was loaded", _ => { });
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(2001)]
    public async Task A_time_that_cannot_be_meant_is_refused(double ms)
    {
        using var rig = new SteeringRig();
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Measure(rig, ms));
        Assert.Equal(RpcErrorCode.BadRequest, refused.Error.Code);
    }

    [SkippableFact]
    public async Task One_measures_at_a_time_and_nobody_while_a_change_is_on_trial()
    {
        using var rig = new SteeringRig();
        using var cancel = new CancellationTokenSource();
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, new MeasureTurnsRequest { Ms = 2000 });
        var first = rig.Table.Answer(ControlMethod.Measure, buffer.WrittenSpan.ToArray(), SteeringRig.Admin, cancel.Token).AsTask();
        var second = await Assert.ThrowsAsync<RpcRefusedException>(() => Measure(rig, 20));
        Assert.Equal(RpcErrorCode.Conflict, second.Error.Code);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        // Who is cut off leaves nothing behind.
        Assert.True((await Measure(rig, 5)).TurnMs > 0);
        await rig.Change(new SettingSet { Policy = SettingValue.Of("fixed:light") }, new TrialRequest { Seconds = 600 });
        var tried = await Assert.ThrowsAsync<RpcRefusedException>(() => Measure(rig, 20));
        Assert.Contains("on trial", tried.Error.Message, StringComparison.Ordinal);
    }
}
