using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Writes what stages on crops say of a detection: one object each, with the time since the crop was cut.</summary>
/// <param name="lines">Writes texts.</param>
internal sealed class CropWriter(Utf8JsonWriter json, LineWriter lines)
{
    /// <summary>Nothing where no stage has looked at it.</summary>
    /// <param name="sourceNs">Source time of the frame that the answer is told with.</param>
    public void Write(Answer answer, int detection, long sourceNs, AnswerNames names)
    {
        var crops = answer.Crops;
        if (!crops.HasAny(detection))
        {
            return;
        }

        json.WriteStartArray("crops");
        for (int crop = 0; crop < crops.Form.Count; crop++)
        {
            if (!crops.Has(detection, crop))
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteString("stage", names.Crops[crop].Stage);
            json.WriteNumber("age_ms", Math.Round((sourceNs - crops.SourceNs(detection, crop)) / 1e6, 3));
            WriteAnswer(crops.Values(detection, crop), names.Crops[crop]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteAnswer(ReadOnlySpan<float> values, CropNames names)
    {
        if (names.Task == TaskKind.Text)
        {
            lines.Write(values, names.Labels);
            return;
        }

        if (names.Task == TaskKind.Classification)
        {
            WriteClass(values, 0, names);
            WriteClasses(values, names);
            return;
        }

        json.WriteStartArray("values");
        foreach (float value in values)
        {
            DetailWriter.WriteFinite(json, value);
        }

        json.WriteEndArray();
    }

    /// <summary>The most probable ones, where the manifest asks for more than one.</summary>
    private void WriteClasses(ReadOnlySpan<float> values, CropNames names)
    {
        if (TextValues.CountOf(values) <= 1)
        {
            return;
        }

        json.WriteStartArray("classes");
        for (int i = 0; i < TextValues.CountOf(values); i++)
        {
            json.WriteStartObject();
            WriteClass(values, i, names);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteClass(ReadOnlySpan<float> values, int rank, CropNames names)
    {
        int index = (int)values[rank * TextValues.PerCharacter];
        json.WriteString("class", names.LabelOf(index));
        json.WriteNumber("class_index", index);
        json.WritePropertyName("probability");
        DetailWriter.WriteFinite(json, values[(rank * TextValues.PerCharacter) + 1]);
    }
}
