using System.Runtime.InteropServices;
using EdgeRoute.Core.Frames;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Picture files other than JPEG: PNG, WebP, BMP, TIFF and the first frame of a GIF in, PNG out. Only for files that the owner keeps in a
/// folder: what cameras and the network send is never decoded here. The only file that names the library, so that this can be seen.
/// </summary>
internal static class Pictures
{
    /// <summary>
    /// Largest buffer for one picture: 178 million pixels. A header that declares more is damaged or made to exhaust the memory.
    /// </summary>
    private const int AllocationLimitMegabytes = 512;

    /// <summary>Kept for the next picture; a photo of 12 million pixels needs about so much.</summary>
    private const int PoolMegabytes = 64;

    /// <summary>
    /// Decoders are named one by one and called as what they are: a way over the library's table of formats would compile all of them for
    /// all its pixel formats into the program. One picture takes one core, because the others belong to the frames.
    /// </summary>
    private static readonly Configuration Settings = new()
    {
        MaxDegreeOfParallelism = 1,
        PreferContiguousImageBuffers = true,
        MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions
        {
            AllocationLimitMegabytes = AllocationLimitMegabytes, MaximumPoolSizeMegabytes = PoolMegabytes,
        }),
    };

    /// <summary>Text in a PNG may unpack to a thousand times its size, so none is read.</summary>
    private static readonly PngDecoder Png = new() { IgnoreMetadata = true };

    private static readonly WebpDecoder Webp = new();
    private static readonly BmpDecoder Bmp = new();
    private static readonly TiffDecoder Tiff = new() { DecodingMode = FrameDecodingMode.First };
    private static readonly GifDecoder Gif = new() { DecodingMode = FrameDecodingMode.First };

    // The library makes arrays of this type by reflection when it reads TIFF tags and EXIF, which ahead-of-time compilation cannot see.
    static Pictures() => GC.KeepAlive(new ExifDataType[1]);

    private enum Kind
    {
        Unknown,
        Png,
        Webp,
        Bmp,
        Tiff,
        Gif,
    }

    /// <summary>Decodes a whole file; null with the reason in words. Allocates.</summary>
    public static DecodedPicture? TryDecode(Stream file, out string reason)
    {
        Span<byte> start = stackalloc byte[12];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var kind = KindOf(start[..length]);
        if (kind == Kind.Unknown)
        {
            reason = OtherThanPicture(start[..length]);
            return null;
        }

        try
        {
            file.Position = 0;
            var info = Identify(kind, file);
            if (info.Width > FrameLayout.SideLimit || info.Height > FrameLayout.SideLimit)
            {
                reason = $"its {info.Width}x{info.Height} pixels are above {FrameLayout.SideLimit} a side";
                return null;
            }

            var chunks = ChunksOf(kind, file);
            if (chunks.IsCut)
            {
                reason = $"this {kind.ToString().ToUpperInvariant()} cannot be decoded: it ends in its picture, after {file.Length} bytes";
                return null;
            }

            file.Position = 0;
            reason = "";
            return new DecodedPicture(Decode(kind, file), chunks);
        }
        catch (Exception damaged) when (damaged is not OutOfMemoryException)
        {
            // Damaged files fail anywhere inside the decoders, and not only with the exceptions made for it.
            reason = $"this {kind.ToString().ToUpperInvariant()} cannot be decoded: {damaged.Message}";
            return null;
        }
    }

    /// <summary>Packed RGB as the bytes of a PNG file.</summary>
    public static byte[] EncodePng(byte[] rgb, int width, int height)
    {
        using var image = Image.WrapMemory<Rgb24>(Settings, rgb, width, height);
        using var file = new MemoryStream();
        new PngEncoder { ColorType = PngColorType.Rgb, BitDepth = PngBitDepth.Bit8 }.Encode(image, file);
        return file.ToArray();
    }

    private static Kind KindOf(ReadOnlySpan<byte> start) => start switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => Kind.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P'] => Kind.Webp,
        [(byte)'B', (byte)'M', ..] => Kind.Bmp,
        [(byte)'I', (byte)'I', ..] or [(byte)'M', (byte)'M', ..] => Kind.Tiff,
        [(byte)'G', (byte)'I', (byte)'F', ..] => Kind.Gif,
        _ => Kind.Unknown,
    };

    /// <summary>What people take for a picture, or get in a picture's place.</summary>
    private static string OtherThanPicture(ReadOnlySpan<byte> start) => start switch
    {
        [] => "it is empty",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] =>
            "it is HEIC, AVIF or a video, which is not read as a picture; save it as JPEG or PNG",
        [(byte)'<', ..] => "it is a text such as HTML or SVG, not a picture; save it as JPEG or PNG",
        _ when start.StartsWith("version http"u8) =>
            "it is a pointer of Git LFS, not the file itself; run 'git lfs pull' where it was cloned",
        _ => "it is no JPEG, PNG, WebP, BMP, TIFF or GIF",
    };

    private static PictureChunks ChunksOf(Kind kind, Stream file) => kind switch
    {
        Kind.Png => PictureChunks.OfPng(file),
        Kind.Webp => PictureChunks.OfWebp(file),
        Kind.Tiff => PictureChunks.OfTiff(file),
        Kind.Gif => PictureChunks.OfGif(file),
        Kind.Bmp => PictureChunks.OfBmp(file),
        _ => default,
    };

    private static IImageInfo Identify(Kind kind, Stream file) => kind switch
    {
        Kind.Png => Png.Identify(Settings, file, CancellationToken.None),
        Kind.Webp => Webp.Identify(Settings, file, CancellationToken.None),
        Kind.Bmp => Bmp.Identify(Settings, file, CancellationToken.None),
        Kind.Tiff => Tiff.Identify(Settings, file, CancellationToken.None),
        _ => Gif.Identify(Settings, file, CancellationToken.None),
    };

    private static Image<Rgb24> Decode(Kind kind, Stream file) => kind switch
    {
        Kind.Png => Png.Decode<Rgb24>(Settings, file, CancellationToken.None),
        Kind.Webp => Webp.Decode<Rgb24>(Settings, file, CancellationToken.None),
        Kind.Bmp => Bmp.Decode<Rgb24>(Settings, file, CancellationToken.None),
        Kind.Tiff => Tiff.Decode<Rgb24>(Settings, file, CancellationToken.None),
        _ => Gif.Decode<Rgb24>(Settings, file, CancellationToken.None),
    };
}

