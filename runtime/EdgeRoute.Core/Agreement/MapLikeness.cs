namespace EdgeRoute.Core.Agreement;

/// <summary>How alike two maps of the frame are, in [0, 1]. Cells that the teacher's network did not see count for nothing.</summary>
internal sealed class MapLikeness
{
    /// <summary>A depth nearer to zero than this has no relative difference.</summary>
    private const float LeastDepth = 1e-6f;

    /// <summary>No pack has more labels.</summary>
    private const int ClassLimit = 1 << 16;

    /// <summary>By class: cells of both, of the judged, of the teacher; grows with the largest class seen.</summary>
    private int[] _both = [], _judged = [], _teacher = [];

    /// <summary>
    /// Mean intersection over union over the classes that either map has, as PASCAL VOC and Cityscapes measure it (Everingham et al., IJCV
    /// 111(1), 2015).
    /// </summary>
    public float OfClasses(ReadOnlySpan<float> judged, ReadOnlySpan<float> teacher)
    {
        Begin(judged, teacher);
        for (int i = 0; i < teacher.Length && i < judged.Length; i++)
        {
            int there = ClassOf(teacher[i]), here = ClassOf(judged[i]);
            if (there >= 0)
            {
                _teacher[there]++;
                _both[there] += here == there ? 1 : 0;
                if (here >= 0)
                {
                    _judged[here]++;
                }
            }
        }

        double sum = 0;
        int count = 0;
        for (int c = 0; c < _both.Length; c++)
        {
            int either = _judged[c] + _teacher[c] - _both[c];
            sum += either > 0 ? (double)_both[c] / either : 0;
            count += either > 0 ? 1 : 0;
        }

        return judged.Length == teacher.Length && count > 0 ? (float)(sum / count) : 0;
    }

    /// <summary>
    /// 1 less the mean absolute relative difference, mean of |a - b| / |b| (Eigen et al., NIPS 2014), and 0 from a difference of 1 on. Both
    /// maps are taken in the same unit.
    /// </summary>
    public static float OfDepths(ReadOnlySpan<float> judged, ReadOnlySpan<float> teacher)
    {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < teacher.Length && i < judged.Length; i++)
        {
            if (MathF.Abs(teacher[i]) >= LeastDepth)
            {
                float share = MathF.Abs(judged[i] - teacher[i]) / MathF.Abs(teacher[i]);
                // What the judged network did not see is wholly wrong.
                sum += float.IsNaN(share) ? 1 : share;
                count++;
            }
        }

        return judged.Length == teacher.Length && count > 0 ? (float)Math.Clamp(1 - (sum / count), 0, 1) : 0;
    }

    private void Begin(ReadOnlySpan<float> judged, ReadOnlySpan<float> teacher)
    {
        int most = Math.Max(Most(judged), Most(teacher));
        if (_both.Length <= most)
        {
            (_both, _judged, _teacher) = (new int[most + 1], new int[most + 1], new int[most + 1]);
        }

        _both.AsSpan().Clear();
        _judged.AsSpan().Clear();
        _teacher.AsSpan().Clear();
    }

    private static int Most(ReadOnlySpan<float> map)
    {
        int most = -1;
        foreach (float value in map)
        {
            most = Math.Max(most, ClassOf(value));
        }

        return most;
    }

    private static int ClassOf(float value) => value >= 0 && value < ClassLimit ? (int)value : -1;
}
