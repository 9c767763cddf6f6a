using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Tests.Engine.Gpio;
using EdgeRoute.Tests.Engine.Loop;
using EdgeRoute.Workbench.Replaying;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Sources that come over the channel and use what the config before them has: lines of a GPIO chip, packs with crops.</summary>
public sealed class SourceUseTests
{
    private const string Heaviest = "light>heavy_1>heavy_2", Rule = "rules: { any: { when: { path: light }, gpio: lamp } }";

    private const string Camera = "open: 'sim://tabletop?width=160&height=120&seed=2'\npack: shapes\ntake: newest\npace: source\n"
        + "policy: { kind: fixed, path: light }\n";

    private const string Lines = $$"""
        gpio:
          lines:
            lamp: { use: rule, chip: c, line: 2 }
            mode: { use: lock, chip: c, line: 1, path: '{{Heaviest}}' }
            button: { use: trigger, chip: c, line: 0, source: table }
        """;

    [SkippableFact]
    public async Task A_source_that_comes_drives_lines_is_locked_by_them_and_lets_go_when_it_goes()
    {
        var chip = new ScriptedGpioChip();
        using var rig = new SteeringRig(outputs: Lines, openLine: chip.Open);
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceAdd, Camera
            + Rule.Replace("lamp", "lump", StringComparison.Ordinal)));
        Assert.Contains("'lump'", refused.Error.Message, StringComparison.Ordinal);
        await Ask(rig, ControlMethod.SourceAdd, Camera + Rule);
        await Lamp(rig, chip, isOn: true);
        Assert.Contains("Rules that were on: any.", await LaterNotes(rig));
        chip.Pull("mode", true);
        await Lamp(rig, chip, isOn: false);
        await rig.PumpUntil(() => rig.Steering.Status().Streams[1].Window.Paths.Any(p => p.Path == Heaviest));
        chip.Pull("mode", false);
        await Lamp(rig, chip, isOn: true);
        await Ask(rig, ControlMethod.SourceSet, Camera + Rule.Replace("light", $"'{Heaviest}'", StringComparison.Ordinal));
        await Lamp(rig, chip, isOn: false);
        await Ask(rig, ControlMethod.SourceSet, Camera + Rule);
        await Lamp(rig, chip, isOn: true);
        await Ask(rig, ControlMethod.SourceRemove);
        await Lamp(rig, chip, isOn: false);

        // A line that asks for its frames would be left without a meaning.
        await Ask(rig, ControlMethod.SourceAdd, Camera);
        refused = await Assert.ThrowsAsync<RpcRefusedException>(() => Ask(rig, ControlMethod.SourceRemove, name: "table"));
        Assert.Contains("button", refused.Error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_source_that_comes_has_the_stages_on_crops_of_its_pack_and_another_pack_when_it_changes()
    {
        using var folder = new TemporaryFolder();
        string manifest = CropScene.Write(folder, "", CropScene.Hue(), CropScene.Plate());
        string picture = WritePicture(folder);
        using var rig = new SteeringRig(packs: $", scene: {{ manifest: {manifest} }}");
        string config = $"open: {picture}\nloop: true\npack: scene\npolicy: {{ kind: fixed, path: finder }}\n";
        await Ask(rig, ControlMethod.SourceAdd, config);
        await rig.PumpUntil(() => rig.Engine.State.Streams[1].Crops is [{ RunCount: > 0 }, { RunCount: > 0 }]);
        Assert.Equal(0, rig.Engine.State.Streams[1].Tally.Failed);
        await Ask(rig, ControlMethod.SourceSet, config.Replace("pack: scene", "pack: shapes", StringComparison.Ordinal)
            .Replace("finder", "light", StringComparison.Ordinal));
        rig.PassFrames(3);
        Assert.Empty(rig.Engine.State.Streams[1].Crops);
        await Ask(rig, ControlMethod.SourceSet, config);
        await rig.PumpUntil(() => rig.Engine.State.Streams[1].Crops is [{ RunCount: > 0 }, { RunCount: > 0 }]);
        await Ask(rig, ControlMethod.SourceRemove);
        rig.PassFrames(3);
    }

    /// <summary>A scene with a green car.</summary>
    private static string WritePicture(TemporaryFolder folder)
    {
        string path = folder.File("scene.png");
        byte[] pixels = CropScene.Frame(new SceneBox(8, 8, 24, 24, [10, 240, 10]));
        using var picture = Image.LoadPixelData<Rgb24>(pixels, CropScene.Width, CropScene.Height);
        picture.SaveAsPng(path);
        return path;
    }

    /// <summary>What is explained of a frame that is not the source's first.</summary>
    private static async Task<IReadOnlyList<string>> LaterNotes(SteeringRig rig)
    {
        await rig.PumpUntil(() => rig.Steering.Status().Streams is [_, { Window.FrameCount: > 3 }]);
        var trace = await rig.Call<TraceReply>(ControlMethod.TraceGet, new TraceRequest { Stream = "cam2", Pick = "last" });
        using var recording = new MemoryStream(trace.Recording);
        return FrameExplainer.Explain(recording, "robot", "cam2", FrameRule.Last, 0, null).Notes;
    }

    private static Task Lamp(SteeringRig rig, ScriptedGpioChip chip, bool isOn) => rig.PumpUntil(() => chip.Level("lamp") == isOn);

    private static Task<ChangeReply> Ask(SteeringRig rig, string method, string config = "", string name = "cam2") =>
        rig.Call<ChangeReply>(method, new SourceRequest { Name = name, Config = config, WaitSeconds = 60 });
}
