using System.Text;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Page;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.TestBench.Robots;
using EdgeRoute.Tests.Protocol.Framing;

namespace EdgeRoute.Tests.Cli.Page;

/// <summary>The built page in a real browser before a device whose answers have masks, written by the device's own encoder.</summary>
public sealed class MaskPageTests
{
    private const int Side = 480, Cell = Side / 16;

    /// <summary>Two objects, one with a hole, in cells of the picture; the browser's overlay must come to the same.</summary>
    private static readonly string[] Drawn =
    [
        "................", "..aaaaaa........", "..aaaaaa........", "..aa..aa........", "..aa..aa........", "..aaaaaa........",
        "..aaaaaa....b...", "............bb..", "............bbb.", "............bbb.", "............bb..", "............b...",
        "................", "................", "................", "................",
    ];

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Masks_of_objects_and_maps_of_classes_lie_where_the_device_has_them_with_their_holes(bool isMap)
    {
        string page = Path.Combine(TestPlaces.Repository, "out", "tools", "page");
        Skip.IfNot(File.Exists("/usr/bin/chromium"), "needs a browser: apt-get install chromium");
        Skip.IfNot(File.Exists(Path.Combine(page, "index.html")), $"there is no page in {page}: ./build.sh tools");
        string node = Interpreter.NeedNode("page", "playwright-core");
        using var folder = new TemporaryFolder();
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var device = new ScriptedDevice(folder.File("control.sock"));
        device.Answer(ControlMethod.Describe, _ => new DeviceDescription { Streams = [new StreamDescription { Name = "front" }] });
        device.Answer(ControlMethod.Subscribe, _ => new Subscription { Number = 1 });
        device.Answer(ControlMethod.Events, _ => new EventList());
        device.Answer(ControlMethod.Trial, _ => new TrialStatus());
        byte[] jpeg = PictureMaker.Jpeg(Side, Side);
        device.Answer(ControlMethod.Picture, _ => new PictureReply
        {
            Stream = "front", Sequence = 3, Jpeg = jpeg, Answer = isMap ? Map() : Answer(),
        });
        var dial = new DeviceFinder(folder.Path).Find($"unix:{device.Path}");
        await using var server = await PageServer.StartAsync(PageFiles.Read(page), dial, 0, enough.Token);
        string[] shots = Environment.GetEnvironmentVariable("EDGEROUTE_SHOTS") is { Length: > 0 } place ? [place] : [];
        var (exitCode, text) = await Task.Run(() =>
            Interpreter.Run(node, [TestPlaces.Fixture("page", "masks.mjs"), server.Address, .. shots]));
        Assert.True(exitCode == 0, text);
        var seen = JsonDocument.Parse(text).RootElement.GetProperty("rows").EnumerateArray().Select(r => r.GetString()!).ToArray();
        for (int row = 0; row < Drawn.Length; row++)
        {
            // Labels lie over some cells: of a map in its upper left corner, of objects above them.
            string expected = Drawn[row].Replace('a', 'r').Replace('b', 'g');
            int from = isMap && row < 2 ? 6 : 0;
            Assert.True(seen[row][from..] == expected[from..] || (!isMap && row is 0 or 1 or 5),
                $"row {row}: '{seen[row]}' where '{expected}' is due\n{text}");
        }
    }

    private static AnswerMessage Answer() => new()
    {
        Source = "front", Sequence = 3, End = "completed", Path = "light", Task = "detection", AgeMs = 0, SeenSequence = 3,
        Detections = [Detection('a', "cup", 3, [2 / 16f, 1 / 16f, 6 / 16f, 6 / 16f]), Detection('b', "leaf", 2, [0.75f, 0.375f, 0.1875f,
            0.375f])],
    };

    private static AnswerMessage Map() => new()
    {
        Source = "front", Sequence = 3, End = "completed", Path = "light", Task = "segmentation", AgeMs = 0, SeenSequence = 3,
        Segments = [Segment('a', "road", 3), Segment('b', "grass", 2)],
    };

    private static ClassEntry Segment(char mark, string name, int index) => new()
    {
        Class = name, ClassIndex = index, Share = (double)string.Concat(Drawn).Count(c => c == mark) / 256, Mask = MaskOf(mark),
    };

    private static DetectionEntry Detection(char mark, string name, int index, float[] box) =>
        new() { Class = name, ClassIndex = index, Confidence = 0.9, Box = box, Mask = MaskOf(mark) };

    private static MaskEntry MaskOf(char mark)
    {
        float[] map = new float[Side * Side];
        for (int at = 0; at < map.Length; at++)
        {
            map[at] = Drawn[at / Side / Cell][at % Side / Cell] == mark ? 1 : 0;
        }

        return new MaskEntry { Size = [Side, Side], Counts = Encoding.ASCII.GetString(new MaskRuns().Encode(map, Side, 1)) };
    }
}
