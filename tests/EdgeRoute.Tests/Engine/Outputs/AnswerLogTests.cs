using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class AnswerLogTests
{
    [Fact]
    public void A_detection_is_a_list_of_boxes_with_labels()
    {
        var answer = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 2, DetectionCount = 2 };
        answer.DetectionSlots[0] = new Detection(0.1f, 0.2f, 0.3f, 0.4f, 0.9f, 1);
        answer.DetectionSlots[1] = new Detection(0, 0, 1, 1, 0.5f, 7);
        var line = Single(answer, Record(FrameEnd.Escalated, 2));
        Assert.Equal(("front", 123, "escalated", "light>heavy"),
            (line.GetProperty("source").GetString(), line.GetProperty("sequence").GetInt64(), line.GetProperty("end").GetString(),
                line.GetProperty("path").GetString()));
        Assert.Equal((4.5, 2.5), (line.GetProperty("latency_ms").GetDouble(), line.GetProperty("work_ms").GetDouble()));
        var found = line.GetProperty("detections").EnumerateArray().ToList();
        Assert.Equal(["bike", "class 7"], found.Select(d => d.GetProperty("class").GetString()));
        Assert.Equal([0.1f, 0.2f, 0.3f, 0.4f], found[0].GetProperty("box").EnumerateArray().Select(v => v.GetSingle()));
        Assert.Equal(0.9f, found[0].GetProperty("confidence").GetSingle());
        Assert.Equal([1, 7], found.Select(d => d.GetProperty("class_index").GetInt32()));
        Assert.Equal(("detection", 1_000_000L, 5_500_000L), (line.GetProperty("task").GetString(),
            line.GetProperty("capture_ns").GetInt64(), line.GetProperty("published_ns").GetInt64()));
    }

    [Fact]
    public void A_carried_answer_tells_the_frame_that_was_looked_at_and_how_long_ago_that_was()
    {
        var carried = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, Stamp = new FrameStamp(0, 120, 0, -79_000_000) };
        var line = Single(carried, Record(FrameEnd.Skipped, 1));
        Assert.Equal((true, 80, 120), (line.GetProperty("carried").GetBoolean(), line.GetProperty("age_ms").GetDouble(),
            line.GetProperty("seen_sequence").GetInt64()));
        var looked = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, Stamp = new FrameStamp(0, 123, 1_000_000, 1_000_000) };
        Assert.False(Single(looked, Record(FrameEnd.Completed, 1)).GetProperty("carried").GetBoolean());
    }

    [Fact]
    public void A_frame_with_nothing_on_it_is_an_empty_list_of_boxes()
    {
        var line = Single(new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1 }, Record(FrameEnd.Exited, 1));
        Assert.Equal(0, line.GetProperty("detections").GetArrayLength());
    }

    [Fact]
    public void A_classification_is_its_surest_class()
    {
        var line = Single(Values(TaskKind.Classification, 0.25f, 0.75f), Record(FrameEnd.Completed, 1));
        Assert.Equal(("bike", 1, 0.75f),
            (line.GetProperty("class").GetString(), line.GetProperty("class_index").GetInt32(),
                line.GetProperty("probability").GetSingle()));
    }

    [Fact]
    public void The_surest_classes_are_listed_where_the_manifest_asks_for_several()
    {
        var line = Single(Values(TaskKind.Classification, 0.2f, 0.5f, float.NaN, 0.3f), Record(FrameEnd.Completed, 1), topCount: 3);
        Assert.Equal(1, line.GetProperty("class_index").GetInt32());
        Assert.Equal(["bike 0.5", "class 3 0.3", "person 0.2"], line.GetProperty("classes").EnumerateArray().Select(c =>
            $"{c.GetProperty("class").GetString()} {c.GetProperty("probability").GetRawText()}"));
    }

    [Fact]
    public void An_embedding_is_its_values_and_a_long_one_its_first()
    {
        Assert.Equal([0.5f, -2], Numbers(Single(Values(TaskKind.Embedding, 0.5f, -2), Record(FrameEnd.Completed, 1))));
        float[] many = [.. Enumerable.Range(0, 100).Select(i => (float)i)];
        Assert.Equal(many[..64], Numbers(Single(Values(TaskKind.Embedding, many), Record(FrameEnd.Completed, 1))));
    }

    [Fact]
    public void A_map_of_classes_is_a_mask_for_each_and_one_of_depths_its_numbers()
    {
        float[] classes = new float[Answer.MapSide * Answer.MapSide];
        classes.AsSpan(0, classes.Length / 4).Fill(1);
        classes.AsSpan(classes.Length / 2).Fill(-1);
        var segments = Single(Values(TaskKind.Segmentation, classes), Record(FrameEnd.Completed, 1)).GetProperty("segments");
        Assert.Equal(["person 0.25", "bike 0.25"], segments.EnumerateArray().Select(s =>
            string.Create(null, $"{s.GetProperty("class").GetString()} {s.GetProperty("share").GetRawText()}")));
        Assert.Equal("[128,128]", segments[1].GetProperty("mask").GetProperty("size").GetRawText());
        // Down each column 32 cells are of the class and 96 are not; the first column begins with no cell of another.
        Assert.StartsWith("0P1", segments[1].GetProperty("mask").GetProperty("counts").GetString(), StringComparison.Ordinal);
        float[] depths = [.. Enumerable.Range(0, Answer.MapSide * Answer.MapSide).Select(i => i % 100 / 8f)];
        depths[3] = float.NaN;
        var depth = Single(Values(TaskKind.Depth, depths), Record(FrameEnd.Completed, 1)).GetProperty("depth");
        var halves = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(depth.GetProperty("float16").GetBytesFromBase64());
        Assert.Equal(depths, halves.ToArray().Select(h => (float)h));
    }

    [Fact]
    public void A_text_is_its_characters_with_their_probabilities()
    {
        var line = Single(Values(TaskKind.Text, 1, 0.5f, 0, 1, 1, 0.75f), Record(FrameEnd.Completed, 1));
        Assert.Equal(("bikepersonbike", 0.75f), (line.GetProperty("text").GetString(), line.GetProperty("confidence").GetSingle()));
        Assert.Equal([0.5f, 1, 0.75f], line.GetProperty("probabilities").EnumerateArray().Select(v => v.GetSingle()));
        float[] many = [.. Enumerable.Range(0, 2000).Select(i => i % 2 == 0 ? 0 : 0.9f)];
        Assert.Equal(6000, Single(Values(TaskKind.Text, many), Record(FrameEnd.Completed, 1)).GetProperty("text").GetString()!.Length);
        Assert.Equal("", Single(Values(TaskKind.Text), Record(FrameEnd.Completed, 1)).GetProperty("text").GetString());
    }

    [Fact]
    public void A_failed_frame_has_its_line_and_no_answer()
    {
        var line = Single(new Answer(TaskKind.Detection, 4, 0), Record(FrameEnd.Failed, -1));
        Assert.Equal(("failed", "failed"), (line.GetProperty("end").GetString(), line.GetProperty("path").GetString()));
        Assert.False(line.TryGetProperty("detections", out _));
    }

    [Fact]
    public void A_line_tells_the_pictures_file_and_what_went_wrong_where_there_is_either()
    {
        var line = Single(new Answer(TaskKind.Detection, 4, 0), Record(FrameEnd.Failed, -1), file: "caf\\xe9.jpg", fault: "no \"end\"");
        Assert.Equal(("caf\\xe9.jpg", "no \"end\""), (line.GetProperty("file").GetString(), line.GetProperty("fault").GetString()));
        var plain = Single(new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1 }, Record(FrameEnd.Exited, 1));
        Assert.False(plain.TryGetProperty("file", out _) || plain.TryGetProperty("fault", out _));
    }

    /// <summary>JSON has no word for them, and a network can yield them.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_null(float value)
    {
        var vector = Single(Values(TaskKind.Embedding, 1, value), Record(FrameEnd.Completed, 1)).GetProperty("values");
        Assert.Equal([JsonValueKind.Number, JsonValueKind.Null], vector.EnumerateArray().Select(v => v.ValueKind));
        var probability = Single(Values(TaskKind.Classification, value), Record(FrameEnd.Completed, 1)).GetProperty("probability");
        Assert.Equal(JsonValueKind.Null, probability.ValueKind);
        var answer = new Answer(TaskKind.Detection, 1, 0) { NodeIndex = 1, DetectionCount = 1 };
        answer.DetectionSlots[0] = new Detection(0, value, 1, 1, value, 0);
        var box = Single(answer, Record(FrameEnd.Completed, 1)).GetProperty("detections")[0];
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null),
            (box.GetProperty("confidence").ValueKind, box.GetProperty("box")[1].ValueKind));
    }

    [Fact]
    public void Every_frame_is_one_line_and_labels_cannot_break_it()
    {
        var lines = Write(3, Values(TaskKind.Classification, 1), Record(FrameEnd.Completed, 1), "a \"quoted\"\nlabel");
        Assert.Equal(3, lines.Count);
        Assert.All(lines, l => Assert.Equal("a \"quoted\"\nlabel", l.GetProperty("class").GetString()));
    }

    private static float[] Numbers(JsonElement line) => [.. line.GetProperty("values").EnumerateArray().Select(v => v.GetSingle())];

    private static Answer Values(TaskKind task, params float[] values)
    {
        var answer = new Answer(task, 0, values.Length) { NodeIndex = 1, ValueCount = values.Length };
        values.CopyTo(answer.ValueSlots);
        return answer;
    }

    [Fact]
    public void A_policys_line_has_the_action_and_the_plan_it_comes_from()
    {
        var rest = new Answer(TaskKind.Policy, 0, 8) { Stamp = new FrameStamp(0, 121, 0, 0), NodeIndex = 2, ValueCount = 4, StepIndex = 2 };
        (rest.ValueSlots[0], rest.ValueSlots[1], rest.ValueSlots[2]) = (0.5f, float.NaN, 9);
        var line = Single(rest, Record(FrameEnd.Skipped, 1), actionDimensions: 2);
        Assert.Equal("[0.5,null]", line.GetProperty("action").GetRawText());
        Assert.Equal((2, 121), (line.GetProperty("step").GetInt32(), line.GetProperty("plan_sequence").GetInt32()));
        Assert.Equal(("light>heavy", false), (line.GetProperty("plan_path").GetString(), line.GetProperty("hold").GetBoolean()));
        Assert.Equal(4, line.GetProperty("values").GetArrayLength());
    }

    [Fact]
    public void A_frame_without_a_plan_is_logged_as_a_hold()
    {
        var line = Single(new Answer(TaskKind.Policy, 0, 8), Record(FrameEnd.Failed, -1), actionDimensions: 3);
        Assert.Equal(("[0,0,0]", true), (line.GetProperty("action").GetRawText(), line.GetProperty("hold").GetBoolean()));
        Assert.False(line.TryGetProperty("plan_path", out _));
    }

    /// <summary>Captured at 1 ms, taken at 3 ms, published at 5.5 ms.</summary>
    private static TraceRecord Record(FrameEnd end, int node) => new()
    {
        Stamp = new FrameStamp(0, 123, 1_000_000, 1_000_000), TakenNs = 3_000_000, PublishedNs = 5_500_000, End = end, NodeIndex = node,
    };

    private static JsonElement Single(Answer answer, TraceRecord record, int actionDimensions = 0, string? file = null,
        string? fault = null, int topCount = 1) =>
        Assert.Single(Write(1, answer, record, "person", actionDimensions, file, fault, topCount));

    private static List<JsonElement> Write(int count, Answer answer, TraceRecord record, string firstLabel, int actionDimensions = 0,
        string? file = null, string? fault = null, int topCount = 1)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("answers.jsonl");
        using var slot = new FrameSlot();
        using var copy = new PublishedCopy(new Answer(answer.Task, 4, Answer.MapSide * Answer.MapSide));
        slot.Name = file;
        var names = new AnswerNames("front", ["frame", "light", "light>heavy"], [firstLabel, "bike"])
        {
            Task = answer.Task, ActionDimensionCount = actionDimensions, TopCount = topCount,
        };
        copy.Take(new PublishedFrame(0, slot, answer, in record) { Fault = fault, Names = names }, withPixels: false);
        var target = new LineFile(path, new LineFileTerms(DiskConfig.Usual with { FreeMegabytes = 0 }), _ => { }, TimeProvider.System);
        using (var log = new AnswerLog(target, TimeProvider.System))
        {
            for (int i = 0; i < count; i++)
            {
                log.Write(copy);
            }
        }

        string text = File.ReadAllText(path);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
