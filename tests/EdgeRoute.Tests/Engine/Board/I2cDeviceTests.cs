using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using Iot.Device.Adc;
using Iot.Device.Pwm;
using Iot.Device.ServoMotor;

namespace EdgeRoute.Tests.Engine.Board;

/// <summary>Devices of Iot.Device.Bindings on scripted registers: the bytes that go over the wire.</summary>
public sealed class I2cDeviceTests
{
    private const long SecondNs = 1_000_000_000;

    private static readonly Ina219Config Config = new(200, 0x40, 0.01);

    [Fact]
    public void A_servo_on_a_PCA9685_gets_the_pulse_of_its_angle()
    {
        using var device = new ScriptedI2cDevice(0x40) { [0xFE] = [0x1E], [0x00] = [0x11] };
        using var board = new Pca9685(device, pwmFrequency: 50);
        device.Written.Clear();
        using var servo = new ServoMotor(board.CreatePwmChannel(3), 180, 1000, 2000);
        servo.Start();
        servo.WriteAngle(90);
        // 1.5 ms of 20 ms in steps of a 4096th: 307 is 0x0133. Channel 3 begins at 0x12: on, then off; each byte is written, then both.
        Assert.Equal(["1200", "1300", "120000", "1433", "1501", "143301"], device.Written[^6..]);
    }

    [Fact]
    public void An_INA219_of_the_package_reads_its_registers()
    {
        using var device = new ScriptedI2cDevice(0x40) { [0] = [0x39, 0x9F], [1] = [0x01, 0x2C], [2] = [0x5D, 0xC2] };
        using var monitor = new Ina219(device);
        Assert.Equal(Ina219OperatingMode.ShuntAndBusContinuous, monitor.OperatingMode);
        Assert.Equal(12.0, monitor.ReadBusVoltage().Volts, 6);
        Assert.Equal(0.003, monitor.ReadShuntVoltage().Volts, 9);
        monitor.OperatingMode = Ina219OperatingMode.PowerDown;
        Assert.Equal("003998", Assert.Single(device.Written));
    }

    [Fact]
    public void The_board_is_measured_by_the_monitor_that_its_config_names()
    {
        using var folder = new TemporaryFolder();
        // 12 V above three bits of state, 3 mV across 10 milliohms: 0.3 A.
        using var device = new ScriptedI2cDevice(0x40) { [0] = [0x39, 0x98], [1] = [0x01, 0x2C], [2] = [0x5D, 0xC2] };
        using var meter = new PowerMeter(new SystemFiles(folder.Path), Config, _ => device);
        meter.Update(SecondNs);
        Assert.Equal(3.6, meter.Watts!.Value, 6);
        Assert.Equal("supply (INA219 at 0x40 of /dev/i2c-200)", meter.SourceName);
        Assert.Equal("00399F", Assert.Single(device.Written));
    }

    [Fact]
    public void A_current_that_flows_back_into_the_supply_counts_as_none()
    {
        using var folder = new TemporaryFolder();
        using var device = new ScriptedI2cDevice(0x40) { [0] = [0x39, 0x9F], [1] = [0xFE, 0xD4], [2] = [0x5D, 0xC2] };
        using var meter = new PowerMeter(new SystemFiles(folder.Path), Config, _ => device);
        meter.Update(SecondNs);
        Assert.Equal(0, meter.Watts);
    }

    [Fact]
    public void A_monitor_that_is_gone_is_told_and_looked_for_again()
    {
        using var folder = new TemporaryFolder();
        folder.Write("dev/i2c-200", "");
        var device = new ScriptedI2cDevice(0x40) { [0] = [0x39, 0x9F], [1] = [0x01, 0x2C], [2] = [0x5D, 0xC2] };
        using var meter = new PowerMeter(new SystemFiles(folder.Path), Config, _ => device);
        meter.Update(SecondNs);
        device.IsGone = true;
        meter.Update(2 * SecondNs);
        Assert.Contains("INA219 at 0x40 of /dev/i2c-200: no answer (Error 121.", meter.Reason, StringComparison.Ordinal);
        Assert.True(device.IsDisposed);
        meter.Update(20 * SecondNs);
        Assert.Null(meter.Watts);
        Assert.Contains("i2cdetect -y 200", meter.Reason, StringComparison.Ordinal);
        device.IsGone = false;
        meter.Update(40 * SecondNs);
        Assert.Equal(3.6, meter.Watts!.Value, 6);
    }

    [Fact]
    public void A_bus_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        using var meter = new PowerMeter(new SystemFiles(folder.Path), Config);
        meter.Update(SecondNs);
        Assert.Null(meter.SourceName);
        Assert.StartsWith("INA219 at 0x40 of /dev/i2c-200: there is no /dev/i2c-200", meter.Reason, StringComparison.Ordinal);
    }
}
