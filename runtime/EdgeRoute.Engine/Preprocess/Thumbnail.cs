using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// A small luma picture of a frame, area-averaged, and sparse patches of its full-resolution luma. Whole numbers throughout: the same bytes
/// give the same result with any vector width. Luma is spread to 0..255, so sources of limited and full range compare.
/// </summary>
/// <param name="width">Pixels of a row.</param>
/// <param name="height">Rows.</param>
/// <param name="takesPatches">Whether the patches are wanted.</param>
public sealed class Thumbnail(int width = Thumbnail.Width, int height = Thumbnail.Height, bool takesPatches = true)
{
    /// <summary>
    /// 16:9 like most cameras. A cell of a 1080p frame is 30x30 pixels: sensor noise of 10 levels averages to 0.6, while a person 60 pixels
    /// wide that moves by half a cell still changes several cells.
    /// </summary>
    public const int Width = 64;

    public const int Height = 36;

    /// <summary>
    /// Rows averaged per cell at most, spread evenly. Eight rows of a cell at least 16 pixels wide are 128 samples, enough against noise,
    /// and bound the bytes read: about a quarter of a 1080p frame, an eighth of a 4K one.
    /// </summary>
    public const int RowLimit = 8;

    /// <summary>Weights of red, green and blue in luma, in 256ths (ITU-R BT.601).</summary>
    private const int RedWeight = 77, GreenWeight = 150, BlueWeight = 29;

    private readonly byte[] _luma = new byte[width * height];
    private readonly byte[] _patches = new byte[takesPatches ? width * height * ThumbnailSignals.PatchSize : 0];
    private readonly int[] _columns = new int[width + 1];
    private ushort[] _sums = [];
    private FrameLayout _layout;

    /// <summary>The picture, row by row.</summary>
    public ReadOnlySpan<byte> Luma => _luma;

    /// <summary>
    /// One patch per cell (<see cref="ThumbnailSignals.PatchSize"/> samples each, unspread luma); empty where a side is below 3 pixels.
    /// </summary>
    public ReadOnlySpan<byte> Patches => _layout.Width < 3 || _layout.Height < 3 ? default : _patches;

    /// <summary>Full scale per step of the patch samples.</summary>
    public double PatchGain => IsLimited(_layout) ? 1 / 219.0 : 1 / 255.0;

    /// <summary>Makes scratch memory for a layout; does nothing when it is the one prepared last.</summary>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG).</exception>
    public void Prepare(in FrameLayout layout)
    {
        if (_layout == layout)
        {
            return;
        }

        if (layout.Format is < PixelFormat.Nv12 or > PixelFormat.Gray8)
        {
            throw new ArgumentException($"A {layout.Format} frame has no pixels to average: unpack it first.");
        }

        _layout = layout;
        _sums = new ushort[layout.Width * PixelBytes(layout.Format)];
        for (int i = 0; i <= width; i++)
        {
            _columns[i] = (int)((long)i * layout.Width / width);
        }
    }

    /// <summary>Fills luma and patches from a frame.</summary>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The frame is shorter than its layout.</exception>
    public void Update(ReadOnlySpan<byte> frame, in FrameLayout layout)
    {
        Prepare(layout);
        for (int cellY = 0; cellY < height; cellY++)
        {
            int top = Math.Min((int)((long)cellY * layout.Height / height), layout.Height - 1);
            int bottom = Math.Max((int)((long)(cellY + 1) * layout.Height / height), top + 1);
            int rows = Math.Min(bottom - top, RowLimit);
            SumRows(frame, top, bottom - top, rows);
            for (int cellX = 0; cellX < width; cellX++)
            {
                int left = Math.Min(_columns[cellX], layout.Width - 1), right = Math.Max(_columns[cellX + 1], left + 1);
                _luma[(cellY * width) + cellX] = Cell(left, right - left, rows);
            }

            CopyPatches(frame, cellY, (top + bottom) / 2);
        }
    }

