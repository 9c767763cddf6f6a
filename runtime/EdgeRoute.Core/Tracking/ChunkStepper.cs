namespace EdgeRoute.Core.Tracking;

/// <summary>
/// Steps through action chunks at a fixed rate while the next chunk is computed. Time is counted in ticks of that rate; step i of a chunk
/// belongs to the i-th tick after its frame's capture. A new chunk takes over at the step that is due by then: those before it passed while
/// it was computed. Where it is blended, the plan before goes on with a weight that falls from step to step over the steps that both have,
/// so that the movement has no jerk. The weights are those of real-time chunking (Black, Galliker and Levine, 2025, equation 5), there laid
/// on the guidance of a flow policy, here on the mean of two plans: with d steps passed, L steps that the old plan still covers, and
/// c = (L - i) / (L - d + 1), step i has c (e^c - 1) / (e - 1) of the old plan from d on, and nothing from L on. Pure; allocates only where
/// a chunk is larger than all before. One thread at a time.
/// </summary>
public sealed class ChunkStepper
{
    private float[] _values = [], _next = [], _weights = [];
    private int _dimension, _count;
    private long _startTick;

    /// <summary>A chunk is at hand, whether its steps are used up or not.</summary>
    public bool HasChunk => _count > 0;

    /// <summary>Values of one step; 0 before the first chunk.</summary>
    public int DimensionCount => _dimension;

    /// <summary>One command that holds until the next, not a chunk whose steps are used up.</summary>
    public bool IsSetPoint { get; init; }

    /// <summary>Chunks are blended into the one before.</summary>
    public bool Blends { get; init; } = true;

    /// <summary>Takes up a chunk.</summary>
    /// <param name="values">Step after step, <paramref name="dimension"/> values each.</param>
    /// <param name="startTick">The tick that its step 0 belongs to; later than <paramref name="tick"/> counts as that.</param>
    /// <param name="tick">The tick at hand.</param>
    public ChunkStart Begin(ReadOnlySpan<float> values, int dimension, long startTick, long tick)
    {
        startTick = Math.Min(startTick, tick);
        int count = dimension > 0 ? values.Length / dimension : 0;
        long passed = IsSetPoint ? 0 : tick - startTick;
        if (passed >= count)
        {
            return new ChunkStart(false, (int)Math.Min(passed, int.MaxValue), 0);
        }

        _next = _next.Length < values.Length ? new float[values.Length] : _next;
        _weights = _weights.Length < count ? new float[count] : _weights;

        values[..(count * dimension)].CopyTo(_next);
        int covered = CoveredBy(startTick, dimension, count);
        bool isBlended = Blends && !IsSetPoint && covered > passed;
        _weights.AsSpan().Clear();
        if (isBlended)
        {
            Blend(startTick, (int)passed, covered);
        }

        (_values, _next) = (_next, _values);
        _next = _next.Length < _values.Length ? new float[_values.Length] : _next;
        (_dimension, _count, _startTick) = (dimension, count, startTick);
        return new ChunkStart(true, (int)passed, isBlended ? covered - (int)passed : 0);
    }

    /// <summary>The step due at a tick. False: there is no chunk, or it has no step left.</summary>
    /// <param name="values">Valid until the next chunk is taken up.</param>
    public bool TryStep(long tick, out ChunkStep step, out ReadOnlySpan<float> values)
    {
        long at = IsSetPoint ? 0 : tick - _startTick;
        if (_count == 0 || at < 0 || at >= _count)
        {
            step = default;
            values = default;
            return false;
        }

        step = new ChunkStep((int)at, _weights[(int)at]);
        values = _values.AsSpan((int)at * _dimension, _dimension);
        return true;
    }

    /// <summary>Forgets the chunk: what follows is not blended with it.</summary>
    public void Drop() => _count = 0;

    /// <summary>Weight of the old plan at step <paramref name="i"/> of the new one, in [0, 1].</summary>
    internal static float WeightOfOld(int i, int passed, int covered)
    {
        if (i >= covered)
        {
            return 0;
        }

        if (i < passed)
        {
            return 1;
        }

        float c = (covered - i) / (float)(covered - passed + 1);
        return c * (MathF.Exp(c) - 1) / (MathF.E - 1);
    }

    /// <summary>Steps of the new chunk, from its first on, that the old one still has values for.</summary>
    private int CoveredBy(long startTick, int dimension, int count) =>
        _count == 0 || dimension != _dimension ? 0 : (int)Math.Clamp(_startTick + _count - startTick, 0, count);

    private void Blend(long startTick, int passed, int covered)
    {
        // A chunk is never older than the one before it, but for a source whose clock jumped: then the old one has no such steps.
        int shift = (int)(startTick - _startTick);
        for (int i = Math.Max(passed, -shift); i < covered; i++)
        {
            float weight = WeightOfOld(i, passed, covered);
            _weights[i] = weight;
            for (int d = 0; d < _dimension; d++)
            {
                int at = (i * _dimension) + d;
                _next[at] += weight * (_values[at + (shift * _dimension)] - _next[at]);
            }
        }
    }
}

/// <summary>What became of a chunk that was to be taken up.</summary>
/// <param name="IsTaken">False: all its steps had passed, and the one before goes on.</param>
/// <param name="SkippedCount">Steps that had passed.</param>
/// <param name="BlendedCount">Steps that still have a part of the plan before.</param>
public readonly record struct ChunkStart(bool IsTaken, int SkippedCount, int BlendedCount);

/// <summary>A step that is due.</summary>
/// <param name="Index">0-based step of its chunk.</param>
/// <param name="OldWeight">Part of the plan before in its values, in [0, 1].</param>
public readonly record struct ChunkStep(int Index, float OldWeight);
