using System.Globalization;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Interop.TurboJpeg;

/// <summary>
/// Decodes JPEG at 1/1, 1/2, 1/4 or 1/8 by scaling the DCT. One handle decodes any number of pictures and allocates nothing per picture.
/// Not thread-safe. The fast DCT is never asked for: together with scaled planes it yields wrong chroma in libjpeg-turbo 2.1.5.
/// </summary>
public sealed unsafe class JpegDecoder : SafeHandle
{
    private AlignedMemory? _cmyk;

    private JpegDecoder()
        : base(0, ownsHandle: true)
    {
        SetHandle(JpegNative.tjInitDecompress());
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>A damaged picture may lack this share of its rows. Where more are missing, what stood there would not be seen.</summary>
    public const double MissingShareMost = 0.25;

    /// <summary>What the library makes of samples that are not there.</summary>
    private const byte MissingSample = 128;

    /// <summary>
    /// False (as made): a picture that lacks more than <see cref="MissingShareMost"/> of its rows is an error. True: what could be decoded
    /// is delivered. Cameras that put stray bytes into each picture, or end it too soon, are read either way.
    /// </summary>
    public bool AcceptsDamaged { get; init; }

    /// <summary>The last picture was decoded, but the library warned: stray bytes, a missing end, corrupt data.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The library's warning about the last picture, where it was damaged. Ask before the next call.</summary>
    public string DamageText => JpegNative.ErrorOf(handle);

    /// <summary>Why the last call returned false.</summary>
    public string ErrorText { get; private set; } = "";

    /// <exception cref="DllNotFoundException">The library is absent; the message names the package.</exception>
    public static JpegDecoder Create(bool acceptsDamaged = false) =>
        JpegLibrary.TryLoad(out string reason) ? new JpegDecoder { AcceptsDamaged = acceptsDamaged }
            : throw new DllNotFoundException(reason);

    /// <summary>Reads the header. False: not a JPEG, or one whose sampling the library does not know.</summary>
    public bool TryReadHeader(ReadOnlySpan<byte> jpeg, out JpegHeader header)
    {
        fixed (byte* start = jpeg)
        {
            header = default;
            if (jpeg.IsEmpty)
            {
                return Refuse("there are 0 bytes");
            }

            int width = 0, height = 0, sampling = -1, coding = -1;
            int result = JpegNative.tjDecompressHeader3(handle, start, Size(jpeg), ref width, ref height, ref sampling, ref coding);
            // After a warning only what was filled in tells whether the header was read.
            bool isRead = result == 0 || (HasOnlyWarned && sampling >= 0 && coding >= 0);
            if (!isRead)
            {
                return Renew(JpegNative.ErrorOf(handle));
            }

            // A file that ends before its first frame header is a success to the library, of 0 x 0 pixels.
            if (width < 1 || height < 1)
            {
                return Renew($"its header tells of {width} x {height} pixels");
            }

            header = new JpegHeader(width, height, (JpegSampling)sampling, (JpegCoding)coding);
            return true;
        }
    }

    /// <summary>
    /// Decodes 4:2:0 to Y, U and V planes, or gray to the Y plane alone (U and V may be empty), at 1/<paramref name="denominator"/>.
    /// For 4:2:0 the Y plane is written with sides rounded up to even, so its stride must be even and its rows that many.
    /// </summary>
    public bool TryDecodePlanes(
        ReadOnlySpan<byte> jpeg, in JpegHeader header, int denominator, Span<byte> luma, int lumaStrideBytes, Span<byte> u, Span<byte> v,
        int chromaStrideBytes)
    {
        CheckDenominator(denominator);
        bool hasChroma = !header.IsGray;
        if (hasChroma && !header.IsI420)
        {
            return Refuse($"sampling {header.Sampling} with coding {header.Coding} has no I420 planes; decode it to RGB");
        }

        int width = header.WidthAt(denominator), height = header.HeightAt(denominator);
        int padded = hasChroma ? (width + 1) & ~1 : width, rows = hasChroma ? (height + 1) & ~1 : height;
        CheckRoom(luma, padded, rows, lumaStrideBytes, nameof(luma));
        if (hasChroma)
        {
            CheckRoom(u, padded / 2, rows / 2, chromaStrideBytes, nameof(u));
            CheckRoom(v, padded / 2, rows / 2, chromaStrideBytes, nameof(v));
        }

        var last = Mark(luma, padded, rows, lumaStrideBytes);
        fixed (byte* start = jpeg, y = luma, first = u, second = v)
        {
            byte** planes = stackalloc byte*[3] { y, first, second };
            int* strides = stackalloc int[3] { lumaStrideBytes, chromaStrideBytes, chromaStrideBytes };
            int result = JpegNative.tjDecompressToYUVPlanes(handle, start, Size(jpeg), planes, width, strides, height, Flags);
            return Judge(result, luma, width, height, lumaStrideBytes, last);
        }
    }

    /// <summary>Decodes any JPEG to RGB at 1/<paramref name="denominator"/>. CMYK is taken as Adobe writes it (inverted).</summary>
    public bool TryDecodeRgb(ReadOnlySpan<byte> jpeg, in JpegHeader header, int denominator, Span<byte> rgb, int strideBytes)
    {
        CheckDenominator(denominator);
        int width = header.WidthAt(denominator), height = header.HeightAt(denominator);
        CheckRoom(rgb, width * 3, height, strideBytes, nameof(rgb));
        if (header.Coding is JpegCoding.Cmyk or JpegCoding.Ycck)
        {
            return TryDecodeCmyk(jpeg, width, height, rgb, strideBytes);
        }

        var last = Mark(rgb, width * 3, height, strideBytes);
        fixed (byte* start = jpeg, pixels = rgb)
        {
            int result = JpegNative.tjDecompress2(handle, start, Size(jpeg), pixels, width, strideBytes, height, JpegNative.PixelsRgb,
                Flags);
            return Judge(result, rgb, width * 3, height, strideBytes, last);
        }
    }

    protected override bool ReleaseHandle() => JpegNative.tjDestroy(handle) == 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cmyk?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int Flags => JpegNative.FlagLimitScans;

    private bool HasOnlyWarned => JpegNative.tjGetErrorCode(handle) == JpegNative.ErrorWarning;

    private bool TryDecodeCmyk(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> rgb, int strideBytes)
    {
        // The library converts CMYK to nothing but CMYK.
        if (_cmyk is null || _cmyk.LengthBytes < width * height * 4)
        {
            _cmyk?.Dispose();
            _cmyk = null;
            _cmyk = AlignedMemory.Allocate(width * height * 4);
        }

        var inks = _cmyk.Span;
        var last = Mark(inks, width * 4, height, width * 4);
        fixed (byte* start = jpeg, pixels = inks)
        {
            int result = JpegNative.tjDecompress2(handle, start, Size(jpeg), pixels, width, width * 4, height, JpegNative.PixelsCmyk,
                Flags);
            if (!Judge(result, inks, width * 4, height, width * 4, last))
            {
                return false;
            }
        }

        for (int row = 0; row < height; row++)
        {
            MixInks(inks.Slice(row * width * 4, width * 4), rgb.Slice(row * strideBytes, width * 3));
        }

        return true;
    }

    /// <summary>Inverted inks: the light that passes both the colour and the black.</summary>
    private static void MixInks(ReadOnlySpan<byte> inks, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            int black = inks[from + 3];
            rgb[to] = (byte)(((inks[from] * black) + 127) / 255);
            rgb[to + 1] = (byte)(((inks[from + 1] * black) + 127) / 255);
            rgb[to + 2] = (byte)(((inks[from + 2] * black) + 127) / 255);
        }
    }