    /// <summary>Bytes per luma sample of a row.</summary>
    private static int PixelBytes(PixelFormat format) => format switch
    {
        PixelFormat.Rgb or PixelFormat.Bgr => 3,
        PixelFormat.Yuy2 => 2,
        _ => 1,
    };

    private static bool IsLimited(in FrameLayout layout) =>
        layout.Format is PixelFormat.Nv12 or PixelFormat.I420 or PixelFormat.Yuy2
        && layout.ColorSpace is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited;

    private static ReadOnlySpan<byte> Row(ReadOnlySpan<byte> frame, in FrameLayout layout, int y) =>
        frame.Slice(layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes), layout.Width * PixelBytes(layout.Format));

    /// <summary>Adds rows spread evenly over a band, byte by byte; eight rows of 255 stay far below 65535.</summary>
    private void SumRows(ReadOnlySpan<byte> frame, int top, int height, int rows)
    {
        ByteSums.Set(Row(frame, _layout, top + (height / (2 * rows))), _sums);
        for (int i = 1; i < rows; i++)
        {
            ByteSums.Add(Row(frame, _layout, top + ((((2 * i) + 1) * height) / (2 * rows))), _sums);
        }
    }

    private byte Cell(int left, int width, int rows)
    {
        int step = PixelBytes(_layout.Format), samples = width * rows;
        var cell = _sums.AsSpan(left * step, width * step);
        if (step == 3)
        {
            var (first, green, third) = ByteSums.TotalOfThree(cell);
            var (red, blue) = _layout.Format == PixelFormat.Rgb ? (first, third) : (third, first);
            long weighted = ((long)red * RedWeight) + ((long)green * GreenWeight) + ((long)blue * BlueWeight);
            return (byte)((weighted + (128L * samples)) / (256L * samples));
        }

        int total = step == 2 ? ByteSums.TotalOfEven(cell) : ByteSums.Total(cell);
        return IsLimited(_layout)
            ? (byte)Math.Clamp(((((long)total - (16L * samples)) * 255) + (samples * 219L / 2)) / (samples * 219L), 0, 255)
            : (byte)((total + (samples / 2)) / samples);
    }

    private void CopyPatches(ReadOnlySpan<byte> frame, int cellY, int centerY)
    {
        if (_layout.Width < 3 || _layout.Height < 3 || !takesPatches)
        {
            return;
        }

        int y = Math.Clamp(centerY, 1, _layout.Height - 2);
        for (int row = 0; row < 3; row++)
        {
            var line = Row(frame, _layout, y - 1 + row);
            for (int cellX = 0; cellX < width; cellX++)
            {
                int x = Math.Clamp((_columns[cellX] + _columns[cellX + 1]) / 2, 1, _layout.Width - 2);
                int patch = ((cellY * width) + cellX) * ThumbnailSignals.PatchSize;
                CopyThree(line, x - 1, _patches.AsSpan(patch + (row * 3), 3));
            }
        }
    }

    private void CopyThree(ReadOnlySpan<byte> line, int x, Span<byte> target)
    {
        switch (_layout.Format)
        {
            case PixelFormat.Rgb:
            case PixelFormat.Bgr:
                bool redFirst = _layout.Format == PixelFormat.Rgb;
                for (int i = 0; i < 3; i++)
                {
                    var pixel = line.Slice((x + i) * 3, 3);
                    int outer = redFirst ? (pixel[0] * RedWeight) + (pixel[2] * BlueWeight)
                        : (pixel[2] * RedWeight) + (pixel[0] * BlueWeight);
                    target[i] = (byte)((outer + (pixel[1] * GreenWeight) + 128) >> 8);
                }

                break;
            case PixelFormat.Yuy2:
                var pairs = line.Slice(x * 2, 5);
                (target[0], target[1], target[2]) = (pairs[0], pairs[2], pairs[4]);
                break;
            default:
                line.Slice(x, 3).CopyTo(target);
                break;
        }
    }
}
