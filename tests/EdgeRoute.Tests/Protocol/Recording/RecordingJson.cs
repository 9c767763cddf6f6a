using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>A recording as our reader sees it, in the JSON that tests/fixtures/protocol/read.py prints.</summary>
internal static class RecordingJson
{
    public static JsonObject Of(byte[] file)
    {
        var reader = new RecordReader(new MemoryStream(file));
        var records = new JsonArray();
        while (reader.Read())
        {
            bool isKnown = reader.Kind is >= RecordKind.SessionStart and <= RecordKind.Told;
            records.Add(new JsonObject
            {
                ["offset"] = reader.OffsetBytes,
                ["type"] = (int)reader.Kind,
                ["record"] = isKnown ? NameOf(reader.Kind) : "unknown",
                ["value"] = ValueOf(reader),
            });
        }

        return new JsonObject { ["records"] = records, ["stop"] = reader.Stop.ToString(), ["stopOffset"] = reader.OffsetBytes };
    }

    private static string NameOf(RecordKind kind) => kind switch
    {
        RecordKind.SessionStart => "session start",
        RecordKind.SessionEnd => "session end",
        RecordKind.SweptFrame => "swept frame",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static JsonObject ValueOf(RecordReader reader) => reader.Kind switch
    {
        RecordKind.SessionStart => Start(reader.Session!),
        RecordKind.Trace => Trace(reader.Trace),
        RecordKind.Frame => Frame(reader),
        RecordKind.Event => Event(reader.Event!),
        RecordKind.SessionEnd => End(reader.End!),
        RecordKind.SweptFrame => Swept(reader.Payload),
        RecordKind.Told => new JsonObject
        {
            ["source"] = reader.Told.SourceIndex, ["sequence"] = reader.Told.Sequence, ["state"] = BitsOf([.. reader.Told.State]),
            ["instruction"] = reader.Told.Instruction,
        },
        _ => new JsonObject { ["bytes"] = reader.Payload.Length },
    };

    private static JsonObject Start(SessionStart session) => new()
    {
        ["startNs"] = session.StartNs,
        ["utcNs"] = session.UtcNs,
        ["engineVersion"] = session.EngineVersion,
        ["configHash"] = Hex(session.ConfigHash.Span),
        ["sources"] = ArrayOf(session.Sources, source => new JsonObject
        {
            ["name"] = source.Name,
            ["address"] = source.Address,
            ["pack"] = source.PackName,
            ["manifestHash"] = Hex(source.ManifestHash.Span),
            ["policy"] = source.PolicyName,
            ["calibrationHash"] = Hex(source.CalibrationHash.Span),
            ["nodes"] = ArrayOf(source.Nodes, node => new JsonObject
            {
                ["path"] = node.PathName,
                ["options"] = ArrayOf(node.Options, o => new JsonObject { ["kind"] = (int)o.Kind, ["node"] = o.NodeIndex,
                    ["name"] = o.Name }),
            }),
        }),
    };

    private static JsonObject Trace(in TraceRecord t)
    {
        var decisions = new JsonArray();
        for (int i = 0; i < t.DecisionCount; i++)
        {
            decisions.Add(Decision(t.Decisions[i]));
        }

        var s = t.Signals;
        return new JsonObject
        {
            ["source"] = t.Stamp.SourceIndex, ["end"] = (int)t.End, ["fault"] = (int)t.Fault, ["flags"] = (int)t.Flags,
            ["sequence"] = t.Stamp.Sequence,
            ["captureNs"] = t.Stamp.CaptureNs, ["sourceNs"] = t.Stamp.SourceNs, ["takenNs"] = t.TakenNs, ["publishedNs"] = t.PublishedNs,
            ["deadlineNs"] = t.DeadlineNs, ["node"] = t.NodeIndex, ["answerCount"] = t.AnswerCount,
            ["answerConfidence"] = Bits(t.AnswerConfidence),
            ["signals"] = new JsonObject
            {
                ["motion"] = Bits(s.Motion), ["sharpness"] = Bits(s.Sharpness), ["exposure"] = Bits(s.Exposure),
                ["contrast"] = Bits(s.Contrast), ["noise"] = Bits(s.Noise), ["ageMs"] = Bits(s.AgeMs),
                ["drift"] = Bits(s.Drift), ["driftPeak"] = Bits(s.DriftPeak), ["carriedCount"] = Bits(s.CarriedCount),
                ["carriedDoubt"] = Bits(s.CarriedDoubt), ["carriedShift"] = Bits(s.CarriedShift),
                ["expectedAgreement"] = Bits(s.ExpectedAgreement), ["carriedTier"] = Bits(s.CarriedTier),
                ["driftOutside"] = Bits(s.DriftOutside),
                ["lastMargin"] = Bits(s.LastMargin), ["lastLowConfidenceMass"] = Bits(s.LastLowConfidenceMass),
            },
            ["signalsNs"] = t.SignalsNs, ["preprocessNs"] = t.PreprocessNs, ["stagesNs"] = t.StagesNs, ["headsNs"] = t.HeadsNs,
            ["energyMillijoules"] = Bits(t.EnergyMillijoules), ["auditNs"] = t.AuditNs, ["auditLoss"] = Bits(t.AuditLoss),
            ["auditProbability"] = Bits(t.AuditProbability), ["crops"] = t.CropCount, ["cropsMicroseconds"] = t.CropsMicroseconds,
            ["windows"] = Windows(t),
            ["decisions"] = decisions,
        };
    }

    private static JsonArray Windows(in TraceRecord t)
    {
        var windows = new JsonArray();
        for (int i = 0; i < t.WindowCount; i++)
        {
            var w = t.Windows[i];
            windows.Add(new JsonObject
            {
                ["box"] = new JsonArray(Bits(w.Left), Bits(w.Top), Bits(w.Width), Bits(w.Height)), ["decision"] = w.DecisionIndex,
            });
        }

        return windows;
    }

    private static JsonObject Decision(in DecisionRecord d)
    {
        var options = new JsonArray();
        for (int i = 0; i < d.OptionCount; i++)
        {
            var v = d.Values[i];
            options.Add(new JsonObject
            {
                ["gain"] = Bits(v.Gain), ["costMs"] = Bits(v.CostMs), ["costMsP95"] = Bits(v.CostMsP95),
                ["onwardMs"] = Bits(v.OnwardMs), ["planCostMs"] = Bits(v.PlanCostMs), ["energyMillijoules"] = Bits(v.EnergyMillijoules),
                ["denial"] = (int)v.Denial, ["plan"] = (int)v.PlanIndex,
            });
        }

        var e = d.Exit;
        return new JsonObject
        {
            ["node"] = d.NodeIndex, ["option"] = d.OptionIndex, ["reason"] = (int)d.Reason, ["slackNs"] = d.SlackNs,
            ["exit"] = new JsonObject
            {
                ["maxProbability"] = Bits(e.MaxProbability), ["margin"] = Bits(e.Margin), ["entropy"] = Bits(e.Entropy),
                ["lowConfidenceMass"] = Bits(e.LowConfidenceMass), ["count"] = Bits(e.Count),
                ["tsallisEntropy"] = Bits(e.TsallisEntropy), ["energy"] = Bits(e.Energy), ["carriedAgreement"] = Bits(e.CarriedAgreement),
                ["consistency"] = Bits(e.Consistency),
            },
            ["pricePerMs"] = Bits(d.Operating.PricePerMs), ["pricePerMillijoule"] = Bits(d.Operating.PricePerMillijoule),
            ["priceCeiling"] = Bits(d.Operating.PriceCeiling), ["allowanceMs"] = Bits(d.Operating.AllowanceMs),
            ["millijoulesPerMs"] = Bits(d.Operating.MillijoulesPerMs), ["context"] = d.ContextIndex, ["lossFactor"] = Bits(d.LossFactor),
            ["options"] = options,
        };
    }

    private static JsonObject Frame(RecordReader reader)
    {
        var (stamp, layout) = (reader.FrameStamp, reader.FrameLayout);
        PlaneLayout[] planes = [layout.Plane0, layout.Plane1, layout.Plane2];
        return new JsonObject
        {
            ["source"] = stamp.SourceIndex, ["encoding"] = layout.Format == PixelFormat.Jpeg ? 2 : 1, ["format"] = (int)layout.Format,
            ["colorSpace"] = (int)layout.ColorSpace, ["sequence"] = stamp.Sequence, ["captureNs"] = stamp.CaptureNs,
            ["sourceNs"] = stamp.SourceNs,
            ["width"] = layout.Width, ["height"] = layout.Height,
            ["planes"] = ArrayOf(planes, p => new JsonArray(p.OffsetBytes, p.StrideBytes)),
            ["bytes"] = reader.FrameBytes.Length, ["sha256"] = Hex(SHA256.HashData(reader.FrameBytes)),
        };
    }

    private static JsonObject Event(RecordedEvent e) =>
        new() { ["timeNs"] = e.TimeNs, ["source"] = e.SourceIndex, ["kind"] = (int)e.Kind, ["text"] = e.Text };

    private static JsonObject End(SessionEnd end) => new()
    {
        ["endNs"] = end.EndNs, ["traceLost"] = end.TraceLostCount, ["frameLost"] = end.FrameLostCount, ["eventLost"] = end.EventLostCount,
        ["tallies"] = ArrayOf(end.Tallies, t => new JsonObject
        {
            ["captured"] = t.Captured, ["completed"] = t.Completed, ["exited"] = t.Exited, ["escalated"] = t.Escalated,
            ["skipped"] = t.Skipped, ["dropped"] = t.Dropped, ["failed"] = t.Failed,
        }),
    };

    private static JsonObject Swept(ReadOnlySpan<byte> payload)
    {
        Assert.True(SweptFrameCodec.TryDecode(payload, TaskKind.Detection, out var frame, out string problem), problem);
        var (stamp, s) = (frame.Stamp, frame.Signals);
        return new JsonObject
        {
            ["source"] = stamp.SourceIndex, ["sequence"] = stamp.Sequence, ["captureNs"] = stamp.CaptureNs, ["sourceNs"] = stamp.SourceNs,
            ["signals"] = BitsOf(s.Motion, s.Sharpness, s.Exposure, s.Contrast, s.Noise), ["lumaBytes"] = frame.Luma.Length,
            ["lumaSha256"] = Hex(SHA256.HashData(frame.Luma)),
            ["variants"] = ArrayOf(frame.Variants, Variant),
        };
    }

    private static JsonObject Variant(SweptVariant variant)
    {
        var e = variant.Exit;
        Detection[] detections = variant.Answer is { } answer ? [.. answer.Detections] : [];
        var json = new JsonObject
        {
            ["ms"] = Bits(variant.Ms),
            ["exit"] = BitsOf(e.MaxProbability, e.Margin, e.Entropy, e.LowConfidenceMass, e.Count, e.TsallisEntropy, e.Energy),
            ["node"] = variant.Answer?.NodeIndex ?? -1,
            ["detections"] = ArrayOf(detections, d => new JsonObject { ["box"] = BitsOf(d.Left, d.Top, d.Width, d.Height, d.Confidence),
                ["class"] = d.ClassIndex }),
            ["values"] = variant.Answer is null ? [] : BitsOf([.. variant.Answer.Values]),
        };
        if (variant.Answer is { Details.Form.Kind: not DetailKind.None } detailed)
        {
            json["details"] = Details(detailed);
        }

        return json;
    }

    private static JsonObject Details(Answer answer)
    {
        var (details, indices) = (answer.Details, Enumerable.Range(0, answer.DetectionCount));
        bool hasMasks = details.Form.Kind == DetailKind.Mask;
        return new JsonObject
        {
            ["kind"] = (int)details.Form.Kind,
            ["frame"] = new JsonArray(details.FrameWidth, details.FrameHeight),
            ["points"] = ArrayOf(indices, i => ArrayOf(details.Points(i).ToArray(), p => BitsOf(p.X, p.Y, p.Visibility))),
            ["maskSha256"] = ArrayOf(hasMasks ? indices : [], i =>
                JsonValue.Create(Hex(SHA256.HashData(MemoryMarshal.AsBytes(details.Mask(i)))))),
        };
    }

    private static JsonArray BitsOf(params float[] values) => ArrayOf(values, v => JsonValue.Create(Bits(v)));

    private static JsonArray ArrayOf<T>(IEnumerable<T> items, Func<T, JsonNode> toJson) => new([.. items.Select(toJson)]);

    private static string Bits(float value) => BitConverter.SingleToUInt32Bits(value).ToString("x8");

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
