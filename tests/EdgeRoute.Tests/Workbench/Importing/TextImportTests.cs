using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Bare models that find text or read a line of it become packs that answer on a real session.</summary>
public sealed class TextImportTests : IDisposable
{
    private const int Side = 64, LineHeight = 16, LineWidth = 64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ImportReport Import(TinyOnnx model, string? labels = null)
    {
        if (Directory.Exists(_folder.File("pack")))
        {
            Directory.Delete(_folder.File("pack"), recursive: true);
        }

        return ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, labels, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, Replaces: false), (_, _) => { });
    }

    private JsonNode Stage => JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!["stages"]![0]!;

    private static TinyOnnx Image() => new TinyOnnx().Input("x", TinyOnnx.Float, 1, 3, Side, Side);

    private static TinyOnnx Line(int channels = 3) => new TinyOnnx().Input("x", TinyOnnx.Float, 1, channels, LineHeight, LineWidth);

    /// <summary>Steps that are sure of one column each.</summary>
    private static float[] Steps(int columns, float sure, float other, params int[] best) =>
        [.. best.SelectMany(b => Enumerable.Range(0, columns).Select(c => c == b ? sure : other))];

    [Fact]
    public void A_map_of_small_probabilities_is_text_and_told_as_a_guess()
    {
        float[] map = new float[Side * Side];
        for (int y = 20; y <= 24; y++)
        {
            map.AsSpan((y * Side) + 10, 21).Fill(0.75f);
        }

        var report = Import(Image().Output("sigmoid_0.tmp_0", [1, 1, Side, Side], map));
        Assert.Equal(("db_text", null), (report.Head, report.Trial!.Fault));
        Assert.Contains(report.Guesses, g => g.What == "what the map means");
        Assert.Equal(["text"], PackReader.Read(_folder.File("pack")).Labels);
        // A picture of 640 x 480 fills the upper three quarters of the input; the box has grown by two and a half cells.
        Assert.StartsWith("text 0.75 at 0.12,0.36 size 0.39x0.19", Assert.Single(report.Trial.Answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5f, 0.9f)]
    [InlineData(0.02f, 3f)]
    public void Other_maps_of_one_plane_stay_depths(float usual, float nearest)
    {
        float[] map = new float[Side * Side];
        map.AsSpan().Fill(usual);
        map[7] = nearest;
        Assert.Equal("depth", Import(Image().Output("out", [1, 1, Side, Side], map)).Head);
        Assert.Equal("depth", Import(Image().Output("disparity", [1, 1, Side, Side], new float[Side * Side])).Head);
    }

    [Theory]
    [InlineData(new long[] { 1, 5, 4 }, "none")]
    [InlineData(new long[] { 5, 1, 4 }, "softmax")]
    public void A_reader_of_lines_takes_its_characters_from_a_file(long[] shape, string activation)
    {
        bool isSoftmax = activation == "softmax";
        float[] steps = Steps(4, isSoftmax ? 9 : 0.97f, isSoftmax ? 0 : 0.01f, 1, 0, 2, 2, 3);
        string labels = _folder.Write("dictionary.txt", "a\nb\n é\n");
        var report = Import(Line().Output("softmax_0.tmp_0", shape, steps), labels);
        Assert.Equal(("ctc_text", null), (report.Head, report.Trial!.Fault));
        Assert.StartsWith("text 'ab é' ", Assert.Single(report.Trial.Answer), StringComparison.Ordinal);
        Assert.Equal((activation, 0), ((string)Stage["exit"]!["activation"]!, (int)Stage["exit"]!["blank"]!));
        var pack = PackReader.Read(_folder.File("pack"));
        Assert.Equal(TaskKind.Text, pack.Task);
        Assert.Equal(["a", "b", " é"], pack.Labels);
    }

    [Fact]
    public void A_space_is_put_behind_a_dictionary_that_is_one_short()
    {
        string labels = _folder.Write("dictionary.txt", "a\r\nb\r\n");
        var report = Import(Line().Output("out", [1, 3, 4], Steps(4, 0.97f, 0.01f, 1, 3, 2)), labels);
        Assert.StartsWith("text 'a b' 0.97", Assert.Single(report.Trial!.Answer), StringComparison.Ordinal);
        Assert.Equal(["a", "b", " "], PackReader.Read(_folder.File("pack")).Labels);
        Assert.Contains(report.Reasons, r => r.Contains("for the space", StringComparison.Ordinal));
    }

    [Fact]
    public void Characters_in_the_model_and_usual_ones_need_no_file()
    {
        var own = Import(Line().Output("out", [1, 3, 4], Steps(4, 0.97f, 0.01f, 1, 3, 2)).Metadata("character", "x\ny\nz"));
        Assert.StartsWith("text 'xzy'", Assert.Single(own.Trial!.Answer), StringComparison.Ordinal);
        var grey = Import(Line(1).Output("out", [3, 1, 37], Steps(37, 9, 0, 1, 0, 36)));
        Assert.StartsWith("text '0z'", Assert.Single(grey.Trial!.Answer), StringComparison.Ordinal);
        Assert.Equal("gray", (string)Stage["input"]!["channels"]!);
        Assert.Contains(grey.Guesses, g => g.Value == "digits and small letters");
        var english = Import(Line().Output("out", [1, 4, 97], Steps(97, 9, 0, 1, 95, 94, 79)));
        Assert.StartsWith("text '0 /~'", Assert.Single(english.Trial!.Answer), StringComparison.Ordinal);
        // The last class says that there is no character, where most steps are sure of it.
        var last = Import(Line().Output("out", [1, 5, 4], Steps(4, 0.97f, 0.01f, 3, 0, 3, 2, 3)).Metadata("character", "x\ny\nz"));
        Assert.StartsWith("text 'xz'", Assert.Single(last.Trial!.Answer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_whose_characters_are_not_known_is_refused_with_what_to_do()
    {
        var model = Line().Output("out", [1, 3, 9], Steps(9, 0.92f, 0.01f, 1, 0, 2));
        string told = Assert.Throws<InvalidDataException>(() => Import(model)).Message;
        Assert.Contains("it wants 8 characters; give its dictionary with --labels FILE", told, StringComparison.Ordinal);
        string labels = _folder.Write("dictionary.txt", "a\nb\nc\n");
        Assert.Contains("dictionary.txt' has 3", Assert.Throws<InvalidDataException>(() => Import(model, labels)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("pack")));
    }

    [Fact]
    public void An_open_width_is_that_of_a_line()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, -1, 3, LineHeight, -1).Output("out", [1, 2, 4],
            Steps(4, 0.97f, 0.01f, 1, 0)).Metadata("character", "x\ny\nz");
        Assert.Contains(Import(model).Guesses, g => g.Value == "320x16");
    }

    /// <summary>The imported pack on an engine of its own.</summary>
    [Fact]
    public void A_running_engine_writes_what_it_reads()
    {
        Import(Line().Output("out", [1, 5, 4], Steps(4, 0.97f, 0.01f, 2, 0, 1, 1, 3)).Metadata("character", "a\nb\nü"));
        string answers = _folder.File("answers.jsonl"), manifest = _folder.File("pack", "manifest.json");
        var config = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { signs: { manifest: {{manifest}} } }
            sources:
              table:
                open: "sim://tabletop?width=320&height=80&fps=30&seed=1"
                pack: signs
                take: every
                pace: free
                policy: { kind: fixed, path: main }
                deadline_ms: none
            """));
        Assert.Empty(config.Problems);
        using (var engine = new EngineBuilder(config.Config!, new EngineOptions(3, null, answers, SimulatedSources.Schemes), (_, _) => { })
            .Build())
        {
            engine.Run(3);
        }

        var lines = File.ReadLines(answers).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(["baü", "baü", "baü"], lines.Select(l => (string)l["text"]!));
        Assert.Equal(3, lines[0]["probabilities"]!.AsArray().Count);
        Assert.Equal(0.97, (double)lines[0]["confidence"]!, 3);
    }

    /// <summary>What the exit block of a reader or finder of text may not say.</summary>
    [Theory]
    [InlineData("ctc_text", "activation", "\"sigmoid\"", "'activation' of head 'ctc_text' is 'none'")]
    [InlineData("ctc_text", "blank", "9", "'blank' is 9; it must lie between 0 and 3")]
    [InlineData("ctc_text", "nms_overlap", "0.5", "head 'ctc_text' does not use 'nms_overlap'")]
    [InlineData("db_text", "unclip_ratio", "-1", "'unclip_ratio' is -1")]
    [InlineData("db_text", "strides", "[8]", "head 'db_text' does not use 'strides'")]
    public void Settings_that_make_no_sense_are_refused(string head, string property, string value, string words)
    {
        Import(head == "ctc_text" ? Line().Output("out", [1, 2, 4], Steps(4, 0.97f, 0.01f, 1, 0)).Metadata("character", "x\ny\nz")
            : Image().Output("out", [1, 1, Side, Side], new float[Side * Side]));
        var manifest = JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!;
        manifest["stages"]![0]!["exit"]![property] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File("pack", "manifest.json"), manifest.ToJsonString());
        Assert.Contains(words, Assert.Throws<PackRefusedException>(() => PackReader.Read(_folder.File("pack"))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A face of a model with YuNet's twelve outputs, in any order.</summary>
    [Fact]
    public void Faces_are_known_by_their_outputs_for_each_stride()
    {
        var model = Image();
        foreach (var (kind, width) in new[] { ("kps", 10), ("cls", 1), ("bbox", 4), ("obj", 1) })
        {
            foreach (int stride in new[] { 32, 8, 16 })
            {
                int cells = Side / stride * (Side / stride);
                float[] values = new float[cells * width];
                if (stride == 16 && width == 1)
                {
                    values[5] = kind == "cls" ? 0.64f : 1;
                }

                model.Output($"{kind}_{stride}", [1, cells, width], values);
            }
        }

        var report = Import(model);
        Assert.Equal(("yunet", null), (report.Head, report.Trial!.Fault));
        Assert.Equal("cls_8 cls_16 cls_32 obj_8 obj_16 obj_32 bbox_8 bbox_16 bbox_32 kps_8 kps_16 kps_32",
            string.Join(' ', Stage["exit"]!["outputs"]!.AsArray().Select(o => (string)o!)));
        Assert.Equal(["face"], PackReader.Read(_folder.File("pack")).Labels);
        // The cell at 16,16, 16 pixels wide and high around its upper left corner; the frame is 64 x 48 of the input.
        Assert.StartsWith("face 0.80 at 0.13,0.17 size 0.25x0.33, 5 of 5 key points seen", Assert.Single(report.Trial.Answer),
            StringComparison.Ordinal);
    }
}
