using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// YOLOX (Ge et al., arXiv 2107.08430) as exported without decoding: [1, N, 5 + classes], N cells of all levels, row by row. Per cell:
/// centre relative to the cell's corner and log size, both in cells; objectness; class probabilities.
/// </summary>
internal sealed class YoloxHead(DetectionSettings settings, int classCount, IReadOnlyList<int> strides)
    : DetectionHead(settings, classCount)
{
    private const int ObjectnessAt = 4;
    private const int ClassesAt = 5;

    private readonly int[] _strides = [.. strides];

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        int rowLength = ClassesAt + ClassCount;
        long cells = 0;
        foreach (int stride in _strides)
        {
            cells += (long)(tensorWidth / stride) * (tensorHeight / stride);
        }

        var values = Take(tensors, 0, cells * rowLength);
        foreach (int stride in _strides)
        {
            int columns = tensorWidth / stride, count = columns * (tensorHeight / stride);
            FindInLevel(values[..(count * rowLength)], stride, columns);
            values = values[(count * rowLength)..];
        }
    }

    private void FindInLevel(ReadOnlySpan<float> level, int stride, int columns)
    {
        int rowLength = ClassesAt + ClassCount;
        for (int cell = 0, at = 0; at < level.Length; cell++, at += rowLength)
        {
            // Class probabilities do not exceed 1, so objectness alone rules most cells out.
            if (level[at + ObjectnessAt] < Floor)
            {
                continue;
            }

            AddCell(level.Slice(at, rowLength), cell % columns, cell / columns, stride);
        }
    }

    private void AddCell(ReadOnlySpan<float> row, int column, int line, int stride)
    {
        int best = ClassRows.Best(row[ClassesAt..]);
        float x = (row[0] + column) * stride, y = (row[1] + line) * stride;
        float halfWidth = MathF.Exp(row[2]) * stride / 2, halfHeight = MathF.Exp(row[3]) * stride / 2;
        AddCandidate(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, row[ObjectnessAt] * row[ClassesAt + best], best);
    }
}
