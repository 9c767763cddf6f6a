using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>How far a box of the last answer has moved, by what the picture shows.</summary>
/// <param name="X">Of its centre, in frame widths.</param>
/// <param name="Y">Of its centre, in frame heights, downwards.</param>
/// <param name="Likeness">
/// Correlation of the picture there with what the box showed when it was answered, in [-1, 1]; not a number where it is not followed.
/// </param>
public readonly record struct BoxMove(float X, float Y, float Likeness)
{
    /// <summary>
    /// Least likeness of what is still the same object: people that walk turn half of their pixels over within a second, and are found.
    /// </summary>
    private const float HeldAtLeast = 0.3f;

    public static BoxMove Unknown => new(0, 0, float.NaN);

    public bool IsKnown => !float.IsNaN(Likeness);

    /// <summary>It was found again, so this is where it is.</summary>
    public bool IsHeld => Likeness >= HeldAtLeast;

    public Detection Of(in Detection box) => box with { Left = box.Left + X, Top = box.Top + Y };
}

/// <summary>
/// Finds the boxes of an answer again in the frames after it: each keeps a patch of a small grey picture, and is where normalised
/// correlation with that patch is highest near where it was expected. Patches are those of the answer, not of the frame before, so errors
/// do not add up. Sums are whole numbers: the same pictures give the same bits everywhere. One per source; allocates nothing after
/// construction.
/// </summary>
public sealed class PatchFollower
{
    /// <summary>
    /// Pixels of the picture: a walker who is a twentieth of the frame wide has six across, and twice the detail finds no more.
    /// </summary>
    public const int Width = 128, Height = 72;

    /// <summary>Boxes followed at most, the surest; it bounds the time a crowd takes. The others move on as their tracks do.</summary>
    public const int BoxLimit = 48;

    /// <summary>Samples of a patch along each side at most: enough to tell things apart, and the same time for large boxes.</summary>
    private const int GridLimit = 12;

    /// <summary>The patch is a little larger than the box: outlines tell more than surfaces.</summary>
    private const float PatchSide = 1.1f;

    /// <summary>Half a side of a patch at least, in pixels.</summary>
    private const float HalfSideAtLeast = 3;

    /// <summary>
    /// Places looked at around the expected one, to each side, every second pixel, then those beside the best: at 30 frames per second an
    /// object that changes its speed by a frame width per second goes off by four.
    /// </summary>
    private const int Reach = 4;

    /// <summary>
    /// Variance of a patch below which it shows nothing, in squared grey levels: the noise of a camera after averaging.
    /// </summary>
    private const int FlatVariance = 4;

    /// <summary>Likeness that a pixel away from the expected place must gain: along an edge all places are alike.</summary>
    private const float DistanceWeight = 0.002f;

    private readonly Patch[] _patches = new Patch[BoxLimit];
    private readonly byte[] _samples = new byte[BoxLimit * GridLimit * GridLimit];
    private readonly BoxMove[] _moves = new BoxMove[BoxLimit];
    private int _count;

    /// <summary>How the boxes of the answer have moved by the picture followed to last, by their index.</summary>
    public ReadOnlySpan<BoxMove> Moves => _moves.AsSpan(0, _count);

    /// <summary>Nothing is followed any more.</summary>
    public void Reset() => _count = 0;

    /// <summary>Follows the boxes of an answer from now on.</summary>
    /// <param name="picture">The frame that was answered, in grey, row by row.</param>
    /// <param name="boxes">The surest first.</param>
    /// <exception cref="ArgumentException">The picture is of another size.</exception>
    public void Begin(ReadOnlySpan<byte> picture, ReadOnlySpan<Detection> boxes)
    {
        Check(picture);
        _count = Math.Min(boxes.Length, BoxLimit);
        for (int i = 0; i < _count; i++)
        {
            _patches[i] = Cut(picture, boxes[i], SamplesOf(i));
            _moves[i] = _patches[i].IsUsable ? new BoxMove(0, 0, 1) : BoxMove.Unknown;
        }
    }

