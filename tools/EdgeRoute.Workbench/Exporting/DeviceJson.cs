using System.Text.Json;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// How a device stands as a message: watts, heat, load, and the figures of each source's last seconds. What the device has no sensor for
/// is left out, since viewers have no word for null.
/// </summary>
internal static class DeviceJson
{
    public static void Write(Utf8JsonWriter json, DeviceStatus status, ulong timeNs)
    {
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        json.WriteNumber("uptime_s", status.UptimeS);
        WriteBoard(json, status.Board);
        json.WriteBoolean("is_stopped", status.Stop is not null);
        json.WriteStartArray("sources");
        foreach (var stream in status.Streams)
        {
            WriteSource(json, stream);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBoard(Utf8JsonWriter json, BoardStatus board)
    {
        WriteFigure(json, "watts", board.Watts);
        WriteFigure(json, "hottest_celsius", board.HottestCelsius);
        WriteFigure(json, "gpu_percent", board.GpuPercent);
        WriteFigure(json, "cpu_percent", board.CpuPercent);
        WriteFigure(json, "cpu_megahertz", board.CpuMegahertz);
        WriteFigure(json, "memory_available_bytes", board.MemoryAvailableBytes);
        WriteFigure(json, "memory_total_bytes", board.MemoryTotalBytes);
        WriteFigure(json, "resident_bytes", board.ResidentBytes);
        WriteFigure(json, "throttles", board.ThrottleCount);
        if (board.PowerMode is { } mode)
        {
            json.WriteString("power_mode", mode);
        }
    }

    private static void WriteSource(Utf8JsonWriter json, StreamStatus stream)
    {
        json.WriteStartObject();
        json.WriteString("name", stream.Name);
        json.WriteString("pack", stream.Pack);
        json.WriteString("policy", stream.Policy);
        json.WriteNumber("captured", stream.Captured);
        json.WriteNumber("dropped", stream.Dropped);
        json.WriteNumber("failed", stream.Failed);
        json.WriteNumber("late", stream.Late);
        WriteFigure(json, "frames_per_second", stream.Window.FramesPerSecond);
        WriteFigure(json, "latency_ms_p50", stream.Window.LatencyMsP50);
        WriteFigure(json, "latency_ms_p95", stream.Window.LatencyMsP95);
        WriteFigure(json, "latency_ms_p99", stream.Window.LatencyMsP99);
        WriteFigure(json, "device_ms_mean", stream.Window.DeviceMsMean);
        WriteFigure(json, "energy_mj_mean", stream.Window.EnergyMillijoulesMean);
        WriteFigure(json, "deadline_ms", stream.DeadlineMs);
        WriteFigure(json, "price", stream.Price?.InForce);
        json.WriteEndObject();
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, double? value) =>
        FoxgloveJson.WriteFigure(json, name, (float)(value ?? double.NaN));
}
