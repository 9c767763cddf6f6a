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
        measure.Add(await Measure(rig, 20));
        using var copy = new TemporaryFolder();
        File.Copy(Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json"), copy.File("manifest.json"));
        string written = measure.Store(measure.Report(), copy.Path);
        Assert.Equal(MeasuredCosts.PathBeside(copy.File("manifest.json")), written);
        var found = MeasuredCosts.Find(copy.Path, Environment.MachineName, "CPU", spin: false, out string why);
        Assert.True(found is not null, why);
        Assert.Equal((1, "heavy_1>heavy_2"), (found!.Threads, found.Path));
        Assert.Contains(Assert.Single(found.Runs).Options, o => o.Option == "light" && o.MsP50 > 0);
        copy.Write("manifest.json", File.ReadAllText(copy.File("manifest.json")) + "\n");
        var refused = Assert.Throws<InvalidDataException>(() => measure.Store(measure.Report(), copy.Path));
        Assert.Contains("another pack than the one that was measured", refused.Message, StringComparison.Ordinal);
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
