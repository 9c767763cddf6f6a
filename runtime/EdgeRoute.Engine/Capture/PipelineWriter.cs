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

    /// <summary>A server that does not answer a connection for this long is taken for absent.</summary>
    public const int NetworkLimitMs = 5_000;

    /// <summary>What GStreamer says when a server does not send its pictures in this way.</summary>
    public const string TransportRefused = "You might need to allow more transport protocols";

    // The same of an answer that has no parts.
    private const string NoParts = "Boundary not found";

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
        return new PipelineSetup(shown, isLive, HasSink(text) ? [text] : Completions(text, sink))
        {
            Loops = options.Loops,
            KeepsEvery = KeepsEvery(options, isLive),
            Password = password,
        };
    }

    public static PipelineSetup FromFile(string path, SourceOptions options) => new(
        path, IsLive: false, [$"filesrc location={GstPipeline.Quote(path)} ! decodebin ! {Conversion} ! {Sink(options, isLive: false)}"])
    {
        HasOneChain = true,
        NeededPath = path,
        Loops = options.Loops,
        KeepsEvery = KeepsEvery(options, isLive: false),
    };

    /// <summary>By TCP, and by UDP where the server wants it so, unless the options name one of them.</summary>
    /// <param name="password">Of the user that the options name; else user and password are the address's.</param>
    public static PipelineSetup FromRtsp(CaptureAddress address, SourceOptions options, string password = "")
    {
        var server = Server(address, options, password);
        string Text(string protocol) =>
            $"rtspsrc location={GstPipeline.Quote(server.Bare)}{Login(server)} latency={options.RtspLatencyMs} protocols={protocol}"
            + $" tcp-timeout={NetworkLimitMs * 1000L}"
            + $" ! application/x-rtp,media=video ! decodebin ! {Conversion} ! {Sink(options, isLive: true)}";
        return new PipelineSetup(Shown(address), IsLive: true,
            [Text(options.RtspTransport == RtspTransport.Udp ? "udp" : "tcp")])
        {
            HasOneChain = true,
            Password = server.Password,
            Way = options.RtspTransport == RtspTransport.Udp ? "over UDP" : "over TCP",
            OtherWay = options.RtspTransport == RtspTransport.Auto && address.Scheme == "rtsp"
                ? new PipelineWay("over UDP", Text("udp"), TransportRefused) : null,
        };
    }

    /// <summary>MJPEG, which arrives as the parts of one answer that does not end, or else whatever GStreamer can decode.</summary>
    /// <param name="password">As for RTSP.</param>
    public static PipelineSetup FromHttp(CaptureAddress address, SourceOptions options, string password = "")
    {
        var server = Server(address, options, password);
        string sink = Sink(options, isLive: true);
        string source = $"souphttpsrc location={GstPipeline.Quote(server.Bare)}{Login(server)} is-live=true "
            + $"timeout={NetworkLimitMs / 1000}";
        return new PipelineSetup(Shown(address), IsLive: true,
            [$"{source} ! multipartdemux ! jpegparse ! {sink}", $"{source} ! multipartdemux ! image/jpeg ! {sink}"])
        {
            HasOneChain = true,
            Password = server.Password,
            Way = "as MJPEG",
            OtherWay = new PipelineWay("as a stream of another kind", $"{source} ! decodebin ! {Conversion} ! {sink}", NoParts),
        };
    }

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
        string camera = $"v4l2src device={GstPipeline.Quote(address.Path)} ! {wanted}";
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
        return new PipelineSetup(address.Text, isLive && frames == 0, [text])
        {
            Loops = options.Loops,
            KeepsEvery = KeepsEvery(options, isLive),
        };
    }

    /// <summary>Who asks whom: a password may be written in the address as it is, and GStreamer wants it apart.</summary>
    private static NetworkAddress Server(CaptureAddress address, SourceOptions options, string password)
    {
        var network = NetworkAddress.Of(address.Text) ?? new NetworkAddress(address.Text, null, "");
        return options.User is { } user ? network with { User = user, Password = password } : network;
    }

    /// <summary>Whatever a password in it may look like.</summary>
    private static string Shown(CaptureAddress address) => AddressText.OfSource(
        NetworkAddress.Of(address.Text) is { User: not null, Bare: var bare }
            ? bare.Insert(bare.IndexOf("://", StringComparison.Ordinal) + 3, "***@") : address.Text);

    private static string Login(NetworkAddress server) =>
        server.User is null ? "" : $" user-id={GstPipeline.QuoteExactly(server.User)} user-pw={GstPipeline.QuoteExactly(server.Password)}";

    private static bool KeepsEvery(SourceOptions options, bool isLive) =>
        !isLive && options.DeliveryFor(isLive) == DeliveryMode.EveryFrame;

    /// <summary>The password goes in last, so that one that looks like a place is not taken for one.</summary>
    private static string WithLogin(string text, string? user, string password) => user is null && password.Length == 0 ? text
        : text.Replace(ConfigAddress.UserPlace, GstPipeline.QuoteExactly(user ?? ""), StringComparison.Ordinal)
            .Replace(ConfigAddress.PasswordPlace, GstPipeline.QuoteExactly(password), StringComparison.Ordinal);

    // On a Jetson decodebin delivers NVMM memory, which nvvidconv alone copies out.
    private static string Conversion =>
        (GstLibrary.HasElement("nvvidconv") ? "nvvidconv ! video/x-raw ! " : "") + Converter(isTurned: true);

    /// <summary>To a format that is known, and upright: a stream that says nothing of how it is held passes the flip untouched.</summary>
    private static string Converter(bool isTurned) => $"videoconvert name={GstPipeline.ConverterName} ! "
        + (isTurned && GstLibrary.HasElement("videoflip") ? $"videoflip video-direction=auto ! {RawCaps}" : RawCaps);

    private static bool HasSink(string text) =>
        text.Contains("name=sink", StringComparison.Ordinal) || text.Contains("name=\"sink\"", StringComparison.Ordinal);

    /// <summary>Ends for a text whose last element may give raw video, JPEG, or NVMM memory of a Jetson.</summary>
    private static List<string> Completions(string text, string sink)
    {
        // Who turns pictures in a pipeline of their own knows how they are held.
        bool isTurned = !text.Contains("flip", StringComparison.Ordinal);
        List<string> texts = [$"{text} ! {Converter(isTurned)} ! {sink}", $"{text} ! image/jpeg ! {sink}"];
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

    /// <summary>It has no other branches: what is not linked is missing at the sink.</summary>
    public bool HasOneChain { get; init; }

    /// <summary>No frame is dropped on the way.</summary>
    public bool KeepsEvery { get; init; }

    /// <summary>How the texts reach their source, where there are several ways; empty where not.</summary>
    public string Way { get; init; } = "";

    /// <summary>Null where there is one way only.</summary>
    public PipelineWay? OtherWay { get; init; }

    /// <summary>Stands in the texts, and must in no message; empty for none.</summary>
    public string Password { private get; init; } = "";

    /// <summary>What GStreamer says may repeat its text, in which only some properties look like secrets.</summary>
    public string WithoutPassword(string words) => Password.Length == 0 ? words
        : words.Replace(GstPipeline.QuoteExactly(Password)[1..^1], "***", StringComparison.Ordinal)
            .Replace(Password, "***", StringComparison.Ordinal);
}

/// <summary>Another pipeline for the same source, tried when an opening fails in a certain way, and the other way round.</summary>
/// <param name="Name">How it reaches its source, for people.</param>
/// <param name="Sign">Stands in what GStreamer says then.</param>
internal sealed record PipelineWay(string Name, string Text, string Sign);
