using System.Diagnostics.CodeAnalysis;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>Makes a source from its address. Null: <paramref name="problem"/> says why it cannot.</summary>
public delegate IFrameSource? SourceMaker(CaptureAddress address, SourceOptions options, ref string problem);

/// <summary>
/// From the address of a source to the source, unopened. Schemes and file extensions of other parts (recordings, simulated worlds) are
/// registered by them.
/// </summary>
internal sealed class SourceFactory
{
    /// <summary>Longer than any camera takes.</summary>
    private const int PasswordBytes = 1024;

    private readonly SortedDictionary<string, SourceMaker> _schemes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceMaker> _extensions = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _clock;

    public SourceFactory(TimeProvider clock)
    {
        _clock = clock;
        _schemes[CaptureAddress.FileScheme] = MakeFromPath;
        _schemes["rtsp"] = MakeRtsp;
        _schemes["rtsps"] = MakeRtsp;
        _schemes["http"] = MakeHttp;
        _schemes["https"] = MakeHttp;
        _schemes["v4l2"] = MakeCamera;
        _schemes["test"] = MakePattern;
        _schemes[CaptureAddress.PipelineScheme] = MakePipeline;
    }

    /// <summary>One that knows recordings too, and what other parts bring.</summary>
    /// <param name="report">Told, from a capture thread, when a recording is not whole.</param>
    public static SourceFactory With(IReadOnlyDictionary<string, SourceMaker> schemes, TimeProvider clock, Action<string> report)
    {
        var factory = new SourceFactory(clock);
        ReplaySource.Register(factory, report);
        foreach (var (scheme, maker) in schemes)
        {
            factory.RegisterScheme(scheme, maker);
        }

        return factory;
    }

    /// <summary>Addresses <c>scheme://...</c> are made by <paramref name="maker"/> from now on.</summary>
    public void RegisterScheme(string scheme, SourceMaker maker) => _schemes.Add(scheme, maker);

    /// <summary>
    /// Files whose name ends in <paramref name="extension"/> (with its dot) are opened by <paramref name="maker"/>, not as video.
    /// </summary>
    public void RegisterExtension(string extension, SourceMaker maker) => _extensions.Add(extension, maker);

    /// <summary>False: <paramref name="problem"/> says what is wrong with the address, or what is not on this machine.</summary>
    public bool TryMake(string text, SourceOptions options, [NotNullWhen(true)] out IFrameSource? source, out string problem)
    {
        source = null;
        if (EnvironmentText.Resolve(text, out problem) is not { } resolved)
        {
            return false;
        }

        if (!CaptureAddress.TryParse(resolved, out var address, out problem))
        {
            problem = AddressText.WithoutSecrets(problem);
            return false;
        }

        if (!_schemes.TryGetValue(address.Scheme, out var maker))
        {
            var known = _schemes.Keys.Where(scheme => scheme != CaptureAddress.PipelineScheme).Select(scheme => scheme + "://");
            problem = $"'{address.Scheme}://' is not known; known are {string.Join(", ", known)}, a path, and a GStreamer pipeline "
                + "(elements joined by ' ! ')";
            return false;
        }

        source = maker(address, options, ref problem);
        problem = AddressText.WithoutSecrets(problem);
        return source is not null;
    }

    private IFrameSource? MakeFromPath(CaptureAddress address, SourceOptions options, ref string problem)
    {
        string path = Path.GetFullPath(address.Path);
        if (!Path.Exists(path))
        {
            problem = $"'{address.Path}' does not exist (looked for {path})";
            return null;
        }

        if (_extensions.TryGetValue(Path.GetExtension(path), out var maker))
        {
            return maker(address, options, ref problem);
        }

        if (Directory.Exists(path) || PictureNames.IsPicture(path))
        {
            return MakePictures(path, options, ref problem);
        }

        if (IsGif(path))
        {
            problem = $"'{address.Path}' is a GIF, whose end GStreamer's demuxer does not find; make a video of it "
                + "(ffmpeg -i IN -pix_fmt yuv420p OUT.mp4), or name it .gif to take its first picture alone";
            return null;
        }

        return new GstreamerSource(PipelineWriter.FromFile(path, options));
    }

    /// <summary>By its first bytes: the end of its name is that of a video.</summary>
    private static bool IsGif(string path)
    {
        try
        {
            using var file = new FileStream(DocumentFile.Open(path), FileAccess.Read);
            Span<byte> start = stackalloc byte[6];
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[..4].SequenceEqual("GIF8"u8);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            // GStreamer says why it cannot be read.
            return false;
        }
    }

    private PictureFolderSource? MakePictures(string path, SourceOptions options, ref string problem)
    {
        try
        {
            return new PictureFolderSource(path, options, _clock);
        }
        catch (ArgumentOutOfRangeException refused)
        {
            problem = refused.Message;
            return null;
        }
    }

    private static GstreamerSource? MakeRtsp(CaptureAddress address, SourceOptions options, ref string problem) =>
        TryPassword(options, out string password, ref problem)
            ? new GstreamerSource(PipelineWriter.FromRtsp(address, options, password)) : null;

    private static GstreamerSource? MakeHttp(CaptureAddress address, SourceOptions options, ref string problem)
    {
        if (GstLibrary.TryLoad(out _) && !GstLibrary.HasElement("souphttpsrc"))
        {
            problem = $"'{address.Scheme}://' needs GStreamer's souphttpsrc: apt-get install gstreamer1.0-plugins-good; or write a "
                + "pipeline with another source, such as 'curlhttpsrc location=URL ! multipartdemux ! jpegparse'";
            return null;
        }

        return TryPassword(options, out string password, ref problem)
            ? new GstreamerSource(PipelineWriter.FromHttp(address, options, password)) : null;
    }

    private static GstreamerSource? MakeCamera(CaptureAddress address, SourceOptions options, ref string problem) =>
        PipelineWriter.FromCamera(address, options, ref problem) is { } plan ? new GstreamerSource(plan) : null;

    private static GstreamerSource? MakePattern(CaptureAddress address, SourceOptions options, ref string problem) =>
        PipelineWriter.FromPattern(address, options, ref problem) is { } plan ? new GstreamerSource(plan) : null;

    private static GstreamerSource? MakePipeline(CaptureAddress address, SourceOptions options, ref string problem) =>
        TryPassword(options, out string password, ref problem)
            ? new GstreamerSource(PipelineWriter.FromText(address.Text, options, password)) : null;

    /// <summary>What the password file says; nothing where none is named.</summary>
    private static bool TryPassword(SourceOptions options, out string password, ref string problem)
    {
        password = "";
        if (options.PasswordPath is not { } path)
        {
            return true;
        }

        try
        {
            password = PrivateFile.ReadSecret(path, PasswordBytes);
            KnownSecrets.Add(password, "***");
            problem = password.Length == 0 || password.Any(char.IsControl)
                ? $"'password_file' {path} must hold a password on one line, without control characters" : "";
        }
        catch (TrustException refused)
        {
            problem = $"'password_file' cannot be used: {refused.Message}";
        }

        return problem.Length == 0;
    }
}
