using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Class maps and distance distributions per level (NanoDet, PicoDet; distribution focal loss, Li et al., arXiv 2006.04388). Tensors: one
/// [1, cells, classes] per stride, then one [1, cells, 4 * bins] per stride. A side's distance from the cell's centre is the mean of its
/// bins' softmax, in cells.
/// </summary>
internal sealed class DflHead : DetectionHead
{
    private readonly int[] _strides;
    private readonly int _binCount;
    private readonly bool _appliesSigmoid;
    private readonly float _valueFloor, _valueLeast;

    public DflHead(DetectionSettings settings, int classCount, IReadOnlyList<int> strides, int binCount, bool appliesSigmoid)
        : base(settings, classCount)
    {
        (_strides, _binCount, _appliesSigmoid) = ([.. strides], binCount, appliesSigmoid);
        // Logits are compared with the floor's logit, so that the sigmoid is taken of the best class only. A little less, for rounding.
        _valueFloor = appliesSigmoid ? MathF.Log(Floor / (1 - Floor)) - 1e-3f : Floor;
        _valueLeast = appliesSigmoid ? float.MinValue : -SoundOutput.Rounding;
    }

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        for (int level = 0; level < _strides.Length; level++)
        {
            int stride = _strides[level];
            int columns = (tensorWidth + stride - 1) / stride, cells = columns * ((tensorHeight + stride - 1) / stride);
            var classes = Take(tensors, level, (long)cells * ClassCount);
            var distances = Take(tensors, _strides.Length + level, (long)cells * 4 * _binCount);
            FindInLevel(classes, distances, stride, columns);
        }
    }

    private void FindInLevel(ReadOnlySpan<float> classes, ReadOnlySpan<float> distances, int stride, int columns)
    {
        for (int cell = 0, at = 0; at < classes.Length; cell++, at += ClassCount)
        {
            var row = classes.Slice(at, ClassCount);
            if (ClassRows.AllBelow(row, _valueFloor, _valueLeast))
            {
                continue;
            }

            CheckRow(row);
            int best = ClassRows.Best(row);
            float confidence = _appliesSigmoid ? 1 / (1 + MathF.Exp(-row[best])) : row[best];
            var sides = distances.Slice(cell * 4 * _binCount, 4 * _binCount);
            SoundOutput.CheckFinite(sides, "a candidate's distances");
            float x = ((cell % columns) + 0.5f) * stride, y = ((cell / columns) + 0.5f) * stride;
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
}
