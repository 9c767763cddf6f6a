using System.Globalization;

namespace EdgeRoute.Documents.Configs;

/// <summary>A power monitor INA219 on the board's supply, on an I2C bus.</summary>
/// <param name="Bus">The number of the bus: 1 for /dev/i2c-1.</param>
/// <param name="Address">Its address on the bus, which its two address pins choose.</param>
/// <param name="ShuntOhms">The resistor whose voltage it measures; 0.1 on most modules.</param>
public sealed record Ina219Config(int Bus, int Address, double ShuntOhms)
{
    public const int UsualBus = 1, FirstAddress = 0x40, LastAddress = 0x4F;
    public const double UsualShuntOhms = 0.1;

    /// <summary>What is measured where, in words: "INA219 at 0x40 of /dev/i2c-1".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"INA219 at 0x{Address:x2} of /dev/i2c-{Bus}");
}

/// <summary>Reads the <c>power</c> group: what measures the board's power where its kernel shows no sensor for it.</summary>
internal static class PowerReader
{
    public static Ina219Config? Read(ConfigSection? section)
    {
        var monitor = section?.Group("ina219", isRequired: true);
        section?.Close();
        if (monitor is null)
        {
            return null;
        }

        int bus = monitor.Integer("bus", ConfigLimits.I2cBus, Ina219Config.UsualBus);
        double ohms = Ina219Config.UsualShuntOhms;
        if (monitor.Has("shunt_ohms"))
        {
            ohms = monitor.NumberOrNone("shunt_ohms", ConfigLimits.ShuntOhms) ?? ohms;
        }

        var config = new Ina219Config(bus, AddressOf(monitor, "an INA219", Ina219Config.FirstAddress, Ina219Config.LastAddress), ohms);
        monitor.Close();
        return config;
    }

    /// <summary>Addresses are written as data sheets print them: 0x40.</summary>
    /// <param name="what">Whose address it is, with its article.</param>
    /// <param name="first">The lowest that it can have, which is the usual.</param>
    public static int AddressOf(ConfigSection section, string what, int first, int last)
    {
        if (section.Text("address") is not { } text)
        {
            return first;
        }

        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isNumber = int.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out int address);
        if (isNumber && address >= first && address <= last)
        {
            return address;
        }

        section.Report("address", $"is '{text}'; {what} has an address from 0x{first:x2} to 0x{last:x2}; `i2cdetect -y BUS` shows it");
        return first;
    }
}