    /// <summary>Finds the boxes in the next picture.</summary>
    /// <exception cref="ArgumentException">The picture is of another size.</exception>
    public void Follow(ReadOnlySpan<byte> picture)
    {
        Check(picture);
        for (int i = 0; i < _count; i++)
        {
            if (_patches[i].IsUsable)
            {
                _moves[i] = Find(ref _patches[i], picture, SamplesOf(i));
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> picture)
    {
        if (picture.Length != Width * Height)
        {
            throw new ArgumentException($"A picture to follow boxes in has {Width} by {Height} pixels; this one has {picture.Length}.");
        }
    }

    private Span<byte> SamplesOf(int index) => _samples.AsSpan(index * GridLimit * GridLimit, GridLimit * GridLimit);

    private static Patch Cut(ReadOnlySpan<byte> picture, in Detection box, Span<byte> samples)
    {
        float halfX = MathF.Max(box.Width * Width * PatchSide / 2, HalfSideAtLeast);
        float halfY = MathF.Max(box.Height * Height * PatchSide / 2, HalfSideAtLeast);
        var patch = new Patch
        {
            CenterX = (box.Left + (box.Width / 2)) * Width,
            CenterY = (box.Top + (box.Height / 2)) * Height,
            StepX = 2 * halfX / Columns(halfX),
            StepY = 2 * halfY / Columns(halfY),
            ColumnCount = Columns(halfX),
            RowCount = Columns(halfY),
            IsUsable = float.IsFinite(box.Left + box.Top + box.Width + box.Height) && box is { Width: > 0 and <= 2, Height: > 0 and <= 2 },
        };
        if (patch.IsUsable)
        {
            Take(picture, patch, samples, out patch.Sum, out patch.Squares);
        }

        return patch;
    }

    private static int Columns(float halfSide) => Math.Clamp((int)(2 * halfSide), 1, GridLimit);

    private static void Take(ReadOnlySpan<byte> picture, in Patch patch, Span<byte> samples, out int sum, out int squares)
    {
        Span<int> columns = stackalloc int[GridLimit];
        patch.Columns(0, columns);
        (sum, squares) = (0, 0);
        for (int y = 0; y < patch.RowCount; y++)
        {
            var row = picture.Slice(patch.Row(y, 0) * Width, Width);
            for (int x = 0; x < patch.ColumnCount; x++)
            {
                byte value = row[columns[x]];
                samples[(y * patch.ColumnCount) + x] = value;
                sum += value;
                squares += value * value;
            }
        }
    }

    /// <summary>Every second place around the expected one, then those beside the best, then between pixels.</summary>
    private static BoxMove Find(ref Patch patch, ReadOnlySpan<byte> picture, ReadOnlySpan<byte> samples)
    {
        int startX = (int)MathF.Round(patch.X + patch.VelocityX), startY = (int)MathF.Round(patch.Y + patch.VelocityY);
        var best = new Place(startX, startY, float.NegativeInfinity);
        for (int y = startY - Reach; y <= startY + Reach; y += 2)
        {
            for (int x = startX - Reach; x <= startX + Reach; x += 2)
            {
                best = Better(best, new Place(x, y, Likeness(patch, picture, samples, x, y)), startX, startY);
            }
        }

        var around = best;
        for (int i = 0; i < 9; i++)
        {
            int x = around.X + (i % 3) - 1, y = around.Y + (i / 3) - 1;
            best = i == 4 ? best : Better(best, new Place(x, y, Likeness(patch, picture, samples, x, y)), startX, startY);
        }

        float exactX = best.X + Between(Likeness(patch, picture, samples, best.X - 1, best.Y), best.Likeness,
            Likeness(patch, picture, samples, best.X + 1, best.Y));
        float exactY = best.Y + Between(Likeness(patch, picture, samples, best.X, best.Y - 1), best.Likeness,
            Likeness(patch, picture, samples, best.X, best.Y + 1));
        var move = new BoxMove(exactX / Width, exactY / Height, best.Likeness);
        patch.GoTo(exactX, exactY, move.IsHeld);
        return move;
    }

    private static Place Better(in Place best, in Place other, int startX, int startY) =>
        other.Worth(startX, startY) > best.Worth(startX, startY) ? other : best;

    /// <summary>Where the parabola through three neighbours is highest, from the middle one.</summary>
    private static float Between(float before, float at, float after)
    {
        float bend = before - (2 * at) + after;
        return bend < -1e-6f ? Math.Clamp((before - after) / (2 * bend), -0.5f, 0.5f) : 0;
    }

    private static float Likeness(in Patch patch, ReadOnlySpan<byte> picture, ReadOnlySpan<byte> samples, int shiftX, int shiftY)
    {
        Span<int> columns = stackalloc int[GridLimit];
        patch.Columns(shiftX, columns);
        columns = columns[..patch.ColumnCount];
        int sum = 0, squares = 0, products = 0;
        for (int y = 0; y < patch.RowCount; y++)
        {
            var row = picture.Slice(patch.Row(y, shiftY) * Width, Width);
            var kept = samples.Slice(y * patch.ColumnCount, patch.ColumnCount);
            for (int x = 0; x < kept.Length; x++)
            {
                int value = row[columns[x]];
                sum += value;
                squares += value * value;
                products += value * kept[x];
            }
        }

        // Sums of 144 samples of 8 bits; their products need 64.
        long count = patch.RowCount * patch.ColumnCount, flat = FlatVariance * count * count;
        long own = (count * patch.Squares) - ((long)patch.Sum * patch.Sum), other = (count * squares) - ((long)sum * sum);
        long both = (count * products) - ((long)patch.Sum * sum);
        return (float)((both + flat) / Math.Sqrt((double)(own + flat) * (other + flat)));
    }

    /// <summary>How alike the picture is at a shift in pixels.</summary>
    private readonly record struct Place(int X, int Y, float Likeness)
    {
        public float Worth(int startX, int startY) => Likeness - (DistanceWeight * (Math.Abs(X - startX) + Math.Abs(Y - startY)));
    }

    /// <summary>What a box showed, as a grid over its part of the picture, and how far it has gone since, in pixels.</summary>
    private struct Patch
    {
        public float CenterX, CenterY, StepX, StepY;
        public int ColumnCount, RowCount;
        public bool IsUsable;
        public int Sum, Squares;
        public float X, Y, VelocityX, VelocityY;

        /// <summary>The picture goes on beyond its edge as it ends there.</summary>
        public readonly void Columns(int shift, Span<int> into)
        {
            float left = CenterX + shift - (ColumnCount * StepX / 2) + (StepX / 2);
            for (int i = 0; i < ColumnCount; i++)
            {
                into[i] = Math.Clamp((int)MathF.Floor(left + (i * StepX)), 0, Width - 1);
            }
        }

        public readonly int Row(int index, int shift) =>
            Math.Clamp((int)MathF.Floor(CenterY + shift - (RowCount * StepY / 2) + (StepY / 2) + (index * StepY)), 0, Height - 1);

        /// <summary>An object that was not found is looked for where it was last, at no speed.</summary>
        public void GoTo(float x, float y, bool isHeld)
        {
            if (isHeld)
            {
                (VelocityX, VelocityY) = ((VelocityX + x - X) / 2, (VelocityY + y - Y) / 2);
                (X, Y) = (x, y);
            }
            else
            {
                (VelocityX, VelocityY) = (0, 0);
            }
        }
    }
}
