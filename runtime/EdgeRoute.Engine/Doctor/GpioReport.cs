using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>One GPIO chip, or why its device file could not be asked.</summary>
public sealed record GpioChipReport(string Path, string? Name, string? Label, int? LineCount, string Reason);

/// <summary>The GPIO chips of the machine.</summary>
/// <param name="Reason">Empty, or why there is none.</param>
public sealed record GpioReport(IReadOnlyList<GpioChipReport> Chips, string Reason)
{
    public static GpioReport Read(SystemFiles files)
    {
        var chips = files.List("/dev", "gpiochip").Select(path => ReadChip(files, path)).ToList();
        return new GpioReport(chips, chips.Count > 0 ? "" : "there is no /dev/gpiochip*: this machine has no GPIO, or its kernel has no driver for it");
    }

    private static GpioChipReport ReadChip(SystemFiles files, string path)
    {
        var chip = GpioChip.TryDescribe(files.Place(path), out string reason);
        return new GpioChipReport(path, chip?.Name, chip?.Label, chip?.LineCount, reason);
    }
}
