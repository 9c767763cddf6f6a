using System.Globalization;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Faces as YuNet gives them (Wu et al., Machine Intelligence Research 20, 2023). For each stride four tensors: class [1, cells, classes],
/// objectness [1, cells, 1], box [1, cells, 4] and key points [1, cells, 2 * points]. A box is the offset of its centre from the cell's
/// upper left corner and the logarithms of its sides, key points are offsets from that corner, all in cells; the confidence is the root of
/// class times objectness.
/// </summary>
internal sealed class YunetHead(DetectionSettings settings, int classCount, IReadOnlyList<int> strides, int pointCount)
    : DetectionHead(settings, classCount, new KeypointDetails(pointCount, PointLength, BoxUnit.Pixel))
{
    private const int BoxLength = 4, PointLength = 2;

    /// <summary>Cells looked at together: nearly all of them have no face.</summary>
    private const int BlockLength = 64;

    /// <summary>No box is larger than this many times the input, and none lies that far off it.</summary>
    private const float SidesMost = 16;

    private const string Sigmoid = "export the model with the sigmoid at its end";

    private readonly int[] _strides = [.. strides];

    /// <summary>The root of a product of probabilities reaches the floor only where each of them reaches its square.</summary>
    private readonly float _objectnessFloor = settings.DoubtFloor * settings.DoubtFloor;

    private int _width, _height;

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        (_width, _height) = (tensorWidth, tensorHeight);
        int first = 0;
        for (int i = 0; i < _strides.Length; i++)
        {
            int count = CellsOf(_strides[i]);
            var level = new Level(_strides[i], first);
            FindInLevel(level, Take(tensors, i, (long)count * ClassCount), Take(tensors, _strides.Length + i, count),
                Take(tensors, (2 * _strides.Length) + i, (long)count * BoxLength));
            Take(tensors, (3 * _strides.Length) + i, (long)count * pointCount * PointLength);
            first += count;
        }
    }

    protected override void ReadDetails(IHeadTensors tensors, int candidate, Span<float> into)
    {
        int level = 0, cell = candidate;
        while (cell >= CellsOf(_strides[level]))
        {
            cell -= CellsOf(_strides[level++]);
        }

        int stride = _strides[level], columns = ColumnsOf(stride);
        var points = tensors.Values((3 * _strides.Length) + level).Slice(cell * into.Length, into.Length);
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = (points[i] + (i % PointLength == 0 ? cell % columns : cell / columns)) * stride;
        }
    }

    private void FindInLevel(in Level level, ReadOnlySpan<float> classes, ReadOnlySpan<float> objectness, ReadOnlySpan<float> boxes)
    {
        for (int start = 0; start < objectness.Length; start += BlockLength)
        {
            int end = Math.Min(start + BlockLength, objectness.Length);
            if (ClassRows.AllBelow(objectness[start..end], _objectnessFloor, -SoundOutput.Rounding))
            {
                continue;
            }

            for (int cell = start; cell < end; cell++)
            {
                SoundOutput.CheckProbability(objectness[cell], "an objectness", Sigmoid);
                if (objectness[cell] >= _objectnessFloor)
                {
                    AddCell(level, cell, classes.Slice(cell * ClassCount, ClassCount), objectness[cell],
                        boxes.Slice(cell * BoxLength, BoxLength));
                }
            }
        }
    }

    private void AddCell(in Level level, int cell, ReadOnlySpan<float> classes, float objectness, ReadOnlySpan<float> box)
    {
        int best = ClassRows.Best(classes);
        CheckConfidences(objectness, classes[best]);
        float confidence = MathF.Sqrt(Math.Clamp(objectness, 0, 1) * Math.Clamp(classes[best], 0, 1));
        if (confidence < Floor)
        {
            return;
        }

        SoundOutput.CheckFinite(box, "a candidate's box");
        int stride = level.Stride, columns = ColumnsOf(stride);
        float x = (box[0] + (cell % columns)) * stride, y = (box[1] + (cell / columns)) * stride;
        float width = MathF.Exp(box[2]) * stride, height = MathF.Exp(box[3]) * stride, most = SidesMost * Math.Max(_width, _height);
        if (!(Math.Max(width, height) <= most && Math.Max(Math.Abs(x), Math.Abs(y)) <= most))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"the box of cell {cell} at stride {stride} holds {box[0]}, {box[1]}, {box[2]}, {box[3]}, which no cell can mean: offsets "
                + $"of the centre and logarithms of the sides, in cells; 'outputs' names classes, objectnesses, boxes, key points"));
        }

        AddCandidate(x - (width / 2), y - (height / 2), x + (width / 2), y + (height / 2), confidence, best, level.FirstCell + cell);
    }

    private int CellsOf(int stride) => ColumnsOf(stride) * ((_height + stride - 1) / stride);

    private int ColumnsOf(int stride) => (_width + stride - 1) / stride;

    /// <param name="FirstCell">Cells of the levels before it.</param>
    private readonly record struct Level(int Stride, int FirstCell);
}
