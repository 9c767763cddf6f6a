namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// The two horizontally blended source rows that the current output row lies between. Going down the picture, the lower row of one output
/// is often the upper row of the next, so each source row is blended once.
/// </summary>
/// <param name="widthLimit">Padded width at most.</param>
public sealed class RowCache(int channelCount, int widthLimit)
{
    private const int None = -1;

    private readonly int[] _rows = [None, None];

    /// <summary>Both rows: slot, then channel, then pixel; values are samples times <see cref="AxisTaps.WeightOne"/>.</summary>
    public float[] Values { get; } = new float[2 * channelCount * widthLimit];

    public int PaddedWidth { get; set; } = widthLimit;

    /// <summary>Index into <see cref="Values"/> of the first channel of a slot.</summary>
    public int StartOf(int slot) => slot * channelCount * PaddedWidth;

    /// <summary>Forgets both rows: the next frame has other bytes under the same numbers.</summary>
    public void Clear() => (_rows[0], _rows[1]) = (None, None);

    /// <summary>The slot that holds a source row, or -1.</summary>
    public int Find(int row)
    {
        if (_rows[0] == row)
        {
            return 0;
        }

        if (_rows[1] == row)
        {
            return 1;
        }

        return -1;
    }

    /// <summary>Gives a row the slot that does not hold <paramref name="keepRow"/>; the caller fills it.</summary>
    public int Claim(int row, int keepRow)
    {
        int slot = _rows[0] == keepRow ? 1 : 0;
        _rows[slot] = row;
        return slot;
    }
}

/// <summary>
/// Two blended source rows of one sample, as starts in a row cache, and how far the output lies from the upper to the lower.
/// </summary>
internal readonly record struct RowPair(float[] Values, int Upper, int Lower, float Fraction);
