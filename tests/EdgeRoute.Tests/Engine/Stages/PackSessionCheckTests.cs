using EdgeRoute.Engine.Stages;
using EdgeRoute.Tests.Documents.Packs;

namespace EdgeRoute.Tests.Engine.Stages;

public sealed class PackSessionCheckTests : IDisposable
{
    private readonly SamplePack _sample = new();

    /// <summary>Tensors of models that fit the sample: 64x32 at strides 8 and 16 makes 32 + 8 cells; three labels.</summary>
    private readonly List<ModelTensor> _lightInputs = [new("images", "float32", [1, 3, 32, 64])];
    private readonly List<ModelTensor> _lightOutputs = [new("boxes", "float32", [1, 40, 8]), new("features", "float16", [1, 100, 192])];
    private readonly List<ModelTensor> _heavyInputs = [new("features", "float16", [-1, -1, 192]), new("k", "int64", [1])];
    private readonly List<ModelTensor> _heavyOutputs = [new("cells", "float32", [1, 8, 4, 4])];

    public void Dispose() => _sample.Dispose();

    private IReadOnlyList<string> Problems() =>
        PackSessionCheck.FindProblems(_sample.Read(), [new(_lightInputs, _lightOutputs), new(_heavyInputs, _heavyOutputs)]);

    private void Expect(params string[] words)
    {
        var problems = Problems();
        Assert.All(words, w => Assert.Contains(problems, p => p.Contains(w, StringComparison.Ordinal)));
        Assert.Equal(words.Length, problems.Count);
    }

    [Fact]
    public void Models_that_fit_give_no_problem() => Assert.Empty(Problems());

    [Fact]
    public void Sizes_decided_at_run_time_fit()
    {
        _lightInputs[0] = new("images", "float32", [-1, 3, -1, -1]);
        _lightOutputs[0] = new("boxes", "float16", [-1, -1, 8]);
        Assert.Empty(Problems());
    }

    [Fact]
    public void Unknown_tensors_are_named_with_the_nearest_that_exists()
    {
        _lightInputs[0] = _lightInputs[0] with { Name = "image" };
        _heavyOutputs[0] = _heavyOutputs[0] with { Name = "758" };
        _lightOutputs[1] = _lightOutputs[1] with { Name = "feature" };
        Expect(
            "stage 'light': the model has no input 'images'; did you mean 'image'?",
            "stage 'light': the model takes input 'image' (float32[1,3,32,64]), which the manifest does not fill",
            "stage 'heavy': the model has no output (of stage 'light') 'features'; did you mean 'feature'?",
            "stage 'heavy': the model has no output 'cells'; valid here: 758");
    }

    [Fact]
    public void Element_type_and_shape_of_the_frame_input_are_compared()
    {
        _lightInputs[0] = new("images", "uint8", [1, 32, 64, 3]);
        Expect(
            "input 'images' takes uint8, but the manifest says float32",
            "input 'images' has shape [1,32,64,3], but the manifest's size, channels and layout make [1,3,32,64]");
    }

    [Fact]
    public void Input_scales_need_a_size_decided_at_run_time()
    {
        _sample.Set("edges.0.scale", "[1, 0.5]");
        Expect("edges give input scales 0.5, but input 'images' has the fixed size [1,3,32,64]");
    }

    [Fact]
    public void A_model_that_wants_more_than_is_given_is_refused()
    {
        _lightInputs.Add(new("im_shape", "float32", [1, 2]));
        Expect("the model takes input 'im_shape' (float32[1,2]), which the manifest does not fill");
    }

    [Fact]
    public void The_keep_input_must_be_one_whole_number()
    {
        _heavyInputs[1] = new("k", "float32", [1]);
        Expect("keep input 'k' takes float32[1]; it must be one int64");
    }

    [Fact]
    public void A_keep_input_that_the_model_lacks_is_named()
    {
        _heavyInputs.RemoveAt(1);
        Expect("the model has no input 'k'");
    }

    [Fact]
    public void Features_must_fit_what_the_stage_before_yields()
    {
        _heavyInputs[0] = new("features", "float32", [1, -1, 128]);
        Expect("input 'features' takes float32[1,?,128], but 'features' of stage 'light' yields float16[1,100,192]");
    }

