using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Class maps and distance distributions per level (NanoDet, PicoDet; distribution focal loss, Li et al., arXiv 2006.04388). Tensors: one
/// [1, cells, classes] per stride, then one [1, cells, 4 * bins] per stride; or one with both side by side for the cells of all levels,
/// [1, cells, classes + 4 * bins] (NanoDet-Plus). A side's distance from the cell's middle is the mean of its bins' softmax, in cells.
/// </summary>
/// <remarks>NanoDet-Plus measures from the cell's upper left corner instead.</remarks>
internal sealed class DflHead : DetectionHead
{
    private readonly int[] _strides;
    private readonly int _binCount;
    private readonly bool _appliesSigmoid;
    private readonly float _valueFloor, _valueLeast, _cellOffset;

    /// <param name="cellOffset">Where in a cell its distances begin, in cells from its upper left corner.</param>
    public DflHead(DetectionSettings settings, int classCount, IReadOnlyList<int> strides, int binCount, bool appliesSigmoid,
        float cellOffset = 0.5f)
        : base(settings, classCount)
    {
        (_strides, _binCount, _appliesSigmoid) = ([.. strides], binCount, appliesSigmoid);
        _cellOffset = cellOffset;
        // Logits are compared with the floor's logit, so that the sigmoid is taken of the best class only. A little less, for rounding.
        _valueFloor = appliesSigmoid ? MathF.Log(Floor / (1 - Floor)) - 1e-3f : Floor;
        _valueLeast = appliesSigmoid ? float.MinValue : -SoundOutput.Rounding;
    }

    private int SideLength => 4 * _binCount;

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        bool isOne = tensors.Count == 1;
        int rowLength = ClassCount + SideLength;
        var rows = isOne ? Take(tensors, 0, CellsOf(tensorWidth, tensorHeight) * rowLength) : default;
        for (int level = 0; level < _strides.Length; level++)
        {
            int stride = _strides[level];
            int columns = (tensorWidth + stride - 1) / stride, cells = columns * ((tensorHeight + stride - 1) / stride);
            if (isOne)
            {
                FindInLevel(rows, rows[ClassCount..], rowLength, new Level(stride, columns, cells));
                rows = rows[(cells * rowLength)..];
                continue;
            }

            var classes = Take(tensors, level, (long)cells * ClassCount);
            var distances = Take(tensors, _strides.Length + level, (long)cells * SideLength);
            FindInLevel(classes, distances, 0, new Level(stride, columns, cells));
        }
    }

    private long CellsOf(int width, int height)
    {
        long cells = 0;
        foreach (int stride in _strides)
        {
            cells += (long)((width + stride - 1) / stride) * ((height + stride - 1) / stride);
        }

        return cells;
    }

    /// <param name="rowLength">From cell to cell of both; 0 where each tensor has nothing else.</param>
    private void FindInLevel(ReadOnlySpan<float> classes, ReadOnlySpan<float> distances, int rowLength, in Level level)
    {
        int classStep = rowLength > 0 ? rowLength : ClassCount, sideStep = rowLength > 0 ? rowLength : SideLength;
        for (int cell = 0; cell < level.CellCount; cell++)
        {
            var row = classes.Slice(cell * classStep, ClassCount);
            if (ClassRows.AllBelow(row, _valueFloor, _valueLeast))
            {
                continue;
            }

            CheckRow(row);
            int best = ClassRows.Best(row);
            float confidence = _appliesSigmoid ? 1 / (1 + MathF.Exp(-row[best])) : row[best];
            var sides = distances.Slice(cell * sideStep, SideLength);
            SoundOutput.CheckFinite(sides, "a candidate's distances");
            int stride = level.Stride;
            float x = ((cell % level.Columns) + _cellOffset) * stride, y = ((cell / level.Columns) + _cellOffset) * stride;
            AddCandidate(
                x - (Distance(sides, 0) * stride), y - (Distance(sides, 1) * stride),
                x + (Distance(sides, 2) * stride), y + (Distance(sides, 3) * stride), confidence, best);
        }
    }

    private void CheckRow(ReadOnlySpan<float> row)
    {
        if (_appliesSigmoid)
        {
            SoundOutput.CheckFinite(row, "a candidate's classes");
        }
        else
        {
            SoundOutput.CheckProbabilities(row, "a candidate's classes", "logits want 'apply_sigmoid'");
        }
    }

    private float Distance(ReadOnlySpan<float> sides, int side)
    {
        var bins = sides.Slice(side * _binCount, _binCount);
        float most = bins[0];
        foreach (float bin in bins)
        {
            most = MathF.Max(most, bin);
        }

        float sum = 0, weighted = 0;
        for (int i = 0; i < bins.Length; i++)
        {
            float weight = MathF.Exp(bins[i] - most);
            sum += weight;
            weighted += weight * i;
        }

        return weighted / sum;
    }

    private readonly record struct Level(int Stride, int Columns, int CellCount);
}