    /// <summary>
    /// Writes what no picture holds into the last row: an error that follows a warning looks like the warning, but for this row, which is
    /// not reached.
    /// </summary>
    private static Span<byte> Mark(Span<byte> plane, int rowBytes, int rows, int strideBytes)
    {
        var last = plane.Slice(strideBytes * (rows - 1), rowBytes);
        for (int i = 0; i < last.Length; i++)
        {
            last[i] = MarkOf(i);
        }

        return last;
    }

    private static byte MarkOf(int index) => (index & 1) == 0 ? (byte)0 : (byte)255;

    private static bool IsMarked(ReadOnlySpan<byte> row)
    {
        int at = 0;
        while (at < row.Length && row[at] == MarkOf(at))
        {
            at++;
        }

        return at == row.Length;
    }

    private bool Judge(int result, ReadOnlySpan<byte> plane, int rowBytes, int rows, int strideBytes, ReadOnlySpan<byte> last)
    {
        IsDamaged = result != 0 && HasOnlyWarned && !IsMarked(last);
        if (!IsDamaged)
        {
            return result == 0 || Refuse(JpegNative.ErrorOf(handle));
        }

        double share = AcceptsDamaged ? 0 : MissingShare(plane, rowBytes, rows, strideBytes);
        IsDamaged = share <= MissingShareMost;
        return IsDamaged || Refuse(string.Create(CultureInfo.InvariantCulture,
            $"{JpegNative.ErrorOf(handle)}; {100 * share:0} % of its rows are missing, and {100 * MissingShareMost:0} % may be"));
    }

    private static double MissingShare(ReadOnlySpan<byte> plane, int rowBytes, int rows, int strideBytes)
    {
        int missing = 0;
        for (int row = 0; row < rows; row++)
        {
            missing += plane.Slice(row * strideBytes, rowBytes).ContainsAnyExcept(MissingSample) ? 0 : 1;
        }

        return (double)missing / rows;
    }

    /// <summary>
    /// A header that fails leaves libjpeg-turbo 2.1 in the middle of it: the next picture would be read as its continuation. So the handle
    /// is made anew.
    /// </summary>
    private bool Renew(string reason)
    {
        _ = JpegNative.tjDestroy(handle);
        SetHandle(JpegNative.tjInitDecompress());
        return Refuse(reason);
    }

    private bool Refuse(string reason)
    {
        IsDamaged = false;
        ErrorText = $"this JPEG cannot be decoded: {reason}";
        return false;
    }

    private static CULong Size(ReadOnlySpan<byte> jpeg) => new((nuint)jpeg.Length);

    private static void CheckDenominator(int denominator)
    {
        if (denominator is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(denominator), denominator, "A JPEG is decoded at 1/1, 1/2, 1/4 or 1/8.");
        }
    }

    private static void CheckRoom(Span<byte> plane, int rowBytes, int rows, int strideBytes, string name)
    {
        if (strideBytes < rowBytes || plane.Length < ((long)strideBytes * (rows - 1)) + rowBytes)
        {
            throw new ArgumentException(
                $"{rows} rows of {rowBytes} bytes, {strideBytes} apart, do not fit into {plane.Length} bytes.", name);
        }
    }
}