    [Fact]
    public void Outputs_must_have_the_shape_that_the_head_decodes()
    {
        _lightOutputs[0] = new("boxes", "float32", [1, 41, 85]);
        _heavyOutputs[0] = new("cells", "int64", [1, 4, 4, 8]);
        Expect(
            "output 'boxes' has shape [1,41,85]; head 'yolox' with 3 labels and this input reads [1,40,8]",
            "output 'cells' yields int64; heads read float32 or float16",
            "output 'cells' has shape [1,4,4,8]; head 'fastestdet' with 3 labels and this input reads [1,8,?,?]");
    }

    [Theory]
    [InlineData("classification", """{ "head": "softmax_classification", "outputs": ["boxes"] }""", "but the pack has 3 labels")]
    [InlineData("embedding", """{ "head": "embedding", "outputs": ["boxes"], "dimension_count": 128 }""", "but 'dimension_count' is 128")]
    [InlineData("policy", """{ "head": "policy", "outputs": ["boxes"], "step_count": 8, "dimension_count": 4 }""",
        "but 8 steps of 4 dimensions are declared")]
    public void The_number_of_values_must_be_what_the_exit_declares(string task, string exit, string words)
    {
        _sample.Set("task", $"\"{task}\"");
        _sample.Set("stages.0.exit", exit);
        _sample.Set("stages.1.exit", null);
        _sample.Set("edges", """[{ "from": "frame", "to": "light" }]""");
        _sample.Manifest["stages"]!.AsArray().RemoveAt(1);
        _sample.Set("policies", """{ "fixed_route": "light" }""");
        _sample.Set("cost_profiles", null);
        var problems = PackSessionCheck.FindProblems(_sample.Read(), [new(_lightInputs, _lightOutputs)]);
        Assert.Equal($"stage 'light': output 'boxes' [1,40,8] yields 320 values, {words}", Assert.Single(problems));
    }

    [Theory]
    [InlineData("yolov8", "[\"o\"]", "[1,8,40]", "reads [1,7,?] or [1,?,7]; this shape is what 'yolov5' or 'yolox' reads")]
    [InlineData("yolov5", "[\"o\"]", "[1,7,40]", "reads [1,8,?] or [1,?,8]; this shape is what 'yolov8' reads")]
    [InlineData("end_to_end", "[\"o\"]", "[1,40,84]", "reads [1,?,6] or [?,6]; this shape is what 'yolov8' with 36 labels")]
    [InlineData("yolov8", "[\"o\"]", "[1,300,6]", "this shape is what 'end_to_end' reads")]
    public void A_shape_of_another_head_names_that_head(string head, string outputs, string shape, string words)
    {
        BoxExit(head, outputs);
        _lightOutputs.Add(new("o", "float32", [.. shape.Trim('[', ']').Split(',').Select(d => long.Parse(d, null))]));
        Expect(words);
    }

