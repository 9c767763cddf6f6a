using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Engine.Steering;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>Recordings of the real engine, held to a part of the disk.</summary>
public sealed class RecordingKeeperTests
{
    [SkippableFact]
    public void A_long_recording_goes_on_in_new_files_and_the_oldest_are_deleted()
    {
        using var rig = new SteeringRig("kind: cascade",
            outputs: "record: { file: run.erec, frames: raw }\ndisk: { keep_mb: 2, file_mb: 1, free_mb: 0 }");
        Wait(rig, "deleted ");
        rig.StopLoop();
        Assert.False(File.Exists(rig.File("run.erec")));
        string[] files = Directory.GetFiles(rig.Folder, "run-*Z.erec");
        Assert.NotEmpty(files);
        Assert.All(files, path =>
        {
            using var file = File.OpenRead(path);
            Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
        });
    }

    [SkippableFact]
    public void On_a_disk_that_is_nearly_full_a_recording_pauses_and_what_it_lacks_is_counted()
    {
        using var rig = new SteeringRig("kind: cascade", outputs: "trace: { file: run.erec }\ndisk: { free_mb: 100000000 }");
        Wait(rig, "pauses");
        rig.PassFrames(20);
        rig.StopLoop();
        using var file = File.OpenRead(rig.File("run.erec"));
        var reader = new RecordReader(file);
        Assert.Empty(TraceLaw.FindProblems(reader));
        Assert.True(reader.End!.TraceLostCount >= 20);
    }

    [SkippableFact]
    public async Task A_recording_that_a_client_began_is_ended_by_its_name_whatever_file_it_goes_on_in()
    {
        using var rig = new SteeringRig("kind: cascade", outputs: "disk: { keep_mb: 4, file_mb: 1, free_mb: 0 }");
        await rig.Call<RecordingStatus>(ControlMethod.RecordStart, new RecordStartRequest { Name = "drive", Frames = "raw" });
        Wait(rig, "recording to " + rig.File("recordings/drive-"));
        var ended = await rig.Call<RecordingStatus>(ControlMethod.RecordStop, new NamedRequest { Name = "drive" });
        Assert.Equal("drive", ended.Name);
        Assert.Empty(rig.Engine.Recordings.Open);
    }

    [Fact]
    public void A_file_longer_than_all_that_is_kept_is_refused()
    {
        var reading = DeviceConfigReader.ReadText("packs: { d: { manifest: m } }\nsources: { s: { pack: d, open: x.mp4 } }\n"
            + "disk: { keep_mb: 10, file_mb: 11 }", "/a/d.yaml", checkPaths: false);
        Assert.Contains("file_mb", Assert.Single(reading.Problems).ToString(), StringComparison.Ordinal);
    }

    private static void Wait(SteeringRig rig, string text) =>
        Assert.True(SpinWait.SpinUntil(() => rig.HasSaid(text), TimeSpan.FromMinutes(1)), $"'{text}' was never said");
}
