using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>A line as the kernel describes it.</summary>
/// <param name="Offset">0-based, within its chip.</param>
/// <param name="Name">Empty where it has none.</param>
/// <param name="Consumer">Who holds it; empty where nobody does, or where the kernel does not say.</param>
/// <param name="IsUsed">It cannot be had: it is held or, without a consumer, its pin has another function or is kept by the kernel.</param>
public sealed record GpioLineInfo(int Offset, string Name, string Consumer, bool IsUsed, bool IsOutput);

/// <summary>Where a line is.</summary>
/// <param name="ChipPath">The chip's device file.</param>
/// <param name="Chip">The chip's label.</param>
public sealed record GpioLinePlace(string ChipPath, string Chip, GpioLineInfo Line)
{
    /// <summary>Such as "PH.00 (line 43 of tegra234-gpio)".</summary>
    public override string ToString() => $"{(Line.Name.Length > 0 ? Line.Name + " (" : "")}line {Line.Offset} of {Chip}"
        + (Line.Name.Length > 0 ? ")" : "");
}

/// <summary>The GPIO chips of the machine and their lines, by label and name: numbers of chips change between boots.</summary>
public static unsafe class GpioChips
{
    private const int Busy = 16, NoSuchDevice = 6, Invalid = 22;

    /// <summary>All lines of a chip; null with the reason in words when it cannot be asked.</summary>
    public static IReadOnlyList<GpioLineInfo>? TryDescribeLines(string path, out string reason)
    {
        using var chip = KernelGpioDriver.TryOpen(path, FileAccess.Read, out reason);
        if (chip is null || KernelGpioDriver.Describe(chip, path, out reason) is not { } info)
        {
            return null;
        }

        return [.. Enumerable.Range(0, info.NumLines).Select(offset => TryDescribeLine(chip, offset)).OfType<GpioLineInfo>()];
    }

    /// <summary>Where a line is.</summary>
    /// <param name="chip">Label of its chip; null looks at all.</param>
    /// <param name="line">Its name or, with a chip, its number.</param>
    /// <param name="folder">Of device files.</param>
    /// <exception cref="IOException">There is none, more than one, or a chip cannot be opened; the message says what there is.</exception>
    public static GpioLinePlace Find(string? chip, string line, string folder = "/dev")
    {
        var (found, seen) = (new List<GpioLinePlace>(), new List<string>());
        // A board may show a chip under an older number too, by a link.
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in PathsIn(folder))
        {
            if (KernelGpioDriver.TryDescribe(path, out string reason) is not { } info)
            {
                seen.Add(reason);
            }
            else if (known.Add(info.Name))
            {
                seen.Add($"{path} is {info.Label}");
                found.AddRange(chip is null || chip == info.Label ? LinesNamed(line, path, info.Label) : []);
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new IOException(Missing(chip, line, seen)),
            _ => throw new IOException($"{found.Count} lines are called '{line}': {string.Join("; ", found)}; name the chip too"),
        };
    }

    /// <summary>Finds a line and takes it.</summary>
    /// <param name="chip">Label of its chip; null looks at all.</param>
    /// <param name="line">Its name or, with a chip, its number.</param>
    /// <exception cref="IOException">There is none, or the kernel does not give it; the message says why and what to do.</exception>
    public static IGpioLine Open(string? chip, string line, GpioLineSettings settings)
    {
        var place = Find(chip, line);
        using var file = KernelGpioDriver.TryOpen(place.ChipPath, FileAccess.ReadWrite, out string reason) ?? throw new IOException(reason);
        return GpioLine.Request(place, file, place.Chip, place.Line.Offset, settings);
    }

    internal static void WriteConsumer(string consumer, Span<byte> target) => Utf8.FromUtf16(consumer, target[..^1], out _, out _);

    /// <summary>What follows a refusal: who holds the line, or what else is in the way.</summary>
    internal static string WhyRefused(SafeFileHandle chip, int offset, int error)
    {
        if (error == NoSuchDevice)
        {
            return ": its chip tells no edges";
        }

        if (error is not (Busy or Invalid))
        {
            return "";
        }

        string consumer = TryDescribeLine(chip, offset)?.Consumer ?? "";
        return consumer.Length > 0 ? $": '{consumer}' holds it" : ": its pin has another function (pinmux), or the kernel keeps it";
    }

    private static IEnumerable<string> PathsIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "gpiochip*").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal) : [];

    private static IEnumerable<GpioLinePlace> LinesNamed(string line, string path, string label)
    {
        var lines = TryDescribeLines(path, out _) ?? [];
        bool isNumber = int.TryParse(line, out int offset);
        return lines.Where(l => isNumber ? l.Offset == offset : l.Name == line).Select(l => new GpioLinePlace(path, label, l));
    }

    private static string Missing(string? chip, string line, List<string> seen)
    {
        string there = seen.Count == 0 ? "there is no /dev/gpiochip*" : string.Join("; ", seen);
        return (chip is null ? $"no GPIO line is called '{line}'" : $"no line '{line}' on a GPIO chip with the label '{chip}'")
            + $" ({there}; `edgerouted doctor --json` lists every line)";
    }

    private static GpioLineInfo? TryDescribeLine(SafeFileHandle chip, int offset)
    {
        var record = new GpioLineInfoRecord { Offset = (uint)offset };
        return GpioNative.Control(chip, GpioLineInfoRecord.GetRequest, &record) < 0 ? null
            : new GpioLineInfo(offset, KernelGpioDriver.TextOf(record.Name), KernelGpioDriver.TextOf(record.Consumer),
                record.Flags.HasFlag(GpioLineFlags.Used), record.Flags.HasFlag(GpioLineFlags.Output));
    }
}