    [Fact]
    public void Heads_of_decoded_boxes_take_the_shapes_that_they_read()
    {
        foreach (var (head, tensors) in new (string, ModelTensor[])[]
        {
            ("yolov8", [new("a", "float32", [1, 7, 40])]), ("yolov8", [new("a", "float16", [1, 40, 7])]),
            ("yolov5", [new("a", "float32", [-1, -1, 8])]), ("end_to_end", [new("a", "float32", [1, 300, 6])]),
            ("detr", [new("a", "float32", [1, 30, 3]), new("b", "float32", [1, 30, 4])]),
            ("detr", [new("a", "float32", [1, 30, 4]), new("b", "float32", [1, 30, 4])]),
            ("ssd", [new("a", "float32", [1, 30, 4]), new("b", "int64", [1, 30]), new("c", "float32", [1, 30]),
                new("d", "int32", [1])]),
        })
        {
            string[] names = [.. tensors.Select(t => t.Name)];
            BoxExit(head, $"[\"{string.Join("\", \"", names)}\"]");
            _lightOutputs.RemoveAll(t => t.Name.Length == 1);
            _lightOutputs.AddRange(tensors);
            Assert.Empty(Problems());
        }
    }

    /// <summary>Three labels; both exits of the sample answer alike.</summary>
    private void DetailExits(string head, string outputs, string more)
    {
        foreach (string stage in new[] { "stages.0.exit", "stages.1.exit" })
        {
            _sample.Set(stage, $$"""
                { "head": "{{head}}", "outputs": {{outputs}}, "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5,
                  "detection_limit": 10 {{more}} }
                """);
        }
    }

    [Theory]
    [InlineData("yolov8_pose", ", \"keypoint_count\": 17", "[1,58,84]", "[1,56,84]",
        "head 'yolov8_pose' with 3 labels, 17 key points of 3 numbers reads [1,58,?] or [1,?,58]")]
    [InlineData("end_to_end_pose", ", \"keypoint_count\": 5, \"keypoint_values\": 2", "[1,300,16]", "[1,300,21]",
        "head 'end_to_end_pose' with 3 labels, 5 key points of 2 numbers reads [1,?,16] or [?,16]")]
    [InlineData("yolov8_obb", "", "[1,84,8]", "[1,84,7]", "head 'yolov8_obb' with 3 labels and an angle reads [1,8,?] or [1,?,8]")]
    [InlineData("end_to_end_obb", "", "[1,300,7]", "[1,300,6]", "head 'end_to_end_obb' with 3 labels and an angle reads [1,?,7] or [?,7]")]
    public void Heads_with_details_take_their_shape_and_say_what_it_is_made_of(string head, string more, string right, string wrong,
        string words)
    {
        DetailExits(head, "[\"o\"]", more);
        foreach (var (shape, isRight) in new[] { (right, true), (wrong, false) })
        {
            _lightOutputs.RemoveAll(t => t.Name == "o");
            _lightOutputs.Add(new("o", "float32", [.. shape.Trim('[', ']').Split(',').Select(d => long.Parse(d, null))]));
            _heavyOutputs[0] = _lightOutputs[^1];
            Assert.All(Problems(), p => Assert.Contains(words, p, StringComparison.Ordinal));
            Assert.Equal(isRight ? 0 : 2, Problems().Count);
        }
    }

    [Fact]
    public void Heads_of_masks_read_prototypes_too()
    {
        DetailExits("yolov8_seg", "[\"o\", \"p\"]", "");
        _lightOutputs.Add(new("o", "float32", [1, 39, 84]));
        _lightOutputs.Add(new("p", "float32", [1, 32, 16, 16]));
        _heavyOutputs.AddRange(_lightOutputs[^2..]);
        Assert.Empty(Problems());
        _lightOutputs[^1] = new("p", "float32", [1, 16, 16, 32]);
        Expect("output 'p' has shape [1,16,16,32]; head 'yolov8_seg' with 3 labels and 32 mask coefficients reads [1,32,?,?]");
    }

    [Fact]
    public void The_size_input_must_be_two_whole_numbers()
    {
        _sample.Set("stages.0.size_input", "\"sizes\"");
        _lightInputs.Add(new("sizes", "int64", [-1, 2]));
        Assert.Empty(Problems());
        _lightInputs[1] = new("sizes", "float32", [1, 2]);
        Expect("size input 'sizes' takes float32[1,2]; the manifest makes int64[1,2]");
    }

    [Fact]
    public void The_mask_input_must_lie_over_the_picture()
    {
        _sample.Set("stages.0.mask_input", "\"pixel_mask\"");
        _lightInputs.Add(new("pixel_mask", "bool", [-1, 64, 64]));
        Assert.Empty(Problems());
        _lightInputs[1] = new("pixel_mask", "int32", [1, 2]);
        Expect("mask input 'pixel_mask' takes int32[1,2]; the manifest makes int64, bool or float32[1,?,?]");
    }

    private void BoxExit(string head, string outputs) => _sample.Set("stages.0.exit", $$"""
        { "head": "{{head}}", "outputs": {{outputs}}, "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5,
          "detection_limit": 10 }
        """);

    [Fact]
    public void Distribution_heads_are_checked_level_by_level()
    {
        _sample.Set("stages.0.exit", """
            { "head": "dfl", "outputs": ["c8", "c64", "d8", "d64"], "strides": [8, 64], "bin_count": 8,
              "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5, "detection_limit": 10 }
            """);
        _lightOutputs.AddRange([new("c8", "float32", [1, 32, 3]), new("c64", "float32", [1, 1, 3])]);
        _lightOutputs.AddRange([new("d8", "float32", [1, 32, 32]), new("d64", "float32", [1, 2, 32])]);
        Expect("output 'd64' has shape [1,2,32]; head 'dfl' with 3 labels and this input reads [1,1,32]");
    }
}
