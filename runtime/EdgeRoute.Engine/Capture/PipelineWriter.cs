using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// Writes GStreamer pipeline texts for convenient addresses, and completes a text that somebody wrote: only its end, the appsink, is fixed
/// by us.
/// </summary>
internal static class PipelineWriter
{
    /// <summary>Frames GStreamer holds at the appsink: one being handed over and one behind it; more would only age.</summary>
    public const int SinkBufferLimit = 2;

    /// <summary>An RTSP server that does not answer a connection for this long is taken for absent.</summary>
    public const int RtspConnectLimitMs = 5_000;

    private const string RawCaps = "video/x-raw,format=(string){NV12,I420,YUY2,RGB,BGR,GRAY8}";

    private static readonly string[] FormatNames = ["NV12", "I420", "YUY2", "RGB", "BGR", "GRAY8"];

    /// <summary>A pipeline text. With <c>appsink name=sink</c> it is taken as it stands; else that end is added.</summary>
    /// <param name="password">Of the user that the options name.</param>
    public static PipelineSetup FromText(string text, SourceOptions options, string password = "")
    {
        string shown = AddressText.WithoutSecrets(text);
        text = WithLogin(text, options.User, password);
        bool isLive = options.IsLive ?? options.Delivery != DeliveryMode.EveryFrame;
        string sink = Sink(options, isLive);
        return new PipelineSetup(shown, isLive,
            HasSink(text) ? [text] : Completions(text, sink)) { Loops = options.Loops, Password = password };
    }

    public static PipelineSetup FromFile(string path, SourceOptions options) => new(
        path, IsLive: false, [$"filesrc location={Quote(path)} ! decodebin ! {Conversion} ! {Sink(options, isLive: false)}"])
    {
        NeededPath = path,
        Loops = options.Loops,
    };

    public static PipelineSetup FromRtsp(CaptureAddress address, SourceOptions options, string password = "") => new(
        AddressText.WithoutSecrets(address.Text), IsLive: true,
        [
            $"rtspsrc location={Quote(address.Text)}{Login(options.User, password)} latency={options.RtspLatencyMs} protocols=tcp"
            + $" tcp-timeout={RtspConnectLimitMs * 1000L}"
            + $" ! application/x-rtp,media=video ! decodebin ! {Conversion} ! {Sink(options, isLive: true)}",
        ])
    {
        Password = password,
    };

    /// <summary>
    /// <c>v4l2:///dev/video0?width=&amp;height=&amp;fps=&amp;format=</c>; format is a raw one, or JPEG for the compressed frames of the
    /// camera.
    /// </summary>
    public static PipelineSetup? FromCamera(CaptureAddress address, SourceOptions options, ref string problem)
    {
        problem = address.UnknownKey("width", "height", "fps", "format") ?? "";
        if (problem.Length > 0 || !TrySides(address, 0, 0, out string caps, ref problem)
            || !TryFormat(address, canBeJpeg: true, out string format, ref problem))
        {
            return null;
        }

        if (!address.Path.StartsWith('/'))
        {
            problem = $"'{address.Text}' must name a device file, such as v4l2:///dev/video0";
            return null;
        }

        bool isJpeg = format == "JPEG";
        string wanted = isJpeg ? $"image/jpeg{caps}" : $"video/x-raw{(format.Length > 0 ? ",format=" + format : "")}{caps}";
        string camera = $"v4l2src device={Quote(address.Path)} ! {wanted}";
        string sink = Sink(options, isLive: true);
        return new PipelineSetup(address.Text, IsLive: true,
            [isJpeg ? $"{camera} ! {sink}" : $"{camera} ! videoconvert ! {RawCaps} ! {sink}"])
        {
            NeededPath = address.Path,
        };
    }

