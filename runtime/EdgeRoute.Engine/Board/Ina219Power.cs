using System.Buffers.Binary;
using System.Device.I2c;
using EdgeRoute.Documents.Configs;
using Iot.Device.Adc;

namespace EdgeRoute.Engine.Board;

/// <summary>
/// Power of a board whose supply goes through an INA219 on an I2C bus, as the device config says. The package's device sets it up; the two
/// voltages are read as whole numbers, because its own readings go through a library of all physical units, and take a current that flows
/// back into the supply for a very large one.
/// </summary>
internal sealed class Ina219Power : IPowerSource, IDisposable
{
    private const byte ShuntRegister = 1, BusRegister = 2;

    /// <summary>Of the lowest bit, by the data sheet (SBOS448): 10 microvolts and 4 millivolts.</summary>
    private const double ShuntVolts = 1e-5, BusVolts = 4e-3;

    /// <summary>The bus voltage stands above three bits of state.</summary>
    private const int BusShift = 3;

    private readonly Ina219Config _config;
    private readonly I2cDevice _device;
    private readonly Ina219 _monitor;

    private Ina219Power(Ina219Config config, I2cDevice device)
    {
        (_config, _device) = (config, device);
        _monitor = new Ina219(device);
        // So it measures from power-up on; the ranges change no bit's worth, and another program may have chosen them.
        if (_monitor.OperatingMode != Ina219OperatingMode.ShuntAndBusContinuous)
        {
            _monitor.OperatingMode = Ina219OperatingMode.ShuntAndBusContinuous;
        }
    }

    public string Name => $"supply ({_config})";

    /// <summary>Null with the reason where it does not answer.</summary>
    /// <param name="open">Opens a device of a bus of this machine; tests bring one of their own.</param>
    public static Ina219Power? Open(SystemFiles files, Ina219Config config, Func<Ina219Config, I2cDevice> open, out string reason)
    {
        I2cDevice? device = null;
        try
        {
            device = open(config);
            reason = "";
            return new Ina219Power(config, device);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            device?.Dispose();
            reason = Explain(files, config, fault.Message);
            return null;
        }
    }

    /// <summary>A device of a bus of this machine.</summary>
    public static I2cDevice OpenDevice(Ina219Config config) => I2cReport.OpenDevice(config.Bus, config.Address);

    public double? ReadWatts(SystemFiles files, long nowNs, out string reason)
    {
        try
        {
            double volts = (ReadRegister(BusRegister) >> BusShift) * BusVolts;
            double amperes = (short)ReadRegister(ShuntRegister) * ShuntVolts / _config.ShuntOhms;
            reason = "";
            return volts * amperes;
        }
        catch (IOException fault)
        {
            reason = Explain(files, _config, fault.Message);
            return null;
        }
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _device.Dispose();
    }

    private static string Explain(SystemFiles files, Ina219Config config, string fault) =>
        I2cReport.Explain(files, config.Bus, config.ToString(), fault);

    private ushort ReadRegister(byte register)
    {
        Span<byte> value = stackalloc byte[sizeof(ushort)];
        _device.WriteRead([register], value);
        return BinaryPrimitives.ReadUInt16BigEndian(value);
    }
}
