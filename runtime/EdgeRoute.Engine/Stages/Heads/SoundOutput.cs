using System.Globalization;
using System.Numerics.Tensors;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// What a network may yield. Values that are not numbers, or lie where no answer can, make no answer: a comparison would take them for
/// "nothing seen".
/// </summary>
internal static class SoundOutput
{
    /// <summary>How far half precision and eight bits may round a probability past its ends.</summary>
    public const float Rounding = 0.01f;

    /// <exception cref="InvalidDataException">A value is infinite or not a number.</exception>
    public static void CheckFinite(ReadOnlySpan<float> values, string what)
    {
        if (!values.IsEmpty && !TensorPrimitives.IsFiniteAll(values))
        {
            int at = 0;
            while (float.IsFinite(values[at]))
            {
                at++;
            }

            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{what} holds values that are not numbers: {values[at]} at {at} of {values.Length}"));
        }
    }

    /// <exception cref="InvalidDataException">A value is not in 0..1, or is not a number.</exception>
    public static void CheckProbabilities(ReadOnlySpan<float> values, string what, string hint)
    {
        CheckFinite(values, what);
        CheckProbability(TensorPrimitives.Min(values), what, hint);
        CheckProbability(TensorPrimitives.Max(values), what, hint);
    }

    /// <exception cref="InvalidDataException">It is not in 0..1, or is not a number.</exception>
    public static void CheckProbability(float value, string what, string hint)
    {
        if (!IsProbability(value))
        {
            string text = value.ToString(CultureInfo.InvariantCulture);
            throw new InvalidDataException(float.IsFinite(value) ? $"{what} holds {text} where a probability lies in 0..1; {hint}"
                : $"{what} holds values that are not numbers: {text}");
        }
    }

    /// <summary>False for what is not a number, too.</summary>
    public static bool IsProbability(float value) => value is >= -Rounding and <= 1 + Rounding;
}
