using System.Device.I2c;

namespace EdgeRoute.Engine.Board;

/// <summary>One I2C bus.</summary>
/// <param name="Name">What its driver calls it; null where the kernel does not tell.</param>
/// <param name="Reason">Empty, or why it cannot be used.</param>
public sealed record I2cBusReport(string Path, string? Name, string Reason);

/// <summary>The I2C buses that programs may use.</summary>
/// <param name="Reason">Empty, or why there is none.</param>
public sealed record I2cReport(IReadOnlyList<I2cBusReport> Buses, string Reason)
{
    private const string NoBus = "there is no /dev/i2c-*: this machine has no I2C bus, or the module i2c-dev is not loaded "
        + "(`modprobe i2c-dev`)";

    public static I2cReport Read(SystemFiles files)
    {
        var buses = files.List("/dev", "i2c-").Select(path => new I2cBusReport(path,
            files.TryRead($"/sys/class/i2c-dev/{path["/dev/".Length..]}/name", out _), WhyClosed(files, path))).ToList();
        return new I2cReport(buses, buses.Count > 0 ? "" : NoBus);
    }

    /// <summary>A device of a bus of this machine.</summary>
    internal static I2cDevice OpenDevice(int bus, int address) => I2cDevice.Create(new I2cConnectionSettings(bus, address));

    /// <summary>Why a device of a bus did not do what it was told, in words.</summary>
    /// <param name="what">The device and its place.</param>
    internal static string Explain(SystemFiles files, int bus, string what, string fault)
    {
        string cause = WhyClosed(files, $"/dev/i2c-{bus}") is { Length: > 0 } closed ? closed
            : $"no answer ({fault}): check its wires and `i2cdetect -y {bus}`";
        return $"{what}: {cause}";
    }

    /// <summary>Empty where this user may read and write the bus, else the reason and what to do.</summary>
    internal static string WhyClosed(SystemFiles files, string path)
    {
        try
        {
            using var file = File.OpenHandle(files.Place(path), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return $"no permission to open {path}: add the user to the group that owns it (often i2c)";
        }
        catch (IOException)
        {
            return $"there is no {path}; `i2cdetect -l` lists the buses, and `modprobe i2c-dev` makes their files";
        }
    }
}
