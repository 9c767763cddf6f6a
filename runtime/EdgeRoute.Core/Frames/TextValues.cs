using System.Text;

namespace EdgeRoute.Core.Frames;

/// <summary>
/// A line of text as the values of an answer: for each character, from left to right, the index of its label and then its probability. What
/// a recording holds may be anything; an index without a label reads as nothing.
/// </summary>
public static class TextValues
{
    /// <summary>Values of one character.</summary>
    public const int PerCharacter = 2;

    public static int CountOf(ReadOnlySpan<float> values) => values.Length / PerCharacter;

    /// <summary>Puts a character behind those that are there.</summary>
    /// <param name="count">Of characters that are there.</param>
    public static void Set(Span<float> values, int count, int label, float probability)
    {
        values[count * PerCharacter] = label;
        values[(count * PerCharacter) + 1] = probability;
    }

    /// <summary>Mean of the characters' probabilities, as PaddleOCR tells the confidence of a line; 0 of an empty one.</summary>
    public static float ConfidenceOf(ReadOnlySpan<float> values)
    {
        int count = CountOf(values);
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += values[(i * PerCharacter) + 1];
        }

        return count > 0 ? sum / count : 0;
    }

    /// <summary>The label of a character; empty where there is none.</summary>
    public static string CharacterOf(ReadOnlySpan<float> values, int index, IReadOnlyList<string> labels)
    {
        float label = values[index * PerCharacter];
        return label >= 0 && label < labels.Count ? labels[(int)label] : "";
    }

    /// <summary>The whole line, for people; makes a string.</summary>
    public static string Read(ReadOnlySpan<float> values, IReadOnlyList<string> labels)
    {
        var text = new StringBuilder();
        for (int i = 0; i < CountOf(values); i++)
        {
            text.Append(CharacterOf(values, i, labels));
        }

        return text.ToString();
    }
}
