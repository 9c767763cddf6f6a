using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class PowerConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Theory]
    [InlineData("", null)]
    [InlineData("power: { ina219: {} }", "INA219 at 0x40 of /dev/i2c-1, 0.1")]
    [InlineData("power: { ina219: { bus: 7, address: 0x45, shunt_ohms: 0.01 } }", "INA219 at 0x45 of /dev/i2c-7, 0.01")]
    [InlineData("power: { ina219: { address: 65 } }", "INA219 at 0x41 of /dev/i2c-1, 0.1")]
    public void The_monitor_is_read_and_written_back(string group, string? expected)
    {
        var config = Read(group).Config!;
        Assert.Equal(expected, config.PowerMonitor is { } monitor ? FormattableString.Invariant($"{monitor}, {monitor.ShuntOhms}") : null);
        var readBack = DeviceConfigReader.ReadText(config.Effective(), "/b/c.yaml", checkPaths: false).Config!;
        Assert.Equal(config.PowerMonitor, readBack.PowerMonitor);
    }

    [Theory]
    [InlineData("power: {}", "power needs 'ina219'")]
    [InlineData("power: { ina219: { address: 0x20 } }", "power.ina219.address is '0x20'; an INA219 has an address from 0x40 to 0x4f")]
    [InlineData("power: { ina219: { bus: 1000 } }", "power.ina219.bus is")]
    [InlineData("power: { ina219: { shunt_ohms: 100 } }", "power.ina219.shunt_ohms is")]
    [InlineData("power: { ina219: { shunt: 0.1 } }", "unknown key 'shunt'")]
    public void What_is_wrong_is_told(string group, string expected)
    {
        var problem = Assert.Single(Read(group).Problems);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    private static DeviceConfigReading Read(string group) => DeviceConfigReader.ReadText(Rest + group + "\n", "/a/d.yaml",
        checkPaths: false);
}
