using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Key points as pose models of Ultralytics write them, decoded: x, y and, where there are three numbers, the probability of being seen;
/// point after point.
/// </summary>
internal sealed class KeypointDetails(int count, int valuesPerPoint, BoxUnit unit)
    : CandidateDetails(new DetailForm(DetailKind.Keypoints, count), count * valuesPerPoint)
{
    /// <summary>No point lies this many times the input's side away from it.</summary>
    private const float SidesMost = 16;

    public override void Fill(ReadOnlySpan<float> values, int candidate, in Detection detection, DetectionDetails into, int index)
    {
        SoundOutput.CheckFinite(values, "a candidate's key points");
        bool isFraction = unit == BoxUnit.Fraction;
        float unitX = isFraction ? Mapping.TensorWidth : 1, unitY = isFraction ? Mapping.TensorHeight : 1;
        var points = into.Points(index);
        for (int i = 0; i < points.Length; i++)
        {
            var point = values.Slice(i * valuesPerPoint, valuesPerPoint);
            float x = point[0] * unitX, y = point[1] * unitY, visibility = valuesPerPoint > 2 ? point[2] : 1;
            CheckPlace(x, point[0]);
            CheckPlace(y, point[1]);
            SoundOutput.CheckProbability(visibility, "the visibility of a key point", "export the model with the sigmoid at its end");
            points[i] = PointAt(x, y, Math.Clamp(visibility, 0, 1));
        }
    }

    private void CheckPlace(float pixels, float given)
    {
        if (Math.Abs(pixels) > SidesMost * Math.Max(Mapping.TensorWidth, Mapping.TensorHeight))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"a key point lies at {given}, far outside the input; ") + (unit == BoxUnit.Fraction
                    ? "if places come in pixels, the exit block wants 'box_unit': \"pixel\""
                    : "the model does not give places in input pixels"));
        }
    }
}
