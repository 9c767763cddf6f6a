using System.Text.Json;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Writes a line of text: the whole of it, its confidence, and the probability of each character.</summary>
internal sealed class LineWriter(Utf8JsonWriter json)
{
    /// <summary>Grows with the longest line seen.</summary>
    private char[] _line = new char[256];

    public void Write(ReadOnlySpan<float> values, IReadOnlyList<string> labels)
    {
        json.WriteString("text", Line(values, labels));
        json.WritePropertyName("confidence");
        DetailWriter.WriteFinite(json, MathF.Round(TextValues.ConfidenceOf(values), 4));
        json.WriteStartArray("probabilities");
        for (int i = 1; i < values.Length; i += TextValues.PerCharacter)
        {
            DetailWriter.WriteFinite(json, MathF.Round(values[i], 4));
        }

        json.WriteEndArray();
    }

    private ReadOnlySpan<char> Line(ReadOnlySpan<float> values, IReadOnlyList<string> labels)
    {
        int length = 0;
        for (int i = 0; i < TextValues.CountOf(values); i++)
        {
            string character = TextValues.CharacterOf(values, i, labels);
            if (length + character.Length > _line.Length)
            {
                Array.Resize(ref _line, (2 * _line.Length) + character.Length);
            }

            character.CopyTo(_line.AsSpan(length));
            length += character.Length;
        }

        return _line.AsSpan(0, length);
    }
}
