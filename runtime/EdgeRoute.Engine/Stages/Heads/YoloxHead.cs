using System.Globalization;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// YOLOX (Ge et al., arXiv 2107.08430): [1, N, 5 + classes], N cells of all levels, row by row. Per cell: centre relative to the cell's
/// corner and log size, both in cells, or as the export decoded them, centre and size in input pixels; objectness; class probabilities.
/// </summary>
/// <param name="isDecoded">The model was exported with decode_in_inference.</param>
internal sealed class YoloxHead(DetectionSettings settings, int classCount, IReadOnlyList<int> strides, bool isDecoded = false)
    : DetectionHead(settings, classCount)
{
    private const int ObjectnessAt = 4;
    private const int ClassesAt = 5;

    /// <summary>No box is larger than this many times the input, and none lies that far off it.</summary>
    private const float SidesMost = 16;

    /// <summary>Cells that a centre can lie away from its own; training asks for two and a half.</summary>
    private const float CellsMost = 4;

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
        float most = SidesMost * Math.Max(tensorWidth, tensorHeight);
        foreach (int stride in _strides)
        {
            int columns = tensorWidth / stride, count = columns * (tensorHeight / stride);
            FindInLevel(values[..(count * rowLength)], stride, columns, most);
            values = values[(count * rowLength)..];
        }
    }

    private void FindInLevel(ReadOnlySpan<float> level, int stride, int columns, float most)
    {
        int rowLength = ClassesAt + ClassCount;
        CheckCoding(level, stride, columns);
        for (int cell = 0, at = 0; at < level.Length; cell++, at += rowLength)
        {
            // Class probabilities do not exceed 1, so objectness alone rules most cells out.
            float objectness = level[at + ObjectnessAt];
            if (objectness < Floor && objectness >= -SoundOutput.Rounding)
            {
                continue;
            }

            AddCell(level.Slice(at, rowLength), cell % columns, cell / columns, stride, most);
        }
    }

    /// <summary>
    /// A decoded export has the same shape, and its last cell says what it is: its centre is given in pixels of the whole input.
    /// </summary>
    private void CheckCoding(ReadOnlySpan<float> level, int stride, int columns)
    {
        int lastAt = level.Length - ClassesAt - ClassCount;
        if (!isDecoded && lastAt > 0 && level[lastAt] > columns + CellsMost && level[lastAt] <= (columns + CellsMost) * stride)
        {
            throw Miscoded(level[lastAt], "as the offset of a centre from its cell");
        }
    }

    private void AddCell(ReadOnlySpan<float> row, int column, int line, int stride, float most)
    {
        int best = ClassRows.Best(row[ClassesAt..]);
        CheckConfidences(row[ObjectnessAt], row[ClassesAt + best]);
        // An exponential makes a number of minus infinity.
        SoundOutput.CheckFinite(row[..ObjectnessAt], "a candidate's box");
        float x = isDecoded ? row[0] : (row[0] + column) * stride, y = isDecoded ? row[1] : (row[1] + line) * stride;
        float width = isDecoded ? row[2] : MathF.Exp(row[2]) * stride, height = isDecoded ? row[3] : MathF.Exp(row[3]) * stride;
        float confidence = row[ObjectnessAt] * row[ClassesAt + best];
        if (confidence >= Floor)
        {
            CheckBox(row, x, y, width, height, most);
        }

        AddCandidate(x - (width / 2), y - (height / 2), x + (width / 2), y + (height / 2), confidence, best);
    }

    private void CheckBox(ReadOnlySpan<float> row, float x, float y, float width, float height, float most)
    {
        if (width < 0 || height < 0)
        {
            throw Miscoded(Math.Min(width, height), "as the size of a box in pixels");
        }

        if (!(Math.Max(width, height) <= most))
        {
            throw Miscoded(Math.Max(row[2], row[3]), isDecoded ? "as the size of a box in pixels" : "as the logarithm of a size");
        }

        if (!(Math.Max(Math.Abs(x), Math.Abs(y)) <= most))
        {
            throw Miscoded(Math.Max(Math.Abs(row[0]), Math.Abs(row[1])), "as the place of a centre");
        }
    }

    private InvalidDataException Miscoded(float value, string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"output 0 holds {value} {what}, which no cell can mean; ")
        + (isDecoded ? "the exit block says 'decoded': true, so the model must have been exported with decode_in_inference"
            : "if the model decodes its boxes itself (decode_in_inference), the exit block wants 'decoded': true"));
}
