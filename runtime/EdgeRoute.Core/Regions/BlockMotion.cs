using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Regions;

/// <summary>Blocks of a thumbnail, row after row; what is left over at its right and lower edge belongs to none.</summary>
public readonly record struct BlockGrid(int Width, int Height, int Side)
{
    /// <summary>Blocks of a grid at most: those of a thumbnail of 64 by 36 pixels in blocks of 4 are 144.</summary>
    public const int BlockLimit = 160;

    public int Columns => Width / Side;

    public int Rows => Height / Side;

    public int Count => Math.Min(Columns * Rows, BlockLimit);

    /// <summary>Place of a block's first pixel.</summary>
    public int OffsetOf(int block) => (block / Columns * Side * Width) + (block % Columns * Side);

    public Detection BoxOf(int block) => new(
        block % Columns * Side / (float)Width, block / Columns * Side / (float)Height, Side / (float)Width, Side / (float)Height, 0, 0);

    /// <summary>Mean luma, 0 to 255.</summary>
    public float MeanOf(ReadOnlySpan<byte> luma, int block)
    {
        int sum = 0, offset = OffsetOf(block);
        for (int row = 0; row < Side; row++)
        {
            foreach (byte value in luma.Slice(offset + (row * Width), Side))
            {
                sum += value;
            }
        }

        return sum / (float)(Side * Side);
    }

    /// <summary>The value in the middle; <paramref name="sorted"/> is room for as many.</summary>
    public static float MedianOf(ReadOnlySpan<float> values, Span<float> sorted)
    {
        values.CopyTo(sorted);
        sorted.Sort(Ascending);
        return sorted[sorted.Length / 2];
    }

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private static readonly Comparison<float> Ascending = static (a, b) => a.CompareTo(b);
}

/// <summary>
/// What moves in front of a still camera: each pixel of the thumbnail has a running mean and variance, and a block moves where its pixels
/// are further from them than usual. A change of light that lifts or dims everything alike is taken out first, and so is a shift of the
/// whole picture; where more of the picture moves than a third, the camera does, and nothing is proposed. One per source; allocates nothing
/// after construction.
/// </summary>
public sealed class BlockMotion
{
    /// <summary>Luma steps of a difference that are noise: sensor noise averaged over a thumbnail's pixel is below one.</summary>
    public const float NoiseLevels = 2;

    /// <summary>Frames before the means stand for anything.</summary>
    public const int SettlingCount = 8;

    /// <summary>Share of the blocks that move at most, where it is not the camera that does.</summary>
    private const float MovingShareMost = 1 / 3f;

    /// <summary>
    /// The newest frame's part in mean and variance; what moves takes a quarter of it, so that it does not vanish while it is looked at.
    /// </summary>
    private const float NewShare = 1 / 16f, MovingShare = 1 / 64f;

    /// <summary>Standard deviations that a pixel differs by without moving.</summary>
    private const float UsualDeviations = 3;

    /// <summary>
    /// A shake of the camera moves a thumbnail by no more pixels; half a pixel beyond it counts as part of an edge's width.
    /// </summary>
    private const int ShiftMost = 2;

    private readonly BlockGrid _grid;
    private readonly float[] _means, _variances, _residues;
    private readonly float[] _moving, _blocks, _blockMeans, _sorted;
    private readonly ulong[] _order;
    private int _seenCount;

    public BlockMotion(BlockGrid grid)
    {
        _grid = grid;
        (_means, _variances) = (new float[grid.Width * grid.Height], new float[grid.Width * grid.Height]);
        _residues = new float[grid.Width * grid.Height];
        (_moving, _blocks) = (new float[grid.Count], new float[grid.Count]);
        (_blockMeans, _sorted, _order) = (new float[grid.Count], new float[grid.Count], new ulong[grid.Count]);
    }

    /// <summary>Forgets what stood there: after a restart the camera may look elsewhere.</summary>
    public void Reset()
    {
        _seenCount = 0;
        Array.Clear(_moving);
    }

    /// <summary>Adds the blocks that move in the frame seen last.</summary>
    public void AddTo(RegionProposer proposer)
    {
        for (int block = 0; block < _moving.Length; block++)
        {
            proposer.Add(_grid.BoxOf(block), _moving[block]);
        }
    }

