using System.Text.Json;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.TestBench.Messages;
using AnswerJson = EdgeRoute.Cli.Output.AnswerJson;

namespace EdgeRoute.Tests.Engine.Outputs;

/// <summary>One frame told on the channel, read back, and shown by the laptop's tool, beside its line in an answers file.</summary>
public sealed class AnswerTellerTests
{
    [Theory]
    [InlineData(DetailKind.None)]
    [InlineData(DetailKind.Keypoints)]
    [InlineData(DetailKind.Corners)]
    [InlineData(DetailKind.Mask)]
    public void Boxes_with_their_details_are_those_of_the_file(DetailKind kind)
    {
        var form = kind switch
        {
            DetailKind.Keypoints => new DetailForm(kind, 2),
            DetailKind.Corners => DetailForm.Corners,
            DetailKind.Mask => DetailForm.Mask,
            _ => default,
        };
        var answer = new Answer(TaskKind.Detection, 4, 0, form) { NodeIndex = 2, DetectionCount = 2 };
        answer.DetectionSlots[0] = new Detection(0.123456f, 0.2f, 0.3f, 0.4f, 0.98765f, 1);
        answer.DetectionSlots[1] = new Detection(0.5f, 0.25f, float.NaN, 0.5f, 0.5f, 7);
        answer.Details.Begin(form, 64, 48);
        for (int i = 0; i < 2; i++)
        {
            for (int p = 0; p < form.PointCount; p++)
            {
                answer.Details.Points(i)[p] = new DetailPoint(0.1f + (0.2f * p), 0.3f + (0.1111111f * (p % 3)), p == 0 ? 1 : 0.33333f);
            }

            answer.Details.Mask(i).Fill(0xF0F0_1234_5678_9ABC);
        }

        var (told, shown, written) = Tell(answer);
        Assert.Equal(2, told.Detections.Count);
        Assert.Equal(written.GetProperty("detections").GetRawText(), shown.GetProperty("detections").GetRawText());
        Assert.Contains("bike 0.99 [0.123 0.200 0.300 0.400]", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stages_on_crops_say_of_a_box_is_that_of_the_file()
    {
        var form = new CropForm([4, 3, 4]);
        var answer = new Answer(TaskKind.Detection, 4, 0, default, form.Room) { NodeIndex = 2, DetectionCount = 2 };
        answer.DetectionSlots[0] = new Detection(0.1f, 0.2f, 0.3f, 0.4f, 0.9f, 1);
        answer.DetectionSlots[1] = new Detection(0.5f, 0.25f, 0.25f, 0.5f, 0.5f, 0);
        answer.Crops.Begin(form);
        answer.Crops.Set(0, 0, [2, 0.75f, 0, 0.125f], 1_000_000);
        answer.Crops.Set(0, 1, [0.5f, -2, 1e-7f], -79_000_000);
        answer.Crops.Set(0, 2, [1, 0.5f, 0, 1], 1_000_000);
        var (told, shown, written) = Tell(answer);
        var crops = written.GetProperty("detections")[0].GetProperty("crops");
        Assert.Equal(["kind", "look", "plate"], crops.EnumerateArray().Select(c => c.GetProperty("stage").GetString()));
        Assert.Equal([0, 80, 0], crops.EnumerateArray().Select(c => c.GetProperty("age_ms").GetDouble()));
        Assert.Equal("taxi", crops[0].GetProperty("class").GetString());
        Assert.Equal("BA", crops[2].GetProperty("text").GetString());
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(crops[i].GetRawText(), shown.GetProperty("detections")[0].GetProperty("crops")[i].GetRawText());
        }

        Assert.False(written.GetProperty("detections")[1].TryGetProperty("crops", out _));
        Assert.Empty(told.Detections[1].Crops);
        Assert.Contains("0.400] (kind taxi 0.75) (look 3 values) (plate 'BA' 0.75)", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
        Assert.Equal("taxi 0.75, 'BA' 0.75", Names.CropWordsOf(answer, 0));
    }

    [Fact]
    public void All_else_of_a_frame_is_that_of_the_file_too()
    {
        var answer = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, Stamp = new FrameStamp(0, 120, 0, -79_000_000) };
        var (told, shown, written) = Tell(answer, fault: "a stage > failed", end: FrameEnd.Skipped);
        Assert.Equal((true, 80, 120), (told.IsCarried, told.AgeMs, told.SeenSequence));
        foreach (string name in shown.EnumerateObject().Select(p => p.Name))
        {
            Assert.Equal(written.GetProperty(name).GetRawText(), shown.GetProperty(name).GetRawText());
        }

        Assert.Contains("a stage > failed", shown.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["source_ns", "work_ms"],
            written.EnumerateObject().Select(p => p.Name).Except(shown.EnumerateObject().Select(p => p.Name)));
        Assert.EndsWith("nothing late", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_frame_has_a_reason_and_no_answer()
    {
        var (told, shown, _) = Tell(new Answer(TaskKind.Detection, 4, 0), fault: "no end", end: FrameEnd.Failed, node: -1);
        Assert.Equal((null, "failed", "no end"), (told.AgeMs, told.Path, told.Fault));
        Assert.False(shown.TryGetProperty("detections", out _));
        Assert.Contains("no end", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void The_surest_classes_come_first()
    {
        var (told, shown, written) = Tell(Values(TaskKind.Classification, 0.2f, 0.5f, 0.3f, float.NaN));
        Assert.Equal(["bike", "class 2", "person"], told.Classes.Select(c => c.Class));
        Assert.Equal(written.GetProperty("classes").GetRawText(), shown.GetProperty("classes").GetRawText());
        Assert.Equal(("bike", 0.5f), (shown.GetProperty("class").GetString(), shown.GetProperty("probability").GetSingle()));
        Assert.Contains("bike 0.50, class 2 0.30", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_classes_as_sure_as_each_other_the_first_comes_first_and_those_that_are_no_numbers_last()
    {
        var random = new Random(7);
        var surest = new SurestClasses();
        for (int round = 0; round < 100; round++)
        {
            float[] values = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(8) is > 0 and var v ? v / 8f : float.NaN)];
            int count = random.Next(1, 45);
            var expected = Enumerable.Range(0, values.Length).OrderBy(i => float.IsNaN(values[i])).ThenByDescending(i => values[i])
                .Take(count);
            Assert.Equal(expected, surest.Of(Values(TaskKind.Classification, values), count).ToArray());
        }
    }

    [Fact]
    public void An_embedding_is_whole()
    {
        float[] many = [.. Enumerable.Range(0, 512).Select(i => i / 7f)];
        var (told, shown, _) = Tell(Values(TaskKind.Embedding, many));
        Assert.Equal(many, told.Values);
        Assert.Equal(512, shown.GetProperty("values").GetArrayLength());
        Assert.Contains("512 values: 0.000 0.143", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policys_action_and_plan_are_told_and_a_hold_is_one()
    {
        var rest = Values(TaskKind.Policy, 0.5f, -1, 9, 8);
        (rest.NodeIndex, rest.StepIndex, rest.Stamp) = (2, 3, new FrameStamp(0, 121, 0, 0));
        var (told, shown, written) = Tell(rest, dimensions: 2);
        Assert.Equal((3, false, "light>heavy", 121L), (told.Action!.Step, told.Action.IsHold, told.Action.PlanPath, told.SeenSequence));
        foreach (string name in (string[])["action", "hold", "step", "plan_sequence", "plan_path", "values"])
        {
            Assert.Equal(written.GetProperty(name).GetRawText(), shown.GetProperty(name).GetRawText());
        }

        (told, shown, _) = Tell(new Answer(TaskKind.Policy, 0, 4), dimensions: 2, end: FrameEnd.Failed, node: -1);
        Assert.Equal("[0,0]", shown.GetProperty("action").GetRawText());
        Assert.Contains("hold: no plan", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_are_told_in_short()
    {
        float[] classes = new float[Answer.MapSide * Answer.MapSide];
        classes.AsSpan(0, classes.Length / 4).Fill(1);
        classes.AsSpan(classes.Length / 2).Fill(-1);
        var (told, _, _) = Tell(Values(TaskKind.Segmentation, classes));
        Assert.Equal([("person", 0.25), ("bike", 0.25)], told.Segments.Select(s => (s.Class, s.Share!.Value)));
        Assert.Contains("person 25.0 %, bike 25.0 %", AnswerPrinter.LineOf(told), StringComparison.Ordinal);
        Assert.All(told.Segments, s => Assert.Null(s.Mask));
        float[] depths = [.. Enumerable.Range(0, classes.Length).Select(i => i % 5 == 0 ? float.NaN : (i % 5) * 2f)];
        (told, var shown, _) = Tell(Values(TaskKind.Depth, depths));
        Assert.Equal((2.0, 4.0, 8.0), (told.Depth!.Least, told.Depth.Median, told.Depth.Most));
        Assert.Equal("""{"least":2,"median":4,"most":8}""", shown.GetProperty("depth").GetRawText());
    }

    [Fact]
    public void With_pictures_a_map_of_classes_is_told_whole_as_answers_files_have_it()
    {
        float[] classes = new float[Answer.MapSide * Answer.MapSide];
        for (int at = 0; at < classes.Length; at++)
        {
            classes[at] = ((at / 7) + (at / Answer.MapSide)) % 3 - 1;
        }

        var (told, shown, written) = Tell(Values(TaskKind.Segmentation, classes), withMaps: true);
        Assert.Equal(2, told.Segments.Count);
        Assert.True(JsonElement.DeepEquals(written.GetProperty("segments"), shown.GetProperty("segments")));
    }

    private static Answer Values(TaskKind task, params float[] values)
    {
        var answer = new Answer(task, 0, values.Length)
        {
            NodeIndex = 1, ValueCount = values.Length, Stamp = new FrameStamp(0, 123, 0, 1_000_000),
        };
        values.CopyTo(answer.ValueSlots);
        return answer;
    }

    /// <summary>A late frame, captured at 1 ms and published at 5.5 ms.</summary>
    private static AnswerNames Names { get; } = new("front", ["frame", "light", "light>heavy"], ["person", "bike"])
    {
        TopCount = 3,
        Crops = [new("kind", TaskKind.Classification, ["van", "bus", "taxi"]), new("look", TaskKind.Embedding, []),
            new("plate", TaskKind.Text, ["A", "B"])],
    };

    private static (AnswerMessage Told, JsonElement Shown, JsonElement Written) Tell(Answer answer, string? fault = null,
        FrameEnd end = FrameEnd.Completed, int node = 1, int dimensions = 0, bool withMaps = false)
    {
        var clock = new ScriptedClock(1_700_000_000_000_000_000);
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, 123, 1_000_000, 1_000_000), TakenNs = 3_000_000, PublishedNs = 5_500_000, End = end, NodeIndex = node,
            Flags = TraceFlags.Late,
        };
        var names = Names with { Task = answer.Task, ActionDimensionCount = dimensions };
        using var slot = new FrameSlot();
        using var copy = new PublishedCopy(new Answer(answer.Task, 4, Answer.MapSide * Answer.MapSide, answer.Details.Room,
            answer.Crops.Room));
        copy.Take(new PublishedFrame(0, slot, answer, in record) { Fault = fault, Names = names }, withPixels: false);
        var told = FieldReader.Read<AnswerMessage>(ControlType.BytesOf(new AnswerTeller(clock, withMaps).Tell(copy)));
        var lines = new Lines();
        using var log = new AnswerLog(lines, clock);
        log.Write(copy);
        return (told, JsonDocument.Parse(AnswerJson.Of(told)).RootElement, JsonDocument.Parse(lines.Last).RootElement);
    }

    private sealed class Lines : ILineTarget
    {
        public byte[] Last { get; private set; } = [];

        public long LostCount => 0;

        public void Write(ReadOnlySpan<byte> line) => Last = line.ToArray();

        public void Dispose()
        {
        }
    }
}
