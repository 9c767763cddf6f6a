using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary>The options that calibrate and frontier share: what is swept and how it is judged.</summary>
internal sealed class SweepOptions
{
    private readonly Option<string> _pack = new("--pack") { Description = "the pack: its manifest or its folder", Required = true };
    private readonly Option<string> _source = new("--source")
    {
        Description = "video, folder of pictures, recording (.erec), or a simulated world such as sim://tabletop?frames=1800",
        Required = true,
    };

    private readonly Option<string?> _files = new("--files") { Description = "folder of the pack's model files, where they are not beside "
        + "the manifest" };
    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "folder of YOLO box files, a file of 'picture class' lines, or 'names' for classes in the pictures' names; without: "
            + "the heaviest path teaches",
    };

    private readonly Option<string?> _teacher = new("--teacher") { Description = "the path whose answers are taken for right; default: "
        + "the costliest" };
    private readonly Option<string?> _sweep = new("--sweep") { Description = "folder that keeps what was run on each frame; an "
        + "interrupted sweep goes on there" };
    private readonly Option<string> _span = new("--span") { Description = "part of the source in per cent, such as 0-50 for its first half",
        DefaultValueFactory = _ => "0-100" };
    private readonly Option<long> _frames = new("--frames") { Description = "use at most this many frames",
        DefaultValueFactory = _ => long.MaxValue };
    private readonly Option<double> _fps = new("--fps")
    {
        Description = "pictures per second of a folder of pictures; 0: they have nothing to do with each other",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<double> _band = new("--doubt-band")
    {
        Description = "detections up to this far above the threshold are neither asked for nor counted as false; 0: every one counts",
        DefaultValueFactory = _ => 0.1,
    };

    private readonly Option<string?> _library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "threads of the model sessions, as on the device; 0: one per "
        + "core", DefaultValueFactory = _ => 0 };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _pack, _files, _source, _labels, _teacher, _sweep, _span, _frames, _fps, _band,
            _library, _threads })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Null: <paramref name="problem"/> says which option is wrong.</summary>
    public SweepChoice? Read(ParseResult parsed, out string problem)
    {
        string span = parsed.GetValue(_span)!;
        if (ReadSpan(span) is not { } part)
        {
            problem = $"--span is '{span}'; write two per cents with a dash, the first smaller, such as 0-50";
            return null;
        }

        if (parsed.GetValue(_band) is not (>= 0 and < 1) || parsed.GetValue(_fps) is not (0 or (>= 0.5 and <= 1000)))
        {
            problem = "--doubt-band must lie in 0 to 1, and --fps must be 0 or 0.5 to 1000";
            return null;
        }

        problem = "";
        string pack = parsed.GetValue(_pack)!, source = parsed.GetValue(_source)!;
        var choice = new SweepChoice(
            pack, parsed.GetValue(_files), source, parsed.GetValue(_fps), parsed.GetValue(_labels), parsed.GetValue(_sweep) ?? "",
            parsed.GetValue(_frames), part, parsed.GetValue(_band), parsed.GetValue(_teacher), parsed.GetValue(_library),
            parsed.GetValue(_threads));
        return choice.Sweep.Length > 0 ? choice : InUsualPlace(choice);
    }

    /// <summary>Kept between runs, outside the pack: sweeps are large and belong to the footage.</summary>
    public static string UsualFolder => Path.Combine(UserFolder.Data(), "sweeps");

    public static SweepChoice InUsualPlace(SweepChoice choice) =>
        choice with { Sweep = Path.Combine(UsualFolder, SweepIdentity.NameOf(choice)) };

    private static FrameSpan? ReadSpan(string text)
    {
        string[] ends = text.Split('-');
        bool isSpan = ends.Length == 2 & double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double from)
            & double.TryParse(ends[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double to) && from >= 0 && to <= 100
            && from < to;
        return isSpan ? new FrameSpan(from / 100, to / 100) : null;
    }
}
