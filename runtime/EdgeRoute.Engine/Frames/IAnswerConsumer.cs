using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Frames;

/// <summary>One frame that has ended, as consumers see it during the call.</summary>
/// <param name="streamIndex">0-based index of the source.</param>
/// <param name="slot">The frame's pixels; valid during the call only.</param>
/// <param name="answer">The answer; has no value when the frame failed. Valid during the call only.</param>
/// <param name="record">All that was decided and measured.</param>
public readonly ref struct PublishedFrame(int streamIndex, FrameSlot slot, Answer answer, ref readonly TraceRecord record)
{
    private readonly ref readonly TraceRecord _record = ref record;

    public int StreamIndex { get; } = streamIndex;

    public FrameSlot Slot { get; } = slot;

    public Answer Answer { get; } = answer;

    public ref readonly TraceRecord Record => ref _record;

    /// <summary>What went wrong first on this frame, in words; null where nothing did.</summary>
    public string? Fault { get; init; }

    /// <summary>What the numbers of the answer and the record mean.</summary>
    public AnswerNames Names { get; init; } = AnswerNames.None;
}

/// <summary>What the numbers of a stream's answers mean, as long as it has the same pack.</summary>
/// <param name="Source">The stream's name in the configuration.</param>
/// <param name="Paths">Names of the route tree's nodes, by index.</param>
/// <param name="Labels">Names of the classes, by index.</param>
public sealed record AnswerNames(string Source, IReadOnlyList<string> Paths, IReadOnlyList<string> Labels)
{
    public static AnswerNames None { get; } = new("", [], []);

    /// <summary>What the pack's exits yield.</summary>
    public TaskKind Task { get; init; }

    /// <summary>Values of one action of a policy; 0 for other tasks.</summary>
    public int ActionDimensionCount { get; init; }

    /// <summary>Classes worth reporting of a classification.</summary>
    public int TopCount { get; init; } = 1;

    /// <summary>What stages on crops say of a detection, by their index.</summary>
    public IReadOnlyList<CropNames> Crops { get; init; } = [];

    public string LabelOf(int classIndex) => (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : $"class {classIndex}";

    /// <summary>What stages on crops say of a detection, for people; empty where they say nothing that can be read.</summary>
    public string CropWordsOf(Answer answer, int detection)
    {
        var words = new List<string>();
        for (int crop = 0; crop < answer.Crops.Form.Count; crop++)
        {
            if (answer.Crops.Has(detection, crop) && Crops[crop].WordsOf(answer.Crops.Values(detection, crop)) is { Length: > 0 } told)
            {
                words.Add(told);
            }
        }

        return string.Join(", ", words);
    }

    /// <summary>The name of a path; <c>failed</c> for none.</summary>
    public string PathOf(int nodeIndex) => nodeIndex < 0 ? "failed" : Paths[nodeIndex];
}

/// <summary>What the answers of a stage on crops mean.</summary>
/// <param name="Task">Classification, embedding or text.</param>
/// <param name="Labels">Its own classes or characters.</param>
public sealed record CropNames(string Stage, TaskKind Task, IReadOnlyList<string> Labels)
{
    public string LabelOf(int index) => (uint)index < (uint)Labels.Count ? Labels[index] : $"class {index}";

    /// <summary>The surest class or the text with its probability; empty of an embedding.</summary>
    public string WordsOf(ReadOnlySpan<float> values) => Task switch
    {
        TaskKind.Text => string.Create(CultureInfo.InvariantCulture, $"'{TextValues.Read(values, Labels)}' "
            + $"{TextValues.ConfidenceOf(values):0.00}"),
        TaskKind.Classification => string.Create(CultureInfo.InvariantCulture, $"{LabelOf((int)values[0])} {values[1]:0.00}"),
        _ => "",
    };
}

/// <summary>
/// Receives ended frames on the loop's thread. Copies what it wants and returns at once: it never blocks and never throws.
/// </summary>
public interface IAnswerConsumer
{
    void Publish(in PublishedFrame frame);
}
