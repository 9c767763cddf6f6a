using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;

namespace EdgeRoute.Engine.Doctor;

/// <summary>What must be there for a device config to run; without a config only the ONNX Runtime library is needed.</summary>
/// <param name="LibraryPath">The library's configured path; null searches.</param>
/// <param name="Elements">GStreamer elements that sources name.</param>
public sealed record DoctorNeeds(
    string? LibraryPath, IReadOnlyList<ProviderConfig> Providers, bool Gstreamer, bool Jpeg, IReadOnlyList<string> Elements)
{
    /// <summary>Digest that the library must have; null for any.</summary>
    public string? LibrarySha256 { get; init; }

    /// <summary>What the config names to measure the board's power with.</summary>
    public Ina219Config? PowerMonitor { get; init; }

    /// <summary>What the actions of each source go to on this machine.</summary>
    public IReadOnlyList<(string Source, DriveConfig Drive)> Drives { get; init; } = [];

    /// <summary>The servers that the config names.</summary>
    public IReadOnlyList<EngineConfig> Engines { get; init; } = [];

    /// <summary>The GPIO lines that the config names.</summary>
    public IReadOnlyList<GpioLineConfig> GpioLines { get; init; } = [];

    public static DoctorNeeds Default { get; } = new(null, [], false, false, []);

    public static DoctorNeeds Of(DeviceConfig config)
    {
        var addresses = config.Sources.Select(s => s.Address).ToList();
        var files = addresses.Where(a => a.Kind == AddressKind.File).Select(a => a.Path!.Full).ToList();
        bool hasFolder = files.Exists(Directory.Exists);
        bool hasJpeg = hasFolder || files.Exists(PictureNames.IsJpeg) || config.Record?.Frames == RecordedFrames.Jpeg;
        bool hasVideo = files.Exists(f => !Directory.Exists(f) && !PictureNames.IsPicture(f));
        var elements = addresses.SelectMany(ElementsOf).Distinct(StringComparer.Ordinal).ToList();
        bool needsGstreamer = hasVideo || elements.Count > 0;
        return new DoctorNeeds(config.Runtime.Library?.Full, config.Runtime.Providers, needsGstreamer, hasJpeg, elements)
        {
            PowerMonitor = config.PowerMonitor,
            GpioLines = config.Gpio.Lines,
            Engines = config.Engines,
            Drives = [.. config.Sources.Where(s => s.Actions?.Drive is not null).Select(s => (s.Name, s.Actions!.Drive!))],
            LibrarySha256 = config.Runtime.LibrarySha256,
        };
    }

    /// <summary>The elements a source cannot do without: those its pipeline names, or the one its address stands for.</summary>
    private static IEnumerable<string> ElementsOf(ConfigAddress address) => address.Kind switch
    {
        AddressKind.Pipeline => PipelineElements.In(address.Text),
        AddressKind.Rtsp => ["rtspsrc"],
        AddressKind.Http => ["souphttpsrc", "multipartdemux", "jpegparse"],
        AddressKind.V4l2 => ["v4l2src"],
        AddressKind.Test => ["videotestsrc"],
        _ => [],
    };
}

/// <summary>Finds the element names in the text of a GStreamer pipeline, to say beforehand which of them the machine lacks.</summary>
internal static class PipelineElements
{
    /// <summary>
    /// The first word of each part between '!', where it is an element: not caps (they have a '/'), not a reference to a pad or a named
    /// element (they have a '.') and not a property (they have a '='). Text in quotes is passed over.
    /// </summary>
    public static IReadOnlyList<string> In(string pipeline)
    {
        var names = new List<string>();
        foreach (string part in WithoutQuotes(pipeline).Split('!'))
        {
            string word = part.Trim(' ', '\t', '\n', '\r', '(', ')').Split([' ', '\t', '\n'], 2)[0];
            if (word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && !names.Contains(word))
            {
                names.Add(word);
            }
        }

        return names;
    }

    private static string WithoutQuotes(string text) => string.Concat(text.Split('"').Where((_, i) => i % 2 == 0));
}