    /// <summary>Takes a frame in. To be called once for each frame, before anything is asked of it.</summary>
    public void See(ReadOnlySpan<byte> luma)
    {
        if (_seenCount == 0)
        {
            Begin(luma);
        }

        var (dx, dy) = ShiftOf(luma);
        var light = LightOf(luma, dx, dy);
        int moving = Weigh(luma, dx, dy, light);
        bool isSteady = _seenCount >= SettlingCount && moving <= _moving.Length * MovingShareMost;
        if (!isSteady)
        {
            Array.Clear(_moving);
        }

        Learn(light, dx, dy);
        _seenCount = Math.Min(_seenCount + 1, SettlingCount);
    }

    private void Begin(ReadOnlySpan<byte> luma)
    {
        for (int i = 0; i < _means.Length; i++)
        {
            (_means[i], _variances[i]) = (luma[i], NoiseLevels * NoiseLevels);
        }
    }

    /// <summary>The shift of the whole picture at which it differs least from the means; of equal ones the smallest.</summary>
    private (int X, int Y) ShiftOf(ReadOnlySpan<byte> luma)
    {
        (int X, int Y) best = (0, 0);
        float least = DifferenceAt(luma, 0, 0);
        for (int dy = -ShiftMost; dy <= ShiftMost; dy++)
        {
            for (int dx = -ShiftMost; dx <= ShiftMost; dx++)
            {
                float difference = DifferenceAt(luma, dx, dy);
                // A shift must explain much of the difference, or noise would shift a still picture.
                bool isBetter = difference < 0.8f * least || (best != (0, 0) && difference < least);
                (best, least) = isBetter ? ((dx, dy), difference) : (best, least);
            }
        }

        return best;
    }

    /// <summary>
    /// Of differences from pixel to pixel along a row, which light that falls on everything leaves alone; the rim that a shift uncovers is
    /// left out for all shifts alike.
    /// </summary>
    private float DifferenceAt(ReadOnlySpan<byte> luma, int dx, int dy)
    {
        float sum = 0;
        for (int y = ShiftMost; y < _grid.Height - ShiftMost; y++)
        {
            var row = luma.Slice((y + dy) * _grid.Width, _grid.Width);
            var mean = _means.AsSpan(y * _grid.Width, _grid.Width);
            for (int x = ShiftMost; x < _grid.Width - ShiftMost - 1; x++)
            {
                sum += MathF.Abs(row[x + dx + 1] - row[x + dx] - mean[x + 1] + mean[x]);
            }
        }

        return sum;
    }

    /// <summary>
    /// How all pixels became lighter or darker: a line through the medians of the dark third and of the light third of the blocks (Tukey's
    /// resistant line), which a third of them may leave without moving it.
    /// </summary>
    private Light LightOf(ReadOnlySpan<byte> luma, int dx, int dy)
    {
        for (int block = 0; block < _blocks.Length; block++)
        {
            (_blocks[block], _blockMeans[block]) = BlockAt(luma, block, dx, dy);
        }

        OrderByMean();
        int third = _order.Length / 3;
        float dark = _blockMeans[(int)(uint)_order[third / 2]], bright = _blockMeans[(int)(uint)_order[^((third / 2) + 1)]];
        float darkNow = MedianNow(0, third), brightNow = MedianNow(_order.Length - third, third);
        float gain = bright - dark > 4 * NoiseLevels ? Math.Clamp((brightNow - darkNow) / (bright - dark), 0.1f, 10) : 1;
        for (int block = 0; block < _blocks.Length; block++)
        {
            _residues[block] = _blocks[block] - (gain * _blockMeans[block]);
        }

        return new Light(gain, BlockGrid.MedianOf(_residues.AsSpan(0, _blocks.Length), _sorted));
    }

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private readonly Comparison<ulong> _byKey = static (a, b) => a.CompareTo(b);

    /// <summary>The bits of a float that is not negative grow with its value.</summary>
    private void OrderByMean()
    {
        for (int block = 0; block < _order.Length; block++)
        {
            _order[block] = ((ulong)BitConverter.SingleToUInt32Bits(MathF.Max(_blockMeans[block], 0)) << 32) | (uint)block;
        }

        _order.AsSpan().Sort(_byKey);
    }

    /// <summary>Of the blocks as they are now, over some that follow each other by their means.</summary>
    private float MedianNow(int from, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _residues[i] = _blocks[(int)(uint)_order[from + i]];
        }

