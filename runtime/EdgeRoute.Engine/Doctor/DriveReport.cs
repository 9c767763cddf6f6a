using System.Device.I2c;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A chip or a channel that a source's actions go to.</summary>
/// <param name="Detail">What was found, or why it cannot be used and what to do.</param>
public sealed record DriveFinding(string Source, string Place, bool IsUsable, string Detail);

/// <summary>Asks for what actuators drive. Moves nothing: a chip is asked for its mode, a channel of the kernel only looked for.</summary>
internal static class DriveReport
{
    private const string PwmFolder = "/sys/class/pwm";

    /// <param name="open">Opens the chip.</param>
    public static IReadOnlyList<DriveFinding> Read(SystemFiles files, IEnumerable<(string Source, DriveConfig Drive)> drives,
        Func<Pca9685Config, I2cDevice> open) =>
        [.. drives.SelectMany(d => FindingsOf(files, d.Source, d.Drive, open))];

    private static IEnumerable<DriveFinding> FindingsOf(SystemFiles files, string source, DriveConfig drive,
        Func<Pca9685Config, I2cDevice> open)
    {
        if (drive.Chip is { } chip)
        {
            string reason = WhySilent(files, chip, open);
            string axes = string.Join(", ", drive.Axes.Where(a => a.Chip is null).Select(a => $"{a.Name} on channel {a.Channel}"));
            yield return new DriveFinding(source, chip.ToString(), reason.Length == 0, reason.Length == 0 ? $"answers; {axes}" : reason);
        }

        foreach (var axis in drive.Axes.Where(a => a.Chip is not null))
        {
            string reason = WhyNoChannel(files, axis);
            yield return new DriveFinding(source, axis.Place, reason.Length == 0,
                reason.Length == 0 ? $"there, for {axis.Name}" : $"{reason} (for {axis.Name})");
        }
    }

    private static string WhySilent(SystemFiles files, Pca9685Config chip, Func<Pca9685Config, I2cDevice> open)
    {
        try
        {
            using var device = open(chip);
            Span<byte> mode = stackalloc byte[1];
            device.WriteRead([0], mode);
            return "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return I2cReport.Explain(files, chip.Bus, chip.ToString(), fault.Message)[(chip.ToString().Length + 2)..];
        }
    }

    private static string WhyNoChannel(SystemFiles files, AxisConfig axis)
    {
        string chip = $"{PwmFolder}/pwmchip{axis.Chip}";
        if (files.TryRead($"{chip}/npwm", out string unread) is not { } count)
        {
            string[] there = [.. files.List(PwmFolder, "pwmchip").Select(p => p[(PwmFolder.Length + 1)..])];
            return $"{unread}; "
                + (there.Length > 0 ? $"there are {string.Join(", ", there)}" : "this machine shows no PWM chip: its pins are set up as "
                    + "PWM in the device tree (on a Jetson by /opt/nvidia/jetson-io/jetson-io.py)");
        }

        if (int.TryParse(count, out int channels) && axis.Channel >= channels)
        {
            return $"pwmchip{axis.Chip} has {count} channels, 0 to {channels - 1}";
        }

        try
        {
            using var export = File.OpenHandle(files.Place($"{chip}/export"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            return "";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"no permission to write {chip}/export: install device-configs/99-edgeroute.rules, which gives PWM to the group gpio, "
                + "and add the user to it";
        }
    }
}
