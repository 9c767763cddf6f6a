using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// FastestDet (dog-qiuqiu/FastestDet): [1, 5 + classes, H, W], planes. Per cell: objectness; centre relative to the cell's corner through
/// tanh, in cells; size through a sigmoid, as a fraction of the input; class probabilities. Confidence = objectness^a * class^b, powers
/// from the manifest.
/// </summary>
internal sealed class FastestDetHead : DetectionHead
{
    private const int ClassesAt = 5;

    private readonly float _objectnessPower;
    private readonly float _classPower;
    private readonly float _objectnessFloor;

    public FastestDetHead(DetectionSettings settings, int classCount, float objectnessPower, float classPower)
        : base(settings, classCount)
    {
        (_objectnessPower, _classPower) = (objectnessPower, classPower);
        // Class probabilities do not exceed 1, so below this objectness no confidence reaches the floor. A little less, for rounding.
        _objectnessFloor = MathF.Pow(settings.DoubtFloor, 1 / objectnessPower) * 0.999f;
    }

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        var shape = tensors.Shape(0);
        int lines = shape.Length == 4 ? (int)shape[2] : 0, columns = shape.Length == 4 ? (int)shape[3] : 0, cells = lines * columns;
        var values = Take(tensors, 0, (long)(ClassesAt + ClassCount) * Math.Max(1, cells));
        var objectness = values[..cells];
        for (int cell = 0; cell < cells; cell++)
        {
            if (!(objectness[cell] < _objectnessFloor && objectness[cell] >= -SoundOutput.Rounding))
            {
                AddCell(values, cell, cells, columns, (float)tensorWidth / columns, (float)tensorHeight / lines);
            }
        }
    }

    private void AddCell(ReadOnlySpan<float> values, int cell, int cells, int columns, float cellWidth, float cellHeight)
    {
        int best = BestClass(values, cell, cells);
        CheckConfidences(values[cell], values[((ClassesAt + best) * cells) + cell]);
        // Bounded functions make numbers of what is none.
        SoundOutput.CheckFinite([values[cells + cell], values[(2 * cells) + cell], values[(3 * cells) + cell], values[(4 * cells) + cell]],
            "a candidate's box");
        float confidence = Power(values[cell], _objectnessPower) * Power(values[((ClassesAt + best) * cells) + cell], _classPower);
        float x = (MathF.Tanh(values[cells + cell]) + (cell % columns)) * cellWidth;
        float y = (MathF.Tanh(values[(2 * cells) + cell]) + (cell / columns)) * cellHeight;
        float halfWidth = Sigmoid(values[(3 * cells) + cell]) * columns * cellWidth / 2;
        float halfHeight = Sigmoid(values[(4 * cells) + cell]) * (cells / columns) * cellHeight / 2;
        AddCandidate(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, confidence, best);
    }

    private int BestClass(ReadOnlySpan<float> values, int cell, int cells)
    {
        int best = 0;
        float most = values[(ClassesAt * cells) + cell];
        for (int c = 1, at = ((ClassesAt + 1) * cells) + cell; c < ClassCount; c++, at += cells)
        {
            if (values[at] > most || float.IsNaN(values[at]))
            {
                (best, most) = (c, values[at]);
            }
        }

        return best;
    }

    private static float Power(float value, float power) => power == 1 ? value : MathF.Pow(MathF.Max(value, 0), power);

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));
}
