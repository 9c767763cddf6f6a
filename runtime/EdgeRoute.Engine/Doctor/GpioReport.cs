using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A GPIO line of a chip.</summary>
/// <param name="Name">Empty where the kernel has none for it.</param>
/// <param name="State">free, used or muxed.</param>
/// <param name="Consumer">Who holds it; empty for nobody.</param>
public sealed record GpioLineReport(int Offset, string Name, string State, string Consumer);

/// <summary>One GPIO chip, or why its device file could not be asked.</summary>
public sealed record GpioChipReport(string Path, string? Name, string? Label, int? LineCount, string Reason)
{
    public IReadOnlyList<GpioLineReport> Lines { get; init; } = [];
}

/// <summary>A GPIO line that the device config names.</summary>
/// <param name="Place">Where it is, in words.</param>
/// <param name="State">free, used, muxed or missing.</param>
/// <param name="IsUsable">It is free, or held by this very program.</param>
/// <param name="Detail">What was found, or why nothing was.</param>
public sealed record GpioLineFinding(string Name, string Use, string Place, string State, bool IsUsable, string Detail);

/// <summary>The GPIO chips of the machine.</summary>
/// <param name="Reason">Empty, or why there is none.</param>
public sealed record GpioReport(IReadOnlyList<GpioChipReport> Chips, string Reason)
{
    internal const string Free = "free", Used = "used", Muxed = "muxed", Missing = "missing";

    /// <summary>The lines that the device config names.</summary>
    public IReadOnlyList<GpioLineFinding> Lines { get; init; } = [];

    /// <param name="lines">The lines that the device config names.</param>
    public static GpioReport Read(SystemFiles files, IReadOnlyList<GpioLineConfig> lines)
    {
        var chips = files.List("/dev", "gpiochip").Select(path => ReadChip(files, path)).ToList();
        return new GpioReport(chips, chips.Count > 0 ? ""
            : "there is no /dev/gpiochip*: this machine has no GPIO, or its kernel has no driver for it")
        {
            Lines = [.. lines.Select(line => Find(files, line))],
        };
    }

    private static GpioChipReport ReadChip(SystemFiles files, string path)
    {
        var chip = KernelGpioDriver.TryDescribe(files.Place(path), out string reason);
        var lines = chip is null ? [] : GpioChips.TryDescribeLines(files.Place(path), out reason) ?? [];
        return new GpioChipReport(path, chip?.Name, chip?.Label, chip?.NumLines, reason)
        {
            Lines = [.. lines.Select(l => new GpioLineReport(l.Offset, l.Name, StateOf(l), l.Consumer))],
        };
    }

    /// <summary>The kernel names who holds a line; a pin that has another function is in use by nobody.</summary>
    private static string StateOf(GpioLineInfo line)
    {
        if (!line.IsUsed)
        {
            return Free;
        }

        return line.Consumer.Length > 0 ? Used : Muxed;
    }

    private static GpioLineFinding Find(SystemFiles files, GpioLineConfig line)
    {
        string use = ConfigEnums.Of(ConfigEnums.GpioUses, line.Use);
        try
        {
            var place = GpioChips.Find(line.Chip, line.Line, files.Place("/dev"));
            string state = StateOf(place.Line);
            bool isOwn = state == Used && place.Line.Consumer.StartsWith(GpioLineSettings.Program, StringComparison.Ordinal);
            return new GpioLineFinding(line.Name, use, line.Place, state, state == Free || isOwn, Words(place, state, isOwn));
        }
        catch (IOException missing)
        {
            return new GpioLineFinding(line.Name, use, line.Place, Missing, false, missing.Message);
        }
    }

    private static string Words(GpioLinePlace place, string state, bool isOwn) => state switch
    {
        Free => $"{place} is free",
        Used when isOwn => $"{place} is held by '{place.Line.Consumer}', this program",
        Used => $"{place} is held by '{place.Line.Consumer}': end it, or choose another line",
        _ => $"{place} cannot be had: its pin has another function, or the kernel keeps it; set the board's pinmux, on a Jetson with "
            + "/opt/nvidia/jetson-io/jetson-io.py",
    };
}
