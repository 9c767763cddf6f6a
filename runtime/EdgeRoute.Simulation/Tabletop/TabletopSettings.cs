using System.Globalization;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// A tabletop camera as its address says:
/// <c>sim://tabletop?width=640&amp;height=480&amp;fps=30&amp;seed=1&amp;clutter=auto&amp;frames=0&amp;format=rgb</c>. Every key may be left
/// out; these are the values then. <c>task=pick_place</c> shows the robot arm, on a square table (384x384), and has two more keys:
/// <c>pilot=policy</c> (or <c>expert</c>) and <c>episodes=0</c>.
/// </summary>
/// <param name="FramesPerSecond">0: as fast as frames are taken.</param>
/// <param name="Clutter">A level in [0, 1], or null for calm and busy stretches in turn.</param>
/// <param name="FrameLimit">The source ends after this many; 0: never.</param>
public sealed record TabletopSettings(
    int Width = 640, int Height = 480, double FramesPerSecond = 30, ulong Seed = 1, float? Clutter = null, long FrameLimit = 0,
    PixelFormat Format = PixelFormat.Rgb)
{
    public const string Address = "sim://tabletop";

    /// <summary>Side of the picture of the robot arm unless told otherwise: four times what its networks see, enough for people.</summary>
    private const int ArmSidePixels = 384;

    /// <summary>Smallest side in pixels: below it nothing on the table can be told apart.</summary>
    public const int SideLeast = 32;

    /// <summary>Largest side in pixels: the picture of the table is kept in memory, three bytes a pixel.</summary>
    public const int SideMost = 4096;

    /// <summary>No camera is faster, and a timer of whole milliseconds cannot pace it.</summary>
    public const double FramesPerSecondMost = 1000;

    private const string KeyNames = "task, width, height, fps, seed, clutter, frames, format; with task=pick_place also pilot and episodes";

    /// <summary>The robot arm with pads and an instruction, instead of things alone.</summary>
    public bool IsPickPlace { get; init; }

    /// <summary>The scripted expert moves the arm.</summary>
    public bool HasExpert { get; init; }

    /// <summary>The arm's source ends after this many episodes; 0: never.</summary>
    public long EpisodeLimit { get; init; }

    /// <summary>Every table at a level of its own, evenly over [0, 1].</summary>
    public bool HasUniformClutter { get; init; }

    /// <summary>For people.</summary>
    public string ClutterText
    {
        get
        {
            if (HasUniformClutter)
            {
                return "uniform";
            }

            if (Clutter is { } level)
            {
                return level.ToString(CultureInfo.InvariantCulture);
            }

            return "auto";
        }
    }

    public TabletopClutter MakeClutter()
    {
        if (HasUniformClutter)
        {
            return TabletopClutter.Uniform();
        }

        if (Clutter is { } level)
        {
            return TabletopClutter.Fixed(level);
        }

        return TabletopClutter.Auto();
    }

    /// <summary>Reads an address. Every problem is told at once, each with the key, the value and what is possible.</summary>
    /// <returns>The settings, or null when <paramref name="problems"/> is not empty.</returns>
    public static TabletopSettings? Parse(string address, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        problems = found;
        string[] parts = address.Split('?', 2);
        if (parts[0].TrimEnd('/') != Address)
        {
            found.Add($"'{parts[0]}' is not a simulation that exists; the one there is: {Address}");
            return null;
        }

        var settings = new TabletopSettings();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string pair in parts.Length < 2 ? [] : parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = pair.Split('=', 2);
            string value = sides.Length < 2 ? "" : sides[1];
            string? problem = seen.Add(sides[0]) ? settings.Take(sides[0], value, ref settings) : "it is given twice";
            if (problem is not null)
            {
                found.Add($"{Address}: {sides[0]}={value}: {problem}");
            }
        }

        settings = settings.IsPickPlace ? settings.WithSquareTable(seen, found) : settings;
        if (!settings.IsPickPlace && (settings.HasExpert || settings.EpisodeLimit > 0))
        {
            found.Add($"{Address}: pilot and episodes belong to task=pick_place");
        }

        return found.Count == 0 ? settings : null;
    }

    /// <summary>The arm's table is square: one side given is both.</summary>
    private TabletopSettings WithSquareTable(HashSet<string> given, List<string> found)
    {
        if (given.Contains("width") && given.Contains("height") && Width != Height)
        {
            found.Add($"{Address}: width={Width}, height={Height}: the arm's table is square; give one of them, or both alike");
        }

        int side = ArmSide(given);
        return this with { Width = side, Height = side };
    }

    private int ArmSide(HashSet<string> given)
    {
        if (given.Contains("width"))
        {
            return Width;
        }

        return given.Contains("height") ? Height : ArmSidePixels;
    }

    /// <summary>Applies one key; returns what is wrong with it, or null.</summary>
    private string? Take(string key, string value, ref TabletopSettings settings)
    {
        switch (key)
        {
            case "task":
                return value is "shapes" or "pick_place" ? Assign(ref settings, this with { IsPickPlace = value == "pick_place" })
                    : "must be shapes or pick_place";
            case "pilot":
                return value is "policy" or "expert" ? Assign(ref settings, this with { HasExpert = value == "expert" })
                    : "must be policy or expert";
            case "episodes":
                return !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long episodes)
                    ? "must be a whole number of episodes, 0 for no end" : Assign(ref settings, this with { EpisodeLimit = episodes });
            case "width":
                return TakeSide(value, out int width) ?? Assign(ref settings, this with { Width = width });
            case "height":
                return TakeSide(value, out int height) ?? Assign(ref settings, this with { Height = height });
            case "fps":
                return !TakeNumber(value, 0, FramesPerSecondMost, out double rate)
                    ? $"must be 0 (as fast as taken) to {FramesPerSecondMost:0} frames per second"
                    : Assign(ref settings, this with { FramesPerSecond = rate });
            case "seed":
                return !ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                    ? "must be a whole number from 0" : Assign(ref settings, this with { Seed = seed });
            case "clutter":
                return TakeClutter(value, ref settings);
            case "frames":
                return !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long frames)
                    ? "must be a whole number of frames, 0 for no end" : Assign(ref settings, this with { FrameLimit = frames });
            case "format":
                return TakeFormat(value, ref settings);
            default:
                return $"there is no such key; the keys: {KeyNames}";
        }
    }

    private static string? Assign(ref TabletopSettings settings, TabletopSettings next)
    {
        settings = next;
        return null;
    }

    private static string? TakeSide(string value, out int side) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= SideLeast and <= SideMost
            ? null : $"must be {SideLeast} to {SideMost} pixels";

    private static bool TakeNumber(string value, double least, double most, out double number) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private string? TakeClutter(string value, ref TabletopSettings settings)
    {
        if (value is "auto" or "uniform")
        {
            return Assign(ref settings, this with { Clutter = null, HasUniformClutter = value == "uniform" });
        }

        return TakeNumber(value, 0, 1, out double level)
            ? Assign(ref settings, this with { Clutter = (float)level })
            : "must be a level from 0 to 1, auto for calm and busy stretches in turn, or uniform";
    }

    private string? TakeFormat(string value, ref TabletopSettings settings) => value switch
    {
        "rgb" => Assign(ref settings, this with { Format = PixelFormat.Rgb }),
        "nv12" => Assign(ref settings, this with { Format = PixelFormat.Nv12 }),
        _ => "must be rgb or nv12",
    };
}
