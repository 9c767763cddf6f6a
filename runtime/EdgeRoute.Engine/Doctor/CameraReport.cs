using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A camera of this machine.</summary>
/// <param name="Path">Its device file.</param>
/// <param name="LastingPath">Its name by the port that it is plugged into, whatever else is there; null for none.</param>
/// <param name="Source">The line of a device config that opens it; null where nothing here can.</param>
/// <param name="Problem">Why it cannot be asked or used, with what to do; empty where it can.</param>
public sealed record CameraFinding(string Path, string? LastingPath, string Name, string Driver, string Bus,
    IReadOnlyList<CameraMode> Modes, string? Source, string Problem);

/// <summary>The cameras that the kernel shows, with what each can do and the lines that bring it into a device config.</summary>
/// <param name="Reason">Why there is none; empty where there are some.</param>
public sealed record CameraReport(IReadOnlyList<CameraFinding> Cameras, string Reason)
{
    private const string None = "there is no camera at /dev/video*: plug one in, or load its driver (`lsusb`, `sudo dmesg | tail`); a "
        + "camera on the network is opened by its address, such as rtsp://USER:PASSWORD@HOST/PATH";

    /// <summary>Most networks here see 640 pixels or fewer, and what is captured beyond that is carried for nothing.</summary>
    private const int UsualWidth = 640;

    /// <summary>What cameras of robots are run at; more can be had by hand.</summary>
    private const double UsualRate = 30;

    /// <summary>The kernel's letters for what is read here, by the names that addresses use.</summary>
    private static readonly Dictionary<string, string> Formats = new(StringComparer.Ordinal)
    {
        ["YUYV"] = "YUY2", ["NV12"] = "NV12", ["YU12"] = "I420", ["RGB3"] = "RGB", ["BGR3"] = "BGR", ["GREY"] = "GRAY8", ["MJPG"] = "JPEG",
        ["JPEG"] = "JPEG",
    };

    /// <param name="ask">Asks the camera at a path; null with the reason where it does not answer.</param>
    public static CameraReport Read(SystemFiles files, Func<string, (CameraDescription? Found, string Reason)> ask)
    {
        var lasting = files.List("/dev/v4l/by-path").ToLookup(link => NameBehind(files.Place(link)));
        var cameras = new List<CameraFinding>();
        foreach (string path in files.List("/dev", "video"))
        {
            var (found, reason) = ask(files.Place(path));
            if (found is null or { IsCamera: true })
            {
                cameras.Add(FindingOf(path, lasting[System.IO.Path.GetFileName(path)].FirstOrDefault(), found, reason, cameras.Count));
            }
        }

        return new CameraReport(cameras, cameras.Count > 0 ? "" : None);
    }

    /// <summary>Asks the kernel.</summary>
    public static (CameraDescription? Found, string Reason) AskKernel(string path) =>
        (CameraDevice.TryDescribe(path, out string reason), reason);

    public string ToJson() => JsonSerializer.Serialize(this, CameraJson.Default.CameraReport);

    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(Reason.Length > 0 ? Reason + "\n" : "");
        foreach (var camera in Cameras)
        {
            text.Append(CultureInfo.InvariantCulture, $"{camera.Path}  {camera.Name}");
            text.Append(camera.Driver.Length > 0 ? $" ({camera.Driver}, {camera.Bus})\n" : "\n");
            text.Append(camera.LastingPath is { } lasting ? $"  whatever else is plugged in: {lasting}\n" : "");
            foreach (var format in camera.Modes.GroupBy(m => m.Code))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {format.Key}  {string.Join(", ", format.Select(ModeText))}\n");
            }

            text.Append(camera.Problem.Length > 0 ? $"  {camera.Problem}\n" : "");
        }

        return text.ToString();
    }

    /// <summary>The lines of the group <c>sources</c> of a device config; empty where nothing can be opened.</summary>
    /// <param name="pack">The name of the pack that looks at the pictures.</param>
    public string Sources(string pack)
    {
        var text = new StringBuilder();
        foreach (var camera in Cameras.Where(c => c.Source is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"  camera{NumberOf(camera.Path)}:    # {camera.Name}\n");
            text.Append(CultureInfo.InvariantCulture, $"    {camera.Source}\n    pack: {pack}\n");
        }

        return text.ToString();
    }

    private static CameraFinding FindingOf(string path, string? lasting, CameraDescription? found, string reason, int index)
    {
        if (found is null)
        {
            return new CameraFinding(path, lasting, "unknown", "", "", [], null, reason);
        }

        string? source = SourceOf(path, found, index);
        string problem = source is not null ? "" : "none of these formats is read here: open it by a 'pipeline' that converts them";
        return new CameraFinding(path, lasting, found.Card, found.Driver, found.Bus, found.Modes, source, problem);
    }

    private static string? SourceOf(string path, CameraDescription camera, int index)
    {
        if (camera.Modes.Where(m => Formats.ContainsKey(m.Code)).OrderBy(m => Math.Abs(m.Width - UsualWidth)).ThenByDescending(RateOf)
            .ThenBy(m => Formats[m.Code] == "JPEG").FirstOrDefault() is { } mode)
        {
            string rate = RateOf(mode) > 0 ? string.Create(CultureInfo.InvariantCulture, $"&fps={RateOf(mode)}") : "";
            return string.Create(CultureInfo.InvariantCulture,
                $"open: \"v4l2://{path}?width={mode.Width}&height={mode.Height}{rate}&format={Formats[mode.Code]}\"");
        }

        // A sensor's raw pictures: on a Jetson its processor for pictures makes frames of them.
        return camera.Driver.StartsWith("tegra", StringComparison.Ordinal)
            ? $"pipeline: \"nvarguscamerasrc sensor-id={index} ! video/x-raw(memory:NVMM), width=1280, height=720, framerate=30/1, "
                + "format=NV12 ! nvvidconv ! video/x-raw, format=NV12\"" : null;
    }

    /// <summary>The highest whole rate that is no higher than what is usual; 0 where there is none.</summary>
    private static double RateOf(CameraMode mode) => mode.Rates.FirstOrDefault(r => r <= UsualRate && r >= 1 && r == Math.Floor(r));

    private static string ModeText(CameraMode mode) => string.Create(CultureInfo.InvariantCulture, $"{mode.Width}x{mode.Height}")
        + (mode.Rates.Count == 0 ? "" : $" at {string.Join(" ", mode.Rates.Select(r => r.ToString(CultureInfo.InvariantCulture)))}");

    private static string NumberOf(string path) => path["/dev/video".Length..];

    private static string NameBehind(string link) => System.IO.Path.GetFileName(new FileInfo(link).LinkTarget ?? "");
}

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CameraReport))]
internal sealed partial class CameraJson : JsonSerializerContext;