/// <summary>How the files of pictures are named.</summary>
public static class PictureNames
{
    private static readonly string[] Jpeg = [".jpg", ".jpeg"], Others = [".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"];

    /// <summary>All extensions, for messages.</summary>
    internal static string All => string.Join(' ', [.. Jpeg, .. Others]);

    /// <summary>Whether a file's name says that it is a picture of a type that can be read.</summary>
    public static bool IsPicture(string path) => IsJpeg(path) || HasOneOf(Others, path);

    internal static bool IsJpeg(string path) => HasOneOf(Jpeg, path);

    private static bool HasOneOf(string[] extensions, string path) =>
        extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}

/// <summary>A picture as its file holds it. Transparency is left out, as the tools do that networks are trained with.</summary>
internal sealed class DecodedPicture : IDisposable
{
    private readonly Image<Rgb24> _image;
    private readonly PictureTurn _turn;

    internal DecodedPicture(Image<Rgb24> image, PictureChunks chunks)
    {
        (_image, HasMore) = (image, chunks.HasMore);
        var exif = image.Metadata.ExifProfile ?? image.Frames.RootFrame.Metadata.ExifProfile;
        _turn = new PictureTurn(chunks.Orientation ?? exif?.GetValue(ExifTag.Orientation)?.Value ?? ExifOrientation.Upright);
    }

    /// <summary>The file holds further pictures, as an animation does; this is the first.</summary>
    public bool HasMore { get; }

    /// <summary>Upright.</summary>
    public (int Width, int Height) Size => _turn.SizeOf(_image.Width, _image.Height);

    /// <summary>Packed RGB, upright.</summary>
    public void CopyTo(Span<byte> rgb)
    {
        if (!_image.DangerousTryGetSinglePixelMemory(out var pixels))
        {
            throw new InvalidDataException($"a picture of {_image.Width}x{_image.Height} pixels does not lie in one piece of memory");
        }

        _turn.Copy(MemoryMarshal.AsBytes(pixels.Span), _image.Width, _image.Height, rgb);
    }

    public void Dispose() => _image.Dispose();
}
