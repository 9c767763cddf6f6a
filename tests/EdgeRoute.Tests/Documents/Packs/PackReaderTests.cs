using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

public sealed class PackReaderTests : IDisposable
{
    private readonly SamplePack _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_valid_manifest_becomes_a_pack_with_all_names_resolved()
    {
        var pack = _sample.Read();
        Assert.Equal(("sample", TaskKind.Detection, "bike"), (pack.Name, pack.Task, pack.LabelOf(1)));
        Assert.Equal("7", pack.LabelOf(7));
        Assert.Equal(_sample.Folder.File("sub", "heavy.onnx"), pack.Stages[1].FilePath);
        Assert.Equal([1f, 1, 1], pack.Stages[0].Input!.Spec.Scale);
        Assert.Equal(new FeatureInput("features", 0, "features"), Assert.Single(pack.Stages[1].Features));
        Assert.Equal([1, 0.5], pack.Graph.Edges[1].KeepRatios);
        Assert.Equal(
            new CascadeRule("light", ExitSignalKind.LowConfidenceMass, 0.3f, StopsAbove: false, "heavy@keep=0.5"),
            Assert.Single(pack.Cascade!.Rules));
        Assert.Equal(64, pack.ManifestSha256.Length);
    }

    [Fact]
    public void The_policies_of_a_valid_pack_can_be_built()
    {
        var pack = _sample.Read();
        var tree = new RouteTree(pack.Graph);
        Assert.Equal(pack.FixedRoute, new FixedPolicy(tree, pack.FixedRoute).PathName);
        Assert.Equal("cascade", new CascadePolicy(tree, pack.Cascade!).Name);
    }

    [Fact]
    public void A_cost_profile_fills_the_table_and_counts_what_it_does_not_know()
    {
        var pack = _sample.Read();
        var tree = new RouteTree(pack.Graph);
        var costs = new CostTable(tree);
        Assert.Equal(1, pack.FillCosts(tree, costs, "desk"));
        Assert.Equal(new StageCost(8, 9), costs.OfVariant(tree.FindPath("light>heavy")!.VariantIndex));
        Assert.Equal(tree.Variants.Count, pack.FillCosts(tree, new CostTable(tree), "another"));
    }

    [Theory]
    [InlineData(1.0, 100)]
    [InlineData(0.5, 50)]
    [InlineData(0.005, 1)]
    [InlineData(0.0001, 1)]
    public void The_number_of_tokens_kept_is_rounded_and_never_zero(double keep, int count) => Assert.Equal(count,
        new KeepInput("k", 100).CountFor(keep));

    [Fact]
    public void The_files_may_lie_in_another_folder_than_the_manifest()
    {
        using var elsewhere = new TemporaryFolder();
        string manifest = elsewhere.Write("manifest.json", _sample.Manifest.ToJsonString());
        Assert.Throws<PackRefusedException>(() => PackReader.Read(manifest));
        Assert.Equal(_sample.Folder.File("light.onnx"), PackReader.Read(elsewhere.Path, _sample.Folder.Path).Stages[0].FilePath);
    }

    [Fact]
    public void Labels_may_come_from_a_file()
    {
        _sample.Set("labels", null);
        _sample.Set("labels_file", "\"names.txt\"");
        _sample.Folder.Write("names.txt", "one\ntwo\n\n");
        Assert.Equal(["one", "two"], _sample.Read().Labels);
    }

