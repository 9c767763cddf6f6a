using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Cli.Commands;

/// <summary>Frames as lines: aligned columns, or one JSON object each.</summary>
internal sealed class TracePrinter(bool isJson)
{
    /// <summary>Columns are named again so that they stay in sight.</summary>
    private const int HeaderEvery = 40;

    /// <summary>For terminals and files: a path's '>' stays readable.</summary>
    private static readonly System.Text.Json.JsonSerializerOptions JsonFormat =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of streams that went: frames that are on their way are of the last few.</summary>
    private const int KnownMost = 16;

    private volatile DeviceDescription _device = new();
    private long _lineCount;

    public void Describe(DeviceDescription device) => _device = device;

    /// <summary>Streams that came since; those that went stay known, because frames of theirs may be on their way.</summary>
    public void DescribeMore(DeviceDescription device)
    {
        device.Streams.AddRange(_device.Streams.Where(old => !device.Streams.Exists(s => s.Index == old.Index)).TakeLast(KnownMost));
        _device = device;
    }

    public bool Knows(BriefTrace trace) => StreamOf(trace) is not null;

    public string PathOf(BriefTrace trace)
    {
        var nodes = StreamOf(trace)?.Nodes;
        if (trace.NodeIndex < 0)
        {
            return "no answer";
        }

        if (nodes is not null && trace.NodeIndex < nodes.Count)
        {
            return nodes[trace.NodeIndex].Path;
        }

        return $"node {trace.NodeIndex}";
    }

    public void Print(BriefTrace trace)
    {
        if (isJson)
        {
            Console.Out.WriteLine(JsonOf(trace));
            return;
        }

        if (_lineCount++ % HeaderEvery == 0)
        {
            Console.Out.WriteLine("stream       frame      end        path                     latency   device    slack   price    "
                + "gain   answer");
        }

        Console.Out.WriteLine(LineOf(trace));
    }

    public string LineOf(BriefTrace t) => string.Create(CultureInfo.InvariantCulture,
        $"{NameOf(t),-12} {t.Sequence,-10} {EndOf(t),-10} {PathOf(t),-22} {t.LatencyMicroseconds / 1000.0,8:0.00}ms "
            + $"{t.DeviceMicroseconds / 1000.0,6:0.00}ms "
        + $"{Text(t.SlackMs, "0.0"),8} "
        + $"{Text(t.PricePerMs, "0.#####"),7} {Text(t.Gain, "0.000"),7}   {t.AnswerCount} @{Text(t.AnswerConfidence, "0.00")}{MarksOf(t)}");

    public string JsonOf(BriefTrace t) => System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["stream"] = NameOf(t), ["sequence"] = t.Sequence, ["capture_ns"] = t.CaptureNs, ["end"] = EndOf(t), ["path"] = PathOf(t),
        ["latency_ms"] = t.LatencyMicroseconds / 1000.0,
        ["device_ms"] = t.DeviceMicroseconds / 1000.0, ["wait_ms"] = t.WaitMicroseconds / 1000.0, ["decisions"] = t.DecisionCount,
        ["late"] = t.Flags.HasFlag(TraceFlags.Late),
        ["stale"] = t.Flags.HasFlag(TraceFlags.Stale),
        ["fallback"] = t.Flags.HasFlag(TraceFlags.Fallback), ["answer_count"] = t.AnswerCount,
        ["answer_confidence"] = Finite(t.AnswerConfidence),
        ["price"] = Finite(t.PricePerMs), ["gain"] = Finite(t.Gain), ["slack_ms"] = Finite(t.SlackMs),
        ["energy_mj"] = Finite(t.EnergyMillijoules), ["audit_loss"] = Finite(t.AuditLoss),
    }, JsonFormat);

    private StreamDescription? StreamOf(BriefTrace trace) => _device.Streams.Find(s => s.Index == trace.SourceIndex);

    private string NameOf(BriefTrace trace) => StreamOf(trace)?.Name ?? $"{trace.SourceIndex}";

    private static string EndOf(BriefTrace trace) => trace.End == FrameEnd.None ? "-" : trace.End.ToString().ToLowerInvariant();

    private static string MarksOf(BriefTrace t) => string.Concat(
        t.Flags.HasFlag(TraceFlags.Late) ? " late" : "",
        t.Flags.HasFlag(TraceFlags.Stale) ? " stale" : "",
        t.Flags.HasFlag(TraceFlags.Fallback) ? " fallback" : "",
        t.Flags.HasFlag(TraceFlags.AtServer) ? " at-server" : "",
        t.Flags.HasFlag(TraceFlags.HereInstead) ? " here-instead" : "",
        t.Flags.HasFlag(TraceFlags.SignalsFailed) ? " signals-failed" : "",
        t.Flags.HasFlag(TraceFlags.SourceRestarted) ? " source-restarted" : "",
        float.IsFinite(t.AuditLoss) ? $" audited({Text(1 - t.AuditLoss, "0.00")})" : "");

    private static string Text(float value, string format) => float.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture)
        : "-";

    private static object? Finite(float value) => float.IsFinite(value) ? Math.Round(value, 6) : null;
}
