using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Turns one frame of a recording into its explanation.</summary>
public static class FrameExplainer
{
    /// <param name="stream">The recording from its start.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="source">Name or index of the source; null where there is only one.</param>
    /// <param name="rule">Which frame.</param>
    /// <param name="number">Its number where the rule asks for one.</param>
    /// <param name="pack">Gives labels and thresholds; null: from the recording alone.</param>
    /// <exception cref="InvalidDataException">The file is no recording.</exception>
    /// <exception cref="ArgumentException">There is no such source or frame; the message names the nearest.</exception>
    public static FrameExplanation Explain(Stream stream, string name, string? source, FrameRule rule, long number, Pack? pack)
    {
        var pass = new RecordingPass(stream, name);
        int index = pass.FindSource(source);
        var (ranks, choice) = (new SignalRanks(), new FrameChoice(rule, number));
        pass.Run(index, (in TraceRecord record) =>
        {
            if (!record.Flags.HasFlag(TraceFlags.SignalsLeftOut))
            {
                ranks.Add(record.Signals);
            }

            choice.See(record);
        });
        string sourceName = pass.Session.Sources[index].Name;
        return choice.HasFound ? Explain(pass, index, choice.Found, ranks, pack)
            : throw new ArgumentException(choice.Problem(sourceName) + (pass.Warning is { } warning ? $"; note: {warning}" : ""));
    }

    private static FrameExplanation Explain(RecordingPass pass, int sourceIndex, in TraceRecord record, SignalRanks ranks, Pack? pack)
    {
        var (session, source) = (pass.Session, pass.Session.Sources[sourceIndex]);
        var words = new DecisionPhrases(source, pack?.Cascade);
        long fromStartNs = record.Stamp.CaptureNs - session.StartNs;
        bool hasPicture = !record.Flags.HasFlag(TraceFlags.SignalsLeftOut);
        var signals = hasPicture ? record.Signals : SignalPhrases.WithoutPicture(record.Signals);
        var decisions = new List<DecisionExplanation>();
        for (int i = 0; i < record.DecisionCount; i++)
        {
            decisions.Add(words.Of(record.Decisions[i], signals));
        }

        var fault = FaultPhrases.Of(record, pass.Events);
        string path = record.NodeIndex >= 0 ? source.Nodes[record.NodeIndex].PathName : "no answer";
        return new FrameExplanation(
            pass.Name, source.Name, source.Address, source.PackName, source.PolicyName, record.Stamp.Sequence,
            DateTime.UnixEpoch.AddTicks((session.UtcNs + fromStartNs) / 100), Figures.MsOf(fromStartNs), path,
            record.End.ToString().ToLowerInvariant(), AnswerOf(record, pack),
            ranks.FrameCount, SignalPhrases.Of(signals, ranks, hasPicture), decisions, CostOf(record), AuditOf(record),
            NotesOf(record, pass, fault?.Told))
        {
            Fault = fault?.Text,
            Windows = WindowsOf(record, source),
        };
    }

    private static List<WindowExplanation> WindowsOf(in TraceRecord record, SessionSource source)
    {
        var windows = new List<WindowExplanation>();
        for (int i = 0; i < record.WindowCount; i++)
        {
            var window = record.Windows[i];
            ref readonly var decision = ref record.Decisions[window.DecisionIndex];
            windows.Add(new WindowExplanation(source.Nodes[decision.NodeIndex].Options[decision.OptionIndex].Name, window.DecisionIndex + 1,
                Rounded(window.Left), Rounded(window.Top), Rounded(window.Width), Rounded(window.Height)));
        }

        return windows;
    }

    /// <summary>To a ten-thousandth of the frame's side: no camera has more pixels.</summary>
    private static double Rounded(float share) => Math.Round(share, 4);

    private static string AnswerOf(in TraceRecord record, Pack? pack)
    {
        if (record.End == FrameEnd.Failed)
        {
            return "no answer";
        }

        string sure = Figures.Quality(record.AnswerConfidence);
        if (pack?.Task == TaskKind.Classification)
        {
            return $"{pack.LabelOf(record.AnswerCount)}, confidence {sure}";
        }

        if (pack?.Task is TaskKind.Segmentation or TaskKind.Depth)
        {
            return record.End == FrameEnd.Skipped ? "the previous map" : $"a map of the frame, confidence {sure}";
        }

        if (pack?.Task == TaskKind.Text)
        {
            return (record.End == FrameEnd.Skipped ? "the previous text" : "a text") + $" of {record.AnswerCount} "
                + $"{(record.AnswerCount == 1 ? "character" : "characters")}, confidence {sure}";
        }

        string detections = $"{record.AnswerCount} {(record.AnswerCount == 1 ? "detection" : "detections")}";
        bool isDetection = pack?.Task == TaskKind.Detection || (pack is null && record.Signals.CarriedCount > 0) || HasCount(record);
        if (record.End == FrameEnd.Skipped)
        {
            return isDetection ? $"the previous one, carried over: {detections}" : "the previous one";
        }

        return isDetection ? $"{detections}, the surest with confidence {sure}"
            : $"number {record.AnswerCount} (of the class, of detections or of characters), confidence {sure}";
    }

