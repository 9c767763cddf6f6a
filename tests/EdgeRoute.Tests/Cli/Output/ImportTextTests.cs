using System.Text.Json.Nodes;
using EdgeRoute.Cli;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Cli.Output;

public sealed class ImportTextTests
{
    private static readonly ImportReport Known = new("a.onnx", "YOLOX", "yolox", "/packs/a", ["one candidate per cell"],
        [new ImportGuess("names of the 80 classes", "the 80 classes of COCO", "--labels FILE")], [], [], [],
        new ImportTrial("street.jpg", 12.34f, ["car 0.90 at 0.10,0.20 size 0.30x0.40"], null)) { Config = "/packs/a/device.yaml" };

    [Fact]
    public void What_was_recognised_and_guessed_is_told_with_the_way_to_change_it() => Assert.Equal(
        [
            "a.onnx is YOLOX; head 'yolox'",
            "  because: one candidate per cell",
            "  guessed: names of the 80 classes: the 80 classes of COCO",
            "           to change: --labels FILE",
            "wrote /packs/a; to run it: edgerouted run /packs/a/device.yaml",
            "tried on 'street.jpg' in 12.3 ms: it says",
            "  car 0.90 at 0.10,0.20 size 0.30x0.40",
        ], ImportText.Lines(Known));

    [Fact]
    public void A_pack_that_does_not_answer_says_why() => Assert.Equal("it does not answer on a grey picture: no box",
        ImportText.Lines(Known with { Trial = new ImportTrial("grey", 0, [], "no box") })[^1]);

    [Fact]
    public void What_is_not_recognised_is_shown_with_the_nearest_heads()
    {
        var lines = ImportText.Lines(new ImportReport("a.onnx", null, "", "", [], [], ["'x' float32[1,3,8,8]"], ["'y' [1,2,3]"],
            ["'yolov8' would read 'y' with 9 labels"], null));
        Assert.Equal("a.onnx is not recognised; nothing was written", lines[0]);
        Assert.Contains("  output 'y' [1,2,3]", lines);
        Assert.Contains("  nearest: head 'yolov8' would read 'y' with 9 labels", lines);
    }

    [Fact]
    public void Programs_read_the_same_as_JSON()
    {
        var json = JsonNode.Parse(Known.ToJson())!;
        Assert.Equal("yolox", (string)json["head"]!);
        Assert.Equal("--labels FILE", (string)json["guesses"]![0]!["change"]!);
        Assert.Null(json["trial"]!["fault"]);
    }

    [Theory]
    [InlineData("import", "/nowhere/at/all.onnx")]
    [InlineData("import", "/nowhere/at/all.onnx", "--size", "big")]
    public void What_is_wrong_on_the_command_line_ends_with_two(params string[] words) =>
        Assert.Equal(WorkConsole.Refused, RootCommands.Create().Parse(words).Invoke());
}
