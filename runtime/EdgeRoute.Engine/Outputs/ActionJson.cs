using System.Buffers;
using System.Text.Json;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Outputs;

/// <summary>A stream's actions as JSON, an object each. One thread at a time.</summary>
internal sealed class ActionJson(string stream, TimeProvider clock) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null);

    /// <summary>Valid until the next.</summary>
    public ReadOnlySpan<byte> Write(in ActionOrigin origin, ReadOnlySpan<float> action, bool endsLine)
    {
        _bytes.ResetWrittenCount();
        _json.Reset(_bytes);
        WriteObject(origin, action);
        _json.Flush();
        _bytes.Write(endsLine ? "\n"u8 : []);
        return _bytes.WrittenSpan;
    }

    public void Dispose() => _json.Dispose();

    private void WriteObject(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        _json.WriteStartObject();
        _json.WriteString("source", stream);
        _json.WriteNumber("at_ns", origin.AtNs);
        _json.WriteNumber("at_utc_ns", clock.UtcNs() - (clock.NowNs() - origin.AtNs));
        _json.WriteBoolean("hold", origin.IsHold);
        if (origin.IsHold)
        {
            _json.WriteString("reason", origin.HoldReason);
            _json.WriteEndObject();
            return;
        }

        _json.WriteStartArray("values");
        foreach (float value in action)
        {
            DetailWriter.WriteFinite(_json, value);
        }

        _json.WriteEndArray();
        _json.WriteNumber("plan_sequence", origin.PlanFrame.Sequence);
        _json.WriteString("plan_path", origin.PathName);
        _json.WriteNumber("step", origin.StepIndex);
        _json.WriteNumber("age_ms", Math.Round(origin.AgeNs / 1e6, 3));
        _json.WriteNumber("blend", MathF.Round(origin.OldWeight, 4));
        _json.WriteEndObject();
    }
}
