using System.Buffers;
using System.Text.Json;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Writes a stream's actions as lines of JSON: what a robot would have been told. A hold is one line when it begins, whatever it lasts.
/// Nobody moves by it, so that a slow disk costs its own steps alone, which are counted as missed.
/// </summary>
internal sealed class ActionLog(string stream, LineFile file, TimeProvider clock) : IActuator, IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private string? _held;

    public long LostCount => file.LostCount;

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        string? held = origin.IsHold ? origin.HoldReason ?? "" : null;
        if (held is not null && held == _held)
        {
            return;
        }

        _held = held;
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            Write(json, origin, action);
        }

        _line.Write("\n"u8);
        file.Write(_line.WrittenSpan);
    }

    public void Dispose() => file.Dispose();

    private void Write(Utf8JsonWriter json, in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        json.WriteStartObject();
        json.WriteString("source", stream);
        json.WriteNumber("at_ns", origin.AtNs);
        json.WriteNumber("at_utc_ns", clock.UtcNs() - (clock.NowNs() - origin.AtNs));
        json.WriteBoolean("hold", origin.IsHold);
        if (origin.IsHold)
        {
            json.WriteString("reason", origin.HoldReason);
            json.WriteEndObject();
            return;
        }

        json.WriteStartArray("values");
        foreach (float value in action)
        {
            DetailWriter.WriteFinite(json, value);
        }

        json.WriteEndArray();
        json.WriteNumber("plan_sequence", origin.PlanFrame.Sequence);
        json.WriteString("plan_path", origin.PathName);
        json.WriteNumber("step", origin.StepIndex);
        json.WriteNumber("age_ms", Math.Round(origin.AgeNs / 1e6, 3));
        json.WriteNumber("blend", MathF.Round(origin.OldWeight, 4));
        json.WriteEndObject();
    }
}
