using System.Text.Json;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>A frame's trace as a message: its way, what it cost, and every decision with all that was weighed.</summary>
internal static class DecisionJson
{
    public static void Write(Utf8JsonWriter json, in TraceRecord record, SessionSource source, ulong timeNs)
    {
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        json.WriteString("source", source.Name);
        json.WriteNumber("sequence", record.Stamp.Sequence);
        json.WriteString("end", FoxgloveJson.WordOf(record.End));
        json.WriteString("path", PathOf(record, source));
        if (record.Fault != FrameFault.None)
        {
            json.WriteString("fault", FoxgloveJson.WordOf(record.Fault));
        }

        WriteFlags(json, record.Flags);
        WriteTimes(json, record);
        WriteFigures(json, record);
        WriteSignals(json, record.Signals);
        json.WriteStartArray("decisions");
        for (int i = 0; i < record.DecisionCount; i++)
        {
            WriteDecision(json, record.Decisions[i], source);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The path whose answer was published.</summary>
    public static string PathOf(in TraceRecord record, SessionSource source) =>
        record.NodeIndex < 0 ? "no answer" : source.Nodes[record.NodeIndex].PathName;

    public static double MsOf(long ns) => Math.Round(ns / 1e6, 4);

    private static void WriteFlags(Utf8JsonWriter json, TraceFlags flags)
    {
        json.WriteBoolean("is_late", flags.HasFlag(TraceFlags.Late));
        json.WriteBoolean("is_stale", flags.HasFlag(TraceFlags.Stale));
        json.WriteBoolean("is_fallback", flags.HasFlag(TraceFlags.Fallback));
        json.WriteBoolean("has_failed_signals", flags.HasFlag(TraceFlags.SignalsFailed));
        json.WriteBoolean("has_no_signals", flags.HasFlag(TraceFlags.SignalsLeftOut));
        json.WriteBoolean("is_after_restart", flags.HasFlag(TraceFlags.SourceRestarted));
    }

    private static void WriteTimes(Utf8JsonWriter json, in TraceRecord record)
    {
        json.WriteNumber("latency_ms", MsOf(record.LatencyNs));
        json.WriteNumber("waited_ms", MsOf(record.TakenNs - record.Stamp.CaptureNs));
        json.WriteNumber("work_ms", MsOf(record.PublishedNs - record.TakenNs));
        if (record.DeadlineNs != long.MaxValue)
        {
            json.WriteNumber("deadline_ms", MsOf(record.DeadlineNs - record.Stamp.CaptureNs));
        }

        FoxgloveJson.WriteFigure(json, "age_ms", record.Signals.AgeMs);
        json.WriteNumber("signals_ms", MsOf(record.SignalsNs));
        json.WriteNumber("preprocess_ms", MsOf(record.PreprocessNs));
        json.WriteNumber("stages_ms", MsOf(record.StagesNs));
        json.WriteNumber("heads_ms", MsOf(record.HeadsNs));
        json.WriteNumber("device_ms", MsOf(record.PreprocessNs + record.StagesNs + record.HeadsNs));
    }

    private static void WriteFigures(Utf8JsonWriter json, in TraceRecord record)
    {
        FoxgloveJson.WriteFigure(json, "energy_mj", record.EnergyMillijoules);
        if (float.IsFinite(record.AuditLoss))
        {
            json.WriteNumber("audit_ms", MsOf(record.AuditNs));
            json.WriteNumber("audit_loss", record.AuditLoss);
        }

        FoxgloveJson.WriteFigure(json, "audit_probability", record.AuditProbability);
        json.WriteNumber("answer_count", record.AnswerCount);
        FoxgloveJson.WriteFigure(json, "answer_confidence", record.AnswerConfidence);
        if (record.DecisionCount > 0)
        {
            ref readonly var last = ref record.Decisions[record.DecisionCount - 1];
            FoxgloveJson.WriteFigure(json, "gain", last.Values[last.OptionIndex].Gain);
            FoxgloveJson.WriteFigure(json, "price_per_ms", last.Operating.PricePerMs);
        }
    }

    private static void WriteSignals(Utf8JsonWriter json, in FrameSignals signals)
    {
        json.WriteStartObject("signals");
        FoxgloveJson.WriteFigure(json, "motion", signals.Motion);
        FoxgloveJson.WriteFigure(json, "sharpness", signals.Sharpness);
        FoxgloveJson.WriteFigure(json, "exposure", signals.Exposure);
        FoxgloveJson.WriteFigure(json, "contrast", signals.Contrast);
        FoxgloveJson.WriteFigure(json, "noise", signals.Noise);
        FoxgloveJson.WriteFigure(json, "age_ms", signals.AgeMs);
        FoxgloveJson.WriteFigure(json, "drift", signals.Drift);
        FoxgloveJson.WriteFigure(json, "drift_peak", signals.DriftPeak);
        FoxgloveJson.WriteFigure(json, "drift_outside", signals.DriftOutside);
        FoxgloveJson.WriteFigure(json, "carried_count", signals.CarriedCount);
        FoxgloveJson.WriteFigure(json, "carried_doubt", signals.CarriedDoubt);
        FoxgloveJson.WriteFigure(json, "carried_shift", signals.CarriedShift);
        FoxgloveJson.WriteFigure(json, "expected_agreement", signals.ExpectedAgreement);
        FoxgloveJson.WriteFigure(json, "carried_tier", signals.CarriedTier);
        FoxgloveJson.WriteFigure(json, "last_margin", signals.LastMargin);
        FoxgloveJson.WriteFigure(json, "last_low_confidence_mass", signals.LastLowConfidenceMass);
        json.WriteEndObject();
    }

    private static void WriteDecision(Utf8JsonWriter json, in DecisionRecord decision, SessionSource source)
    {
        var node = source.Nodes[decision.NodeIndex];
        json.WriteStartObject();
        json.WriteString("at", node.PathName);
        json.WriteString("chosen", node.Options[decision.OptionIndex].Name);
        json.WriteString("reason", FoxgloveJson.WordOf(decision.Reason));
        if (decision.SlackNs != long.MaxValue)
        {
            json.WriteNumber("slack_ms", MsOf(decision.SlackNs));
        }

        FoxgloveJson.WriteFigure(json, "price_per_ms", decision.Operating.PricePerMs);
        FoxgloveJson.WriteFigure(json, "price_per_mj", decision.Operating.PricePerMillijoule);
        FoxgloveJson.WriteFigure(json, "price_ceiling", decision.Operating.PriceCeiling);
        FoxgloveJson.WriteFigure(json, "allowance_ms", decision.Operating.AllowanceMs);
        FoxgloveJson.WriteFigure(json, "power_w", decision.Operating.MillijoulesPerMs);
        json.WriteNumber("context", decision.ContextIndex);
        FoxgloveJson.WriteFigure(json, "loss_factor", decision.LossFactor);
        if (decision.NodeIndex > 0)
        {
            WriteExit(json, decision.Exit);
        }

        json.WriteStartArray("options");
        for (int i = 0; i < decision.OptionCount; i++)
        {
            var option = node.Options[i];
            WriteOption(json, option, source.Nodes[option.NodeIndex].PathName, decision.Values[i], i == decision.OptionIndex);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExit(Utf8JsonWriter json, in ExitSignals exit)
    {
        json.WriteStartObject("exit");
        for (var kind = ExitSignalKind.MaxProbability; kind <= ExitSignalKind.Consistency; kind++)
        {
            FoxgloveJson.WriteFigure(json, FoxgloveJson.WordOf(kind), exit.Of(kind));
        }

        json.WriteEndObject();
    }

    private static void WriteOption(Utf8JsonWriter json, SessionOption option, string path, in OptionValue value, bool isChosen)
    {
        json.WriteStartObject();
        json.WriteString("name", option.Name);
        json.WriteString("kind", FoxgloveJson.WordOf(option.Kind));
        json.WriteString("leads_to", path);
        json.WriteBoolean("is_chosen", isChosen);
        FoxgloveJson.WriteFigure(json, "gain", value.Gain);
        FoxgloveJson.WriteFigure(json, "cost_ms", value.CostMs);
        FoxgloveJson.WriteFigure(json, "cost_ms_p95", value.CostMsP95);
        FoxgloveJson.WriteFigure(json, "onward_ms", value.OnwardMs);
        FoxgloveJson.WriteFigure(json, "plan_cost_ms", value.PlanCostMs);
        FoxgloveJson.WriteFigure(json, "energy_mj", value.EnergyMillijoules);
        if (value.Denial != OptionDenial.None)
        {
            json.WriteString("denial", FoxgloveJson.WordOf(value.Denial));
        }

        json.WriteEndObject();
    }
}
