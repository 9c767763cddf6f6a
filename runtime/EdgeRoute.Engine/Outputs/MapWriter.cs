using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Writes maps of the frame: for each class its share and its cells as COCO run lengths; depths as half-precision numbers.
/// </summary>
internal sealed class MapWriter(Utf8JsonWriter json, MaskRuns runs)
{
    private const int Side = Answer.MapSide;

    private readonly Half[] _halves = new Half[Side * Side];

    /// <param name="pick">Which classes are wanted; null for all.</param>
    public void Write(Answer answer, AnswerNames stream, AnswerPick? pick)
    {
        if (answer.Task == TaskKind.Depth)
        {
            WriteDepths(answer);
        }
        else
        {
            WriteClasses(answer, stream, pick);
        }
    }

    private void WriteClasses(Answer answer, AnswerNames stream, AnswerPick? pick)
    {
        json.WriteStartArray("segments");
        var map = answer.Values;
        int most = (int)TensorPrimitives.Max(map);
        for (int c = 0; c <= most; c++)
        {
            int count = map.Count(c);
            if (count > 0 && (pick?.Takes(stream.LabelOf(c)) ?? true))
            {
                json.WriteStartObject();
                json.WriteString("class", stream.LabelOf(c));
                json.WriteNumber("class_index", c);
                json.WriteNumber("share", Math.Round((double)count / map.Length, 4));
                json.WriteStartObject("mask");
                WriteSize();
                json.WriteString("counts", runs.Encode(map, Side, c));
                json.WriteEndObject();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private void WriteDepths(Answer answer)
    {
        json.WriteStartObject("depth");
        WriteSize();
        TensorPrimitives.ConvertToHalf(answer.Values, _halves);
        json.WriteBase64String("float16", MemoryMarshal.AsBytes(_halves.AsSpan(0, answer.ValueCount)));
        json.WriteEndObject();
    }

    private void WriteSize()
    {
        json.WriteStartArray("size");
        json.WriteNumberValue(Side);
        json.WriteNumberValue(Side);
        json.WriteEndArray();
    }
}
