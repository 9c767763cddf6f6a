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

    /// <summary>
    /// False (as made): a picture that is cut off or has corrupt data is an error. True: what could be decoded is delivered, as some
    /// cameras need that put stray bytes into each picture.
    /// </summary>
    public bool AcceptsDamaged { get; init; }

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

            if (JpegNative.tjDecompressHeader3(handle, start, Size(jpeg), out int width, out int height, out int sampling,
                out int coding) != 0)
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

        fixed (byte* start = jpeg, y = luma, first = u, second = v)
        {
            byte** planes = stackalloc byte*[3] { y, first, second };
            int* strides = stackalloc int[3] { lumaStrideBytes, chromaStrideBytes, chromaStrideBytes };
            return Judge(JpegNative.tjDecompressToYUVPlanes(handle, start, Size(jpeg), planes, width, strides, height, Flags));
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

        fixed (byte* start = jpeg, pixels = rgb)
        {
            return Judge(JpegNative.tjDecompress2(handle, start, Size(jpeg), pixels, width, strideBytes, height,
                JpegNative.PixelsRgb, Flags));
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

    private int Flags => JpegNative.FlagLimitScans | (AcceptsDamaged ? 0 : JpegNative.FlagStopOnWarning);

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
        fixed (byte* start = jpeg, pixels = inks)
        {
            if (!Judge(JpegNative.tjDecompress2(handle, start, Size(jpeg), pixels, width, width * 4, height, JpegNative.PixelsCmyk, Flags)))
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

    private bool Judge(int result)
    {
        bool isFine = result == 0 || (AcceptsDamaged && JpegNative.tjGetErrorCode(handle) == JpegNative.ErrorWarning);
        return isFine || Refuse(JpegNative.ErrorOf(handle));
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