        return BlockGrid.MedianOf(_residues.AsSpan(0, count), _sorted.AsSpan(0, count));
    }

    /// <summary>Mean luma of a block now, and of what stood there.</summary>
    private (float Now, float Before) BlockAt(ReadOnlySpan<byte> luma, int block, int dx, int dy)
    {
        float now = 0, before = 0;
        int offset = _grid.OffsetOf(block);
        for (int i = 0; i < _grid.Side * _grid.Side; i++)
        {
            int at = offset + (i / _grid.Side * _grid.Width) + (i % _grid.Side);
            now += luma[Shifted(at, dx, dy)];
            before += _means[at];
        }

        int count = _grid.Side * _grid.Side;
        return (now / count, before / count);
    }

    /// <summary>Where a pixel of the means lies in a shifted picture; beyond its rim the rim goes on.</summary>
    private int Shifted(int at, int dx, int dy)
    {
        int x = Math.Clamp((at % _grid.Width) + dx, 0, _grid.Width - 1), y = Math.Clamp((at / _grid.Width) + dy, 0, _grid.Height - 1);
        return (y * _grid.Width) + x;
    }

    private bool IsInside(int at, int dx, int dy) => (uint)((at % _grid.Width) + dx) < (uint)_grid.Width
        && (uint)((at / _grid.Width) + dy) < (uint)_grid.Height;

    /// <summary>By how much each block's pixels are further from their means than usual; returns how many blocks move.</summary>
    private int Weigh(ReadOnlySpan<byte> luma, int dx, int dy, in Light light)
    {
        for (int i = 0; i < _residues.Length; i++)
        {
            // What a shift brings into the picture at its rim was not there before, and what is out of the sensor's range is cut.
            float expected = Math.Clamp((light.Gain * _means[i]) + light.Offset, 0, 255);
            _residues[i] = IsInside(i, dx, dy) ? luma[Shifted(i, dx, dy)] - expected : 0;
        }

        int moving = 0;
        for (int block = 0; block < _moving.Length; block++)
        {
            float beyond = 0;
            int offset = _grid.OffsetOf(block);
            for (int i = 0; i < _grid.Side * _grid.Side; i++)
            {
                int at = offset + (i / _grid.Side * _grid.Width) + (i % _grid.Side);
                beyond += MathF.Max(0, MathF.Abs(_residues[at]) - UsualAt(at, light.Gain));
            }

            beyond /= _grid.Side * _grid.Side;
            _moving[block] = beyond > NoiseLevels ? beyond : 0;
            moving += beyond > NoiseLevels ? 1 : 0;
        }

        return moving;
    }

    /// <summary>Noise, and half the step to the neighbours: a shift by less than a pixel moves an edge by that much.</summary>
    private float UsualAt(int at, float gain)
    {
        int x = at % _grid.Width;
        float left = _means[x > 0 ? at - 1 : at], right = _means[x < _grid.Width - 1 ? at + 1 : at];
        float above = _means[at >= _grid.Width ? at - _grid.Width : at];
        float below = _means[at < _means.Length - _grid.Width ? at + _grid.Width : at];
        float own = _means[at];
        float step = MathF.Max(MathF.Max(MathF.Abs(left - own), MathF.Abs(right - own)), MathF.Max(MathF.Abs(above - own),
            MathF.Abs(below - own)));
        return NoiseLevels + (UsualDeviations * MathF.Sqrt(_variances[at])) + (gain * step / 2);
    }

    /// <summary>The means take on the new light at once, and the rest of the difference slowly.</summary>
    private void Learn(in Light light, int dx, int dy)
    {
        bool isShaken = (dx, dy) != (0, 0);
        for (int i = 0; i < _means.Length; i++)
        {
            int block = (i / _grid.Width / _grid.Side * _grid.Columns) + (i % _grid.Width / _grid.Side);
            bool isMoving = i % _grid.Width / _grid.Side < _grid.Columns && block < _moving.Length && _moving[block] > 0;
            float share = isMoving || isShaken ? MovingShare : NewShare;
            float residue = _residues[i];
            float now = Math.Clamp((light.Gain * _means[i]) + light.Offset, 0, 255);
            _means[i] = Math.Clamp(now + (share * residue), 0, 255);
            _variances[i] += share * (MathF.Min(residue * residue, MostVariance) - _variances[i]);
        }
    }

    /// <summary>One outlier must not hide a pixel's motion for seconds.</summary>
    private const float MostVariance = 16 * 16;

    /// <summary>A change of light: what every pixel is multiplied with, and what is added to it.</summary>
    private readonly record struct Light(float Gain, float Offset);
}
