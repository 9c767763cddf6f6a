using System.Globalization;
using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Engine.Drawing;

/// <summary>Pictures as a video file, encoded by what GStreamer has here. Not thread-safe.</summary>
public sealed class FilmEncoder : IDisposable
{
    /// <summary>Bits of a pixel and second: letters and thin lines stay sharp.</summary>
    private const int BitsPerPixel = 6;

    /// <summary>Not encoded yet, at most.</summary>
    private const long HeldBytesMost = 32 << 20;

    private static readonly string[] Mp4Encoders = ["x264enc", "openh264enc", "nvv4l2h264enc", "avenc_mpeg4"];

    private readonly GstFeed _feed;
    private readonly byte[] _rows;

    /// <param name="path">File to write, whatever its name.</param>
    /// <param name="extension">One of <see cref="Extensions"/>.</param>
    /// <param name="width">Of the film, as the height is: an odd side gets one more pixel, because colours are kept at half the resolution.
    /// </param>
    /// <exception cref="IOException">GStreamer or an encoder is not here, or does not start.</exception>
    public FilmEncoder(string path, string extension, int width, int height)
    {
        (Width, Height) = ((width + 1) & ~1, (height + 1) & ~1);
        _rows = new byte[((Width * 3) + 3) / 4 * 4 * Height];
        try
        {
            _feed = GstFeed.Start(PipelineOf(path, extension));
        }
        catch (GstException refused)
        {
            throw Failed(refused);
        }
    }

    /// <summary>Ends of names that a film may have.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".mp4", ".webm", ".mkv"];

    public int Width { get; }

    public int Height { get; }

    /// <summary>Pictures that were fitted, because they were of another size.</summary>
    public long FittedCount { get; private set; }

    /// <summary>Waits while the encoder is behind.</summary>
    /// <param name="timeNs">When it is shown, from the start; later than the one before.</param>
    /// <exception cref="IOException">An encoder failed, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public void Push(RgbPicture picture, long timeNs, CancellationToken cancel)
    {
        FillRows(picture);
        try
        {
            _feed.Push(_rows, timeNs, HeldBytesMost, cancel);
        }
        catch (GstException failed)
        {
            throw Failed(failed);
        }
    }

    /// <summary>Encodes what is left, and writes the end of the file.</summary>
    /// <inheritdoc cref="Push" path="/exception"/>
    public void Finish(CancellationToken cancel)
    {
        try
        {
            _feed.Finish(cancel);
        }
        catch (GstException failed)
        {
            throw Failed(failed);
        }
    }

    public void Dispose() => _feed.Dispose();

    /// <summary>What encodes files of this kind here; null where nothing does, for the reason given.</summary>
    public static string? EncoderOf(string extension, out string reason)
    {
        string[] encoders = extension == ".mp4" ? Mp4Encoders : ["vp8enc"];
        if (!GstLibrary.TryLoad(out reason))
        {
            return null;
        }

        string? encoder = Array.Find(encoders, GstLibrary.HasElement);
        reason = encoder is not null ? "" : $"none of GStreamer's {string.Join(", ", encoders)} is on this machine; install one with: "
            + $"apt-get install {(extension == ".mp4" ? "gstreamer1.0-plugins-ugly" : "gstreamer1.0-plugins-good")}";
        return encoder;
    }

    private string PipelineOf(string path, string extension)
    {
        string encoder = EncoderOf(extension, out string reason) ?? throw new IOException($"a film cannot be encoded: {reason}");
        string muxer = extension switch { ".mp4" => "mp4mux", ".webm" => "webmmux", _ => "matroskamux" };
        return string.Create(CultureInfo.InvariantCulture, $"appsrc name=source format=time caps=video/x-raw,format=RGB,width={Width},"
            + $"height={Height},framerate=30/1 ! videoconvert ! {SettingsOf(encoder, Width * Height * BitsPerPixel)} ! {muxer} "
            + $"! filesink location={GstPipeline.QuoteExactly(path)}");
    }

    private static string SettingsOf(string encoder, int bits) => encoder switch
    {
        "x264enc" => $"x264enc speed-preset=veryfast bitrate={Math.Max(bits / 1000, 200)} ! h264parse",
        "vp8enc" => $"vp8enc deadline=1 cpu-used=4 keyframe-max-dist=60 target-bitrate={bits}",
        "avenc_mpeg4" => $"avenc_mpeg4 bitrate={bits} ! mpeg4videoparse",
        _ => $"{encoder} bitrate={bits} ! h264parse",
    };

    /// <summary>Of another size it is fitted by its nearest pixels; the last column or row is doubled if the film has one more.</summary>
    private void FillRows(RgbPicture picture)
    {
        bool isFitted = picture.Width > Width || picture.Height > Height || picture.Width < Width - 1 || picture.Height < Height - 1;
        FittedCount += isFitted ? 1 : 0;
        int stride = _rows.Length / Height;
        for (int y = 0; y < Height; y++)
        {
            int from = (isFitted ? y * picture.Height / Height : Math.Min(y, picture.Height - 1)) * picture.StrideBytes;
            for (int x = 0; x < Width; x++)
            {
                int at = from + ((isFitted ? x * picture.Width / Width : Math.Min(x, picture.Width - 1)) * 3);
                picture.Pixels.AsSpan(at, 3).CopyTo(_rows.AsSpan((y * stride) + (x * 3)));
            }
        }
    }

    private static IOException Failed(GstException failed) => new($"the film cannot be encoded: {failed.Message}");
}