    /// <summary>A space may be the name of a character; what nobody sees, or a terminal would obey, is no name.</summary>
    [Theory]
    [InlineData("one\n\nthree\n", "label 2 of 3 is empty; give the class a name")]
    [InlineData("one\nt\u001b[31mwo\n", "label 2 of 2 holds the control character 0x1b")]
    [InlineData("o\0ne\ntwo\n", "label 1 of 2 holds the control character 0x00")]
    [InlineData("0: one\n1: two\n", "'names.txt' begins with '0: one'; write the names alone")]
    [InlineData("names:\n- one\n", "'names.txt' begins with 'names:'")]
    [InlineData("\uFEFFone\r\n \r\n\r\n", null)]
    public void Every_label_is_a_name(string text, string? expected)
    {
        _sample.Set("labels", null);
        _sample.Set("labels_file", "\"names.txt\"");
        _sample.Folder.Write("names.txt", text);
        if (expected is null)
        {
            Assert.Equal(["one", " "], _sample.Read().Labels);
            return;
        }

        Assert.Contains(_sample.Reasons(), r => r.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_labels_file_must_be_inside_the_folder_and_there()
    {
        _sample.Set("labels", null);
        _sample.Set("labels_file", "\"../names.txt\"");
        Assert.StartsWith("manifest: labels_file: file '../names.txt' leaves the pack's folder", Assert.Single(_sample.Reasons()),
            StringComparison.Ordinal);
        _sample.Set("labels_file", "\"gone.txt\"");
        Assert.StartsWith("manifest: labels_file: file 'gone.txt' is not in", Assert.Single(_sample.Reasons()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n", "a pointer of Git LFS")]
    [InlineData("", "empty; fetch it again")]
    [InlineData("\uFEFF\n<!DOCTYPE html>", "a web page")]
    [InlineData("<HTML><body>", "a web page")]
    public void Any_file_of_a_pack_that_was_fetched_wrongly_is_told_for_what_it_is(string text, string words)
    {
        string weights = SamplePack.Sha256(_sample.Folder.Write("w.bin", text));
        _sample.Folder.Write("light.onnx", text);
        _sample.Folder.Write("names.txt", text);
        _sample.Set("stages.0.weights", $$"""[{"file": "w.bin", "sha256": "{{weights}}"}]""");
        _sample.Set("labels", null);
        _sample.Set("labels_file", "\"names.txt\"");
        var reasons = _sample.Reasons();
        Assert.All(["file 'light.onnx' is " + words, "file 'w.bin' is " + words, "labels file 'names.txt' is " + words],
            wanted => Assert.Contains(reasons, r => r.Contains(wanted, StringComparison.Ordinal)));
        Assert.StartsWith("the manifest is " + words, Assert.Single(_sample.ReasonsOf(text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Entry not found", "the answer of a server, not a model; it begins 'Entry not found'")]
    [InlineData("{\"error\":\"no\"}", "the answer of a server")]
    [InlineData("PK\u0003\u0004archive", "an archive, such as a PyTorch checkpoint, and not")]
    public void A_model_that_is_something_else_is_told_for_what_it_is(string text, string words)
    {
        _sample.Folder.Write("light.onnx", text);
        Assert.Contains("file 'light.onnx' is " + words, Assert.Single(_sample.Reasons()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() => Assert.Equal("sample",
        _sample.ReadText("\uFEFF" + _sample.Manifest.ToJsonString()).Name);

    [Fact]
    public void Boxes_go_on_as_they_moved_unless_the_manifest_says_otherwise()
    {
        Assert.Equal(CarryKind.Motion, _sample.Read().Carry);
        _sample.Manifest["carry"] = "picture";
        Assert.Equal(CarryKind.Picture, _sample.Read().Carry);
    }

    /// <summary>Every single mistake, with the words that the reason must hold.</summary>
    [Theory]
    [InlineData("manifest", "2", "'manifest' (the version of the format) is 2; this build reads 1")]
    [InlineData("manifest", null, "is missing; this build reads 1")]
    [InlineData("name", null, "manifest: 'name' is missing")]
    [InlineData("name", "\"A pack\"", "names are up to 40 lower-case letters")]
    [InlineData("title", "\" \"", "'title' is empty")]
    [InlineData("task", "\"detect\"", "'task' is 'detect', which is unknown; did you mean 'detection'?")]
    [InlineData("task", null, "'task' is missing; known: classification, detection, embedding, policy, segmentation, depth")]
    [InlineData("task", "\"policy\"", "head 'yolox' answers a task of 'detection', but the pack's task is 'policy'")]
    [InlineData("carry", "\"pictures\"", "'carry' is 'pictures', which is unknown; did you mean 'picture'?")]
    [InlineData("licence", null, "'licence.spdx' is missing")]
    [InlineData("labels", null, "'labels' or 'labels_file' is missing")]
    [InlineData("labels_file", "\"names.txt\"", "'labels' and 'labels_file' are both given")]
    public void A_mistake_in_what_the_pack_is_is_named(string path, string? json, string words) => ExpectMistake(path, json, words);

    [Theory]
    [InlineData("stages", null, "manifest: 'stages' is missing or empty")]
    [InlineData("stages.0.name", "\"stop\"", "and not 'frame', 'previous' or 'stop'")]
    [InlineData("stages.0.name", "\"a>b\"", "names are up to 40 lower-case letters")]
    [InlineData("stages.1.name", "\"light\"", "two stages are named 'light'")]
    [InlineData("stages.0.file", null, "stage 'light': 'file' is missing")]
    [InlineData("stages.0.file", "\"gone.onnx\"", "file 'gone.onnx' is not in")]
    [InlineData("stages.0.file", "\"/etc/hosts\"", "file '/etc/hosts' leaves the pack's folder")]
    [InlineData("stages.0.file", "\"sub/../../x\"", "leaves the pack's folder")]
    [InlineData("stages.0.file", "\"sub\\\\heavy.onnx\"", "leaves the pack's folder")]
    [InlineData("stages.0.sha256", null, "stage 'light': 'sha256' is missing")]
    [InlineData("stages.0.sha256", "\"abc\"", "it must be 64 hexadecimal digits")]
    [InlineData("stages.0.sha256", "\"0000000000000000000000000000000000000000000000000000000000000000\"", "but the manifest says 0000")]
    [InlineData("stages.0.weights", "[{\"file\": \"w.bin\", \"sha256\": \"00\"}]", "stage 'light': weights: file 'w.bin' is not in")]
    [InlineData("stages.0.input", null, "takes neither the frame ('input') nor features")]
    [InlineData("stages.0.input.tensor", null, "stage 'light': input: 'tensor' is missing")]
    [InlineData("stages.0.input.width", "0", "'width' is 0; it must lie between 1 and 16384")]
    [InlineData("stages.0.input.height", null, "'height' is missing")]
    [InlineData("stages.0.input.channels", "\"bgra\"", "'channels' is 'bgra', which is unknown; did you mean 'bgr'?")]
    [InlineData("stages.0.input.layout", "\"chw\"", "'layout' is 'chw', which is unknown")]
    [InlineData("stages.0.input.element", "\"float64\"", "'element' is 'float64', which is unknown")]
    [InlineData("stages.0.input.fit", "\"stretch\"", "'pad' goes with fit 'letterbox' only")]
    [InlineData("stages.0.input.fit", "\"center_crop\"", "'resize_shorter' is missing")]
    [InlineData("stages.0.input.pad", null, "'pad' is missing; fit 'letterbox' needs its value and placement")]
    [InlineData("stages.0.input.pad.value", "300", "'pad.value' is 300; it must lie between 0 and 255")]
    [InlineData("stages.0.input.resize_shorter", "40", "'resize_shorter' goes with fit 'center_crop' only")]
    [InlineData("stages.0.input.mean", "[1, 2]", "'mean' has 2 values; it must have 1, or one for each of the 3 channels")]
    [InlineData("stages.0.input.std", "[0]", "'std' must be above 0")]
    [InlineData("stages.1.keep_input.tokens", "0", "'keep_input.tokens' is 0")]
    [InlineData("stages.1.features.0.from_stage", "\"ligth\"",
        "takes features of stage 'ligth', which does not exist; did you mean 'light'?")]
    [InlineData("stages.1.features.0.from_stage", "\"heavy\"", "it takes features of itself")]
    public void A_mistake_in_a_stage_is_named(string path, string? json, string words) => ExpectMistake(path, json, words);

    [Theory]
    [InlineData("stages.0.exit.head", null, "stage 'light': exit: it has no 'head'")]
    [InlineData("stages.0.exit.head", "\"yolo\"", "head 'yolo' is unknown; did you mean 'yolox'?")]
    [InlineData("stages.0.exit.head", "\"embedding\"", "head 'embedding' does not use 'strides'")]
    [InlineData("stages.0.exit.outputs", "[]", "'outputs' names 0 tensors; head 'yolox' reads 1")]
    [InlineData("stages.0.exit.detection_threshold", null, "'detection_threshold' is missing")]
    [InlineData("stages.0.exit.detection_threshold", "1.5", "'detection_threshold' is 1.5")]
    [InlineData("stages.0.exit.doubt_floor", "0.6", "'doubt_floor' (0.6) must not lie above 'detection_threshold' (0.4)")]
    [InlineData("stages.0.exit.detection_limit", "5000", "'detection_limit' is 5000; it must lie between 1 and 1000")]
    [InlineData("stages.0.exit.strides", "[]", "'strides' must list 1 to 8 numbers")]
    [InlineData("stages.0.exit.bin_count", "8", "head 'yolox' does not use 'bin_count'")]
    [InlineData("stages.1.exit.decoded", "true", "head 'fastestdet' does not use 'decoded'")]
    public void A_mistake_in_an_exit_is_named(string path, string? json, string words) => ExpectMistake(path, json, words);

    [Theory]
    [InlineData("stages.0.exit.box_form", "\"xyxy\"", "head 'yolox' does not use 'box_form'")]
    [InlineData("stages.0.exit.head", "\"yolov8\"", "head 'yolov8' does not use 'strides'")]
    [InlineData("stages.0.exit.head", "\"yolov9\"", "head 'yolov9' is unknown; did you mean 'yolov8'?")]
    [InlineData("stages.0.exit.head", "\"detr\"", "'outputs' names 1 tensors; head 'detr' reads 2 (the logits, then the boxes)")]
    [InlineData("stages.0.exit.head", "\"ssd\"", "'outputs' names 1 tensors; head 'ssd' reads 3 (boxes, classes, confidences")]
    [InlineData("stages.1.size_input", "\"s\"", "'size_input' takes the size of the frame's tensor, but the stage has no 'input'")]
    public void A_mistake_about_decoded_boxes_is_named(string path, string? json, string words) => ExpectMistake(path, json, words);

    [Theory]
    [InlineData("yolov8_pose", "", "'keypoint_count' is missing")]
    [InlineData("yolov8_pose", ", \"keypoint_count\": 300", "'keypoint_count' is 300; it must lie between 1 and 256")]
    [InlineData("yolov8_pose", ", \"keypoint_count\": 17, \"keypoint_values\": 4", "'keypoint_values' is 4; it must lie between 2 and 3")]
    [InlineData("end_to_end_pose", ", \"keypoint_count\": 17", "stage 'heavy' answers with nothing beside boxes, stage 'light' with 17 key "
        + "points; the exits of one pack answer alike")]
    [InlineData("yolov8", ", \"keypoint_count\": 17", "head 'yolov8' does not use 'keypoint_count'")]
    [InlineData("yolov8_obb", ", \"box_form\": \"xyxy\"", "head 'yolov8_obb' does not use 'box_form'")]
    [InlineData("yolov8_seg", "", "'outputs' names 1 tensors; head 'yolov8_seg' reads 2 (the boxes with their coefficients, then the")]
    [InlineData("end_to_end_seg", ", \"mask_count\": 0", "'mask_count' is 0; it must lie between 1 and 256")]
    public void A_mistake_about_details_is_named(string head, string more, string words) => ExpectMistake("stages.0.exit", $$"""
        { "head": "{{head}}", "outputs": ["o"], "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5,
          "detection_limit": 10 {{more}} }
        """, words);

    [Theory]
    [InlineData("edges", null, "exit 'light' is unreachable")]
    [InlineData("edges.0", """{"from": "frame", "to": "light", "region": {"from": "tiles", "side": 0.5, "count": 4}, "merge": "replace"}""",
        "4 windows have one answer only where they are merged")]
    [InlineData("edges.0.to", "\"lihgt\"", "edges[0]: stage 'lihgt' does not exist; did you mean 'light'?")]
    [InlineData("edges.0.from", null, "edges[0]: 'from' is missing")]
    [InlineData("edges.0", "{\"from\": \"heavy\", \"to\": \"light\"}", "the edges form a cycle: light -> heavy -> light")]
    [InlineData("edges.1", "{\"from\": \"frame\", \"to\": \"heavy\"}",
        "takes features of 'light', but a path reaches it that does not run that stage first")]
    [InlineData("edges.1.keep", "[1, 1.5]", "keep ratio 1.5 is outside (0, 1]")]
    [InlineData("edges.1.keep", "[0.5, 0.5]", "'light' -> 'heavy' at keep 0.5 and scale 1 is given 2 times")]
    [InlineData("edges.1.scale", "[0.5]", "'scale' and 'region' change how the frame is taken, but 'heavy' does not take the frame")]
    [InlineData("edges.0.keep", "[0.5]", "'keep' lists ratios below 1, but 'light' has no 'keep_input'")]
    [InlineData("edges.0.scale", "[]", "must not be empty")]
    [InlineData("edges.0.region", "[0, 0, 1]", "'region' has 3 numbers")]
    [InlineData("edges.0.region", "[0.5, 0, 1, 1]", "does not lie inside the frame")]
    [InlineData("edges.0.region", "0.5", "edges[0].region must be a list of four numbers or an object with 'from', but a number stands")]
    [InlineData("edges.0.region", """{"from": "dout", "side": 0.5}""", "'from' is 'dout', which is unknown; did you mean 'doubt'?")]
    [InlineData("edges.0.region", """{"from": "doubt", "side": 0.5}""", "the edge must leave a stage with an exit")]
    [InlineData("edges.0.region", """{"from": "motion", "side": 0.5}""", "every edge out of 'frame' looks at windows")]
    [InlineData("edges.0.region", """{"from": "tiles"}""", "region: 'side' is missing")]
    [InlineData("edges.0.region", """{"from": "tiles", "side": 3}""", "'side' is 3: up to 1 it is a part of the frame's sides")]
    [InlineData("edges.0.region", """{"from": "tiles", "side": 1, "count": 3}""", "'count' is 3; tiles are as many columns as rows")]
    [InlineData("edges.0.region", """{"from": "tiles", "side": 1, "count": 5}""", "'count' is 5; it must lie between 1 and 4")]
    [InlineData("edges.0.region", """{"from": "tiles", "side": 1, "sides": 2}""", "has no property 'sides'; did you mean 'side'?")]
    [InlineData("edges.1.region", """{"from": "doubt", "side": 0.5}""", "'heavy' takes features")]
    [InlineData("edges.0.merge", "\"unoin\"", "'merge' is 'unoin', which is unknown; did you mean 'union'?")]
    [InlineData("edges.2.from", "\"light\"", "the previous answer is reused from 'frame' only")]
    [InlineData("policies", null, "policies: 'fixed_route' is missing")]
    [InlineData("policies.fixed_route", "\"light>heavvy\"",
        "'fixed_route' is 'light>heavvy', which is not a path; did you mean 'light>heavy'?")]
    [InlineData("policies.cascade.entry", "\"heavy\"", "'entry' is 'heavy', which is not an option at 'frame'")]
    [InlineData("policies.cascade.exits", "{\"ligt\": {\"signal\": \"count\", \"stop_at_most\": 1}}",
        "exit 'ligt': no stage with an exit has this name; did you mean 'light'?")]
    [InlineData("policies.cascade.exits", "{\"heavy\": {\"signal\": \"count\", \"stop_at_most\": 1}}",
        "no edge leaves 'light>heavy', so its threshold decides nothing")]
    [InlineData("policies.cascade.exits.light.signal", "\"marign\"", "'signal' is 'marign', which is unknown; did you mean 'margin'?")]
    [InlineData("policies.cascade.exits.light.stop_at_least", "0.5", "exactly one of 'stop_at_least' and 'stop_at_most' must be given")]
    [InlineData("policies.cascade.exits.light.stop_at_most", null, "exactly one of 'stop_at_least' and 'stop_at_most' must be given")]
    [InlineData("policies.cascade.exits.light.stop_at_most", "1e39", "'stop_at_most'")]
    [InlineData("policies.cascade.exits.light.next", "\"heavy@keep=0.7\"", "'next' is 'heavy@keep=0.7', which is not an option at 'light'")]
    [InlineData("policies.cascade", "{\"entry\": \"light\"}", "neither thresholds ('exits') nor a 'reuse' rule")]
    [InlineData("policies.cascade.reuse.motion_at_most", "2", "'motion_at_most' is 2; it must lie between 0 and 1")]
    [InlineData("cost_profiles.0.device", null, "cost_profiles[0]: 'device' is missing")]
    [InlineData("cost_profiles.0.options.light.ms_p95", "1", "cost_profiles[0]: light: 'ms_p95' is 1; it must lie between 2")]
    [InlineData("cost_profiles.0.options.huge", "{\"ms_p50\": 1, \"ms_p95\": 2}", "'huge' is not an option of this pack")]
    public void A_mistake_in_edges_policies_or_costs_is_named(string path, string? json, string words) => ExpectMistake(path, json, words);

    private void ExpectMistake(string path, string? json, string words)
    {
        _sample.Set(path, json);
        Assert.Contains(_sample.Reasons(), r => r.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_threshold_on_a_signal_that_the_head_does_not_compute_is_refused()
    {
        _sample.Set("task", "\"embedding\"");
        _sample.Set("stages.0.exit", """{ "head": "embedding", "outputs": ["e"], "dimension_count": 8 }""");
        _sample.Set("stages.1.exit", """{ "head": "embedding", "outputs": ["e"], "dimension_count": 8, "normalize": true }""");
        Assert.Equal(
            "policies.cascade: exit 'light': its head does not compute 'low_confidence_mass'; it computes carried_agreement, consistency",
            Assert.Single(_sample.Reasons()));
    }

    [Fact]
    public void All_mistakes_are_listed_at_once()
    {
        _sample.Set("task", "\"detect\"");
        _sample.Set("stages.0.file", "\"gone.onnx\"");
        _sample.Set("stages.0.input.width", "-4");
        _sample.Set("stages.1.sha256", "\"1111111111111111111111111111111111111111111111111111111111111111\"");
        _sample.Set("stages.1.exit.head", "\"fastest\"");
        _sample.Set("edges.1.keep", "[2]");
        _sample.Set("licence.origin", null);
        _sample.Set("titel", "\"x\"");
        string[] words =
        [
            "'task' is 'detect'", "'gone.onnx' is not in", "'width' is -4", "but the manifest says 1111",
            "head 'fastest' is unknown; did you mean 'fastestdet'?",
            "keep ratio 2 is outside", "'licence.origin' is missing", "the manifest has no property 'titel'; did you mean 'title'?",
        ];
        var reasons = _sample.Reasons();
        Assert.All(words, w => Assert.Contains(reasons, r => r.Contains(w, StringComparison.Ordinal)));
        Assert.Equal(words.Length, reasons.Count);
    }

    [Fact]
    public void The_message_lists_every_reason_below_the_manifest()
    {
        _sample.Set("title", null);
        _sample.Set("version", null);
        var refused = Assert.Throws<PackRefusedException>(_sample.Read);
        Assert.StartsWith($"The pack '{_sample.Folder.File("manifest.json")}' is refused:{Environment.NewLine}  - ", refused.Message,
            StringComparison.Ordinal);
        Assert.Equal(2, refused.Reasons.Count);
    }

    [Theory]
    [InlineData("{\n  \"manifest\": 1,\n  \"name\" \"x\"\n}", "line 3: this is not JSON")]
    [InlineData("{\n  \"manifest\": 1,\n}", "line 3: this is not JSON")]
    [InlineData("", "the manifest is empty; fetch it again")]
    [InlineData("{} {}", "line 1: this is not JSON")]
    [InlineData("[]", "line 1: the manifest must be an object, but a list stands there")]
    [InlineData("{\n\n\"manifest\": \"1\"}", "line 3: manifest must be a whole number, but a text stands there")]
    [InlineData("{\n\"manifest\": 1.5}", "line 2: manifest must be a whole number below 2^31")]
    [InlineData("{\n\"manifest\": 1,\n\"labels\": [\n\"a\",\nnull]}",
        "line 5: labels[1] must be a text, but null (leave the property out instead) stands there")]
    [InlineData("{\n\"stages\": [{\"exit\": {\"apply_sigmoid\": 1}}]}",
        "line 2: stages[0].exit.apply_sigmoid must be true or false, but a number stands there")]
    [InlineData("{\n\"policies\": {\"cascade\": {\"exits\": {\"a\": {}, \"a\": {}}}}}", "line 2: policies.cascade.exits has 'a' twice")]
    [InlineData("{\"name\": \"a\",\n\"name\": \"b\"}", "line 2: the manifest has 'name' twice")]
    [InlineData("{\n\"edges\": {\"from\": 1}}", "line 2: edges must be a list, but an object stands there")]
    public void What_is_wrong_with_the_text_is_named_with_its_line(string json, string words)
    {
        Assert.Contains(_sample.ReasonsOf(json), r => r.StartsWith(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_properties_are_named_with_line_place_and_the_nearest_name()
    {
        string json = _sample.Manifest.ToJsonString(new() { WriteIndented = true }).Replace("\"width\"", "\"widht\"",
            StringComparison.Ordinal);
        int line = 1 + json.Split('\n').TakeWhile(l => !l.Contains("widht", StringComparison.Ordinal)).Count();
        Assert.Contains($"line {line}: stages[0].input has no property 'widht'; did you mean 'width'?", _sample.ReasonsOf(json));
    }

    [Fact]
    public void A_manifest_that_is_not_there_is_one_reason()
    {
        var refused = Assert.Throws<PackRefusedException>(() => PackReader.Read(_sample.Folder.File("nowhere.json")));
        Assert.Contains("the manifest cannot be read", Assert.Single(refused.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_files_that_is_not_there_is_one_reason()
    {
        string manifest = _sample.Folder.Write("manifest.json", _sample.Manifest.ToJsonString());
        var refused = Assert.Throws<PackRefusedException>(() => PackReader.Read(manifest, _sample.Folder.File("nowhere")));
        Assert.Contains("does not exist", Assert.Single(refused.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_beyond_the_size_limit_is_refused()
    {
        string padding = new(' ', PackReader.ManifestLimitBytes);
        Assert.Contains("larger than", Assert.Single(_sample.ReasonsOf(_sample.Manifest.ToJsonString() + padding)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_of_reasons_is_cut_and_counted()
    {
        var refused = _sample.ReasonsOf("{" + string.Join(",", Enumerable.Range(0, 200).Select(i => $"\"p{i}\": {i}")) + "}");
        Assert.Equal(61, refused.Count);
        Assert.StartsWith("and ", refused[^1], StringComparison.Ordinal);
    }
}