    /// <summary>Only detectors count.</summary>
    private static bool HasCount(in TraceRecord record)
    {
        bool hasCount = false;
        for (int i = 0; i < record.DecisionCount; i++)
        {
            hasCount |= record.Decisions[i].Exit.Count > 0;
        }

        return hasCount;
    }

    private static FrameCost CostOf(in TraceRecord record)
    {
        bool hasDeadline = record.DeadlineNs != long.MaxValue;
        return new FrameCost(
            Figures.MsOf(record.TakenNs - record.Stamp.CaptureNs), Figures.MsOf(record.SignalsNs), Figures.MsOf(record.PreprocessNs),
            Figures.MsOf(record.StagesNs), Figures.MsOf(record.HeadsNs), Figures.MsOf(record.LatencyNs),
            hasDeadline ? Figures.MsOf(record.DeadlineNs - record.Stamp.CaptureNs) : null,
            hasDeadline && record.PublishedNs > record.DeadlineNs ? Figures.MsOf(record.PublishedNs - record.DeadlineNs) : null,
            Figures.Finite(record.EnergyMillijoules))
        {
            CropCount = record.CropCount,
            CropsMs = record.CropsMicroseconds / 1e3,
        };
    }

    /// <summary>Null for a frame that was not audited. No device time was needed where the heaviest path answered anyway.</summary>
    private static AuditExplanation? AuditOf(in TraceRecord record) => !float.IsFinite(record.AuditLoss)
        ? null
        : new AuditExplanation(Figures.Finite(record.AuditLoss), Figures.MsOf(record.AuditNs), record.AuditProbability);

    /// <summary>By what the recording tells of their turns before the frame.</summary>
    private static List<string> RulesOn(in TraceRecord record, IReadOnlyList<RecordedEvent> events)
    {
        const string Before = "rule '", On = "' is on"; // As the engine tells them.
        var rules = new List<string>();
        foreach (var turn in events)
        {
            bool isBefore = turn.SourceIndex == record.Stamp.SourceIndex && turn.TimeNs < record.Stamp.CaptureNs;
            if (isBefore && turn.Kind == EventKind.Rule && turn.Text.IndexOf("' is o", StringComparison.Ordinal) is var end and > 0)
            {
                string name = turn.Text[Before.Length..end];
                rules.Remove(name);
                rules.AddRange(turn.Text.AsSpan(end).StartsWith(On) ? [name] : []);
            }
        }

        return rules;
    }

    /// <param name="known">An event that is told elsewhere.</param>
    private static List<string> NotesOf(in TraceRecord record, RecordingPass pass, RecordedEvent? known)
    {
        var notes = new List<string>();
        AddIf(notes, record.Flags, TraceFlags.SignalsLeftOut,
            "Signals of the picture were not measured: the policy reads none, and nothing was recorded.");
        AddIf(notes, record.Flags, TraceFlags.Stale,
            "No stage had answered a frame of this source for longer than its answers may be old.");
        if (record.End != FrameEnd.Failed)
        {
            AddIf(notes, record.Flags, TraceFlags.SignalsFailed,
                "Signals could not be computed on this frame, so the pack's fixed route was taken.");
            AddIf(notes, record.Flags, TraceFlags.Fallback, "A stage failed on this frame, and another option answered instead.");
        }

        AddIf(notes, record.Flags, TraceFlags.AtServer, "A server ran a stage of this frame; its time has the way there and back.");
        AddIf(notes, record.Flags, TraceFlags.HereInstead,
            "A stage of this frame ran on the device because its server was late, failed or could not be asked.");
        AddIf(notes, record.Flags, TraceFlags.SourceRestarted, "This is the first frame after the source was restarted.");
        if (RulesOn(record, pass.Events) is { Count: > 0 } rules)
        {
            notes.Add($"Rules that were on: {string.Join(", ", rules)}.");
        }

        foreach (var recorded in pass.Events)
        {
            if (recorded.TimeNs >= record.Stamp.CaptureNs && recorded.TimeNs <= record.PublishedNs && recorded.Text.Length > 0
                && recorded != known)
            {
                notes.Add($"Meanwhile: {recorded.Text}");
            }
        }

        if (pass.Warning is { } warning)
        {
            notes.Add($"Note: {warning}.");
        }

        return notes;
    }

    private static void AddIf(List<string> notes, TraceFlags flags, TraceFlags flag, string text)
    {
        if (flags.HasFlag(flag))
        {
            notes.Add(text);
        }
    }
}
