using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>The crops block: what it makes of a pack, and what it refuses.</summary>
public sealed class CropBlockTests
{
    private const string Input = """
        { "tensor": "crop", "width": 8, "height": 8, "channels": "rgb", "fit": "stretch" }
        """;

    [Fact]
    public void A_stage_on_crops_is_a_pack_of_its_own_and_no_part_of_the_route()
    {
        using var sample = With("""{ "head": "softmax_classification", "outputs": ["logits"], "top_k": 2 }""", """
            { "stage": "kind", "labels": ["van", "bus", "taxi"], "classes": ["car", "bike"], "expand": 0.1, "at_most": 2,
              "refresh_ms": 500, "size_change": 2, "least_pixels": 24 }
            """);
        var pack = sample.Read();
        Assert.Equal(["light", "heavy"], pack.Stages.Select(s => s.Name));
        var crop = Assert.Single(pack.Crops);
        Assert.Equal(("kind", TaskKind.Classification, 3, 4), (crop.Stage.Name, crop.Pack.Task, crop.Pack.Labels.Count, crop.ValueLimit));
        Assert.Equal([false, true, true], crop.Rule.Classes);
        Assert.Equal((0.1f, 2, 500, 2, 24), (crop.Rule.Expand, crop.Rule.AtMost, crop.Rule.RefreshMs, (int)crop.Rule.SizeChange,
            crop.Rule.LeastPixels));
        Assert.Equal("kind", Assert.Single(crop.Pack.Graph.Stages).Name);
        Assert.Equal(3, pack.AllStages.Count());
    }

    [Fact]
    public void What_is_left_out_has_its_usual_value()
    {
        using var sample = With("""{ "head": "embedding", "outputs": ["vector"], "dimension_count": 16 }""", """{ "stage": "kind" }""");
        var crop = sample.Read().Crops[0];
        Assert.All(crop.Rule.Classes, Assert.True);
        Assert.Equal((0, 4, 1.5f, 16), (crop.Rule.Expand, crop.Rule.AtMost, crop.Rule.SizeChange, crop.Rule.LeastPixels));
        Assert.True(double.IsPositiveInfinity(crop.Rule.RefreshMs));
    }

    [Theory]
    [InlineData("""{ "stage": "knid" }""", "stage 'knid' does not exist; did you mean 'kind'?")]
    [InlineData("""{ "stage": "kind", "classes": ["cart"] }""", "'cart', which is no label of the pack; did you mean 'car'?")]
    [InlineData("""{ "stage": "kind", "classes": [] }""", "'classes' is empty")]
    [InlineData("""{ "stage": "kind", "at_most": 65 }""", "'at_most' is 65; it must lie between 1 and 64")]
    [InlineData("""{ "stage": "kind", "expand": -0.1 }""", "'expand' is -0.1; it must lie between 0 and 4")]
    [InlineData("""{ "stage": "kind", "size_change": 1 }""", "'size_change' is 1; it must lie between 1.01 and 100")]
    [InlineData("""{ "stage": "kind", "refresh": 1 }""", "crops[0] has no property 'refresh'")]
    [InlineData("""{ "stage": "kind" }, { "stage": "kind" }""", "stage 'kind' is named 2 times")]
    [InlineData("{ }", "crops[0]: 'stage' is missing")]
    public void A_wrong_setting_is_told_with_its_range(string block, string reason)
    {
        using var sample = With("""{ "head": "embedding", "outputs": ["vector"], "dimension_count": 16 }""", block);
        Assert.Contains(sample.Reasons(), r => r.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_stages_that_can_say_something_of_a_box_are_taken()
    {
        using var maps = With("""{ "head": "depth", "outputs": ["map"] }""", """{ "stage": "kind" }""");
        Assert.Contains(maps.Reasons(), r => r.Contains("'kind' answers with a task of 'depth'; a box can have", StringComparison.Ordinal));
        using var endless = With("null", """{ "stage": "kind" }""");
        endless.Manifest["stages"]![2]!.AsObject().Remove("exit");
        Assert.Contains(endless.Reasons(), r => r.Contains("has no 'exit'", StringComparison.Ordinal));
        using var unlabelled = With("""{ "head": "softmax_classification", "outputs": ["logits"] }""", """{ "stage": "kind" }""");
        Assert.Contains(unlabelled.Reasons(), r => r.StartsWith("crop 'kind': 'labels' or 'labels_file'", StringComparison.Ordinal));
        using var routed = With("""{ "head": "embedding", "outputs": ["vector"], "dimension_count": 16 }""", """{ "stage": "kind" }""");
        routed.Set("edges.1.to", "\"kind\"");
        Assert.Contains(routed.Reasons(), r => r.Contains("stage 'kind' runs on crops", StringComparison.Ordinal));
    }

    [Fact]
    public void Answers_too_large_to_be_copied_are_refused()
    {
        using var sample = With("""{ "head": "embedding", "outputs": ["vector"], "dimension_count": 65536 }""", """{ "stage": "kind" }""");
        sample.Set("stages.0.exit.detection_limit", "17");
        Assert.Contains(sample.Reasons(), r => r.StartsWith("crops: answers of up to 1114112 values", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_detections_have_boxes()
    {
        using var sample = With("""{ "head": "embedding", "outputs": ["vector"], "dimension_count": 16 }""", """{ "stage": "kind" }""");
        sample.Set("task", "\"embedding\"");
        Assert.Contains(sample.Reasons(), r => r.StartsWith("crops: the pack's task is 'embedding'", StringComparison.Ordinal));
    }

    private static SamplePack With(string exit, string crops)
    {
        var sample = new SamplePack();
        string sha256 = SamplePack.Sha256(sample.Folder.Write("kind.onnx", "kind"));
        string stage = $$"""{ "name": "kind", "file": "kind.onnx", "sha256": "{{sha256}}", "input": {{Input}}, "exit": {{exit}} }""";
        sample.Manifest["stages"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse(stage));
        sample.Set("crops", $"[{crops}]");
        return sample;
    }
}