    /// <summary>
    /// <c>test://PATTERN?width=&amp;height=&amp;fps=&amp;frames=&amp;format=&amp;live=</c>: GStreamer's test picture. 0 frames: for ever.
    /// </summary>
    public static PipelineSetup? FromPattern(CaptureAddress address, SourceOptions options, ref string problem)
    {
        problem = address.UnknownKey("width", "height", "fps", "frames", "format", "live") ?? "";
        string live = address.Value("live") ?? "false";
        if (problem.Length == 0 && live is not ("true" or "false"))
        {
            problem = $"'live={live}' in '{address.Text}' must be true or false";
        }

        if (problem.Length > 0 || !TrySides(address, 640, 480, out string caps, ref problem)
            || !TryFormat(address, canBeJpeg: false, out string format, ref problem)
            || !address.TryNumber("frames", 0, int.MaxValue, 0, out int frames, ref problem))
        {
            return null;
        }

        string pattern = address.Path.Length > 0 ? address.Path : "smpte";
        if (pattern.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-"))
        {
            problem = $"'{pattern}' in '{address.Text}' is not the name of a videotestsrc pattern";
            return null;
        }

        bool isLive = live == "true";
        string text = $"videotestsrc pattern={pattern} is-live={live} num-buffers={(frames == 0 ? -1 : frames)}"
            + $" ! video/x-raw,format={(format.Length > 0 ? format : "NV12")}{caps} ! {Sink(options, isLive)}";

        // With a number of frames its end is meant, so it is no fault even of a live pattern.
        return new PipelineSetup(address.Text, isLive && frames == 0, [text]) { Loops = options.Loops };
    }

    /// <summary>A value as gst_parse_launch takes it: quotes around, backslash before what has a meaning inside.</summary>
    public static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Login(string? user, string password) =>
        user is null ? "" : $" user-id={Quote(user)} user-pw={Quote(password)}";

    /// <summary>The password goes in last, so that one that looks like a place is not taken for one.</summary>
    private static string WithLogin(string text, string? user, string password) => user is null && password.Length == 0 ? text
        : text.Replace(ConfigAddress.UserPlace, Quote(user ?? ""), StringComparison.Ordinal)
            .Replace(ConfigAddress.PasswordPlace, Quote(password), StringComparison.Ordinal);

    // On a Jetson decodebin delivers NVMM memory, which nvvidconv alone copies out.
    private static string Conversion => GstLibrary.HasElement("nvvidconv")
        ? $"nvvidconv ! video/x-raw ! videoconvert ! {RawCaps}"
        : $"videoconvert ! {RawCaps}";

    private static bool HasSink(string text) =>
        text.Contains("name=sink", StringComparison.Ordinal) || text.Contains("name=\"sink\"", StringComparison.Ordinal);

    /// <summary>Ends for a text whose last element may give raw video, JPEG, or NVMM memory of a Jetson.</summary>
    private static List<string> Completions(string text, string sink)
    {
        List<string> texts = [$"{text} ! videoconvert ! {RawCaps} ! {sink}", $"{text} ! image/jpeg ! {sink}"];
        if (GstLibrary.HasElement("nvvidconv"))
        {
            texts.Add($"{text} ! nvvidconv ! {RawCaps} ! {sink}");
        }

        return texts;
    }

    private static string Sink(SourceOptions options, bool isLive)
    {
        bool drops = options.DeliveryFor(isLive) == DeliveryMode.NewestWins;
        bool paces = options.Pace == SourcePace.Source && !isLive;
        return $"appsink name=sink max-buffers={SinkBufferLimit} drop={(drops ? "true" : "false")} sync={(paces ? "true" : "false")}";
    }

    private static bool TrySides(CaptureAddress address, int width, int height, out string caps, ref string problem)
    {
        caps = "";
        if (!address.TryNumber("width", 1, FrameLayout.SideLimit, width, out width, ref problem)
            || !address.TryNumber("height", 1, FrameLayout.SideLimit, height, out height, ref problem)
            || !address.TryNumber("fps", 1, 1000, 0, out int rate, ref problem))
        {
            return false;
        }

        caps = (width > 0 ? $",width={width}" : "") + (height > 0 ? $",height={height}" : "") + (rate > 0 ? $",framerate={rate}/1" : "");
        return true;
    }

    private static bool TryFormat(CaptureAddress address, bool canBeJpeg, out string format, ref string problem)
    {
        format = (address.Value("format") ?? "").ToUpperInvariant();
        if (format.Length == 0 || FormatNames.Contains(format) || (canBeJpeg && format == "JPEG"))
        {
            return true;
        }

        problem = $"'format={format}' in '{address.Text}' must be one of {string.Join(", ", FormatNames)}{(canBeJpeg ? ", JPEG" : "")}";
        return false;
    }
}

/// <summary>What a <see cref="GstreamerSource"/> runs.</summary>
/// <param name="Description">The source for people, without passwords.</param>
/// <param name="IsLive">An end of the stream is a fault.</param>
/// <param name="Texts">Pipeline texts to try in order: the first that GStreamer can build is used, and if none can the first one's error is
/// told.</param>
internal sealed record PipelineSetup(string Description, bool IsLive, IReadOnlyList<string> Texts)
{
    /// <summary>A file or device that must be there, checked before each opening for a clear message; null for none.</summary>
    public string? NeededPath { get; init; }

    /// <summary>Start again at the end (not live sources).</summary>
    public bool Loops { get; init; }

    /// <summary>Stands in the texts, and must in no message; empty for none.</summary>
    public string Password { private get; init; } = "";

    /// <summary>What GStreamer says may repeat its text, in which only some properties look like secrets.</summary>
    public string WithoutPassword(string words) => Password.Length == 0 ? words
        : words.Replace(PipelineWriter.Quote(Password)[1..^1], "***", StringComparison.Ordinal)
            .Replace(Password, "***", StringComparison.Ordinal);
}
