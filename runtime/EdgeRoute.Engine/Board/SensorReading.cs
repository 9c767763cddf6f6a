namespace EdgeRoute.Engine.Board;

/// <summary>One thing a board can measure: its value, or the reason why there is none. No metric is ever left out in silence.</summary>
/// <param name="Name">Noun first, without its unit: power_vdd_in, temperature_cpu-thermal, gpu_load.</param>
/// <param name="Value">Null where it cannot be read.</param>
/// <param name="Unit">mW, C, percent, MHz, count.</param>
/// <param name="SourcePath">Where it comes from on the device.</param>
/// <param name="Reason">Empty, or why there is no value.</param>
public sealed record SensorReading(string Name, double? Value, string Unit, string SourcePath, string Reason)
{
    public static SensorReading Absent(string name, string unit, string sourcePath, string reason) => new(name, null, unit, sourcePath, reason);
}
