using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>What was measured on a stream since a change.</summary>
/// <param name="Window">Frames published since then.</param>
/// <param name="Ends">All ends of the stream by now.</param>
/// <param name="LateCount">All late frames by now.</param>
/// <param name="Agreement">1 - mean loss of the frames audited since then; not a number without audits.</param>
/// <param name="Watts">The board's power; null where nothing measures it.</param>
internal sealed record TrialReading(WindowStatus Window, EndTally Ends, long LateCount, double Agreement, double? Watts);

/// <summary>What a trial is of.</summary>
/// <param name="StreamIndex">The stream that conditions are measured on; -1: it was taken away, so that nothing can be.</param>
/// <param name="Stream">Its name.</param>
/// <param name="TakeBack">Goes back to what was before, and writes that down with an outcome and a reason.</param>
internal sealed record TrialSubject(int StreamIndex, string Stream, Func<string, string, Task> TakeBack)
{
    /// <summary>What is still to be done once the change is kept; returns what came of it, in words.</summary>
    public Func<string>? Settle { get; init; }
}

/// <summary>A change that must prove itself. Judged from readings handed in; pure but for its own state.</summary>
internal sealed class Trial(TrialSubject subject, TrialRequest request, long journalNumber, long startNs, TrialReading start)
{
    /// <summary>Frames before anything but failures is judged: a p99 of fewer is the slowest of a few.</summary>
    public const int FrameLeast = 100;

    /// <summary>Audits before agreement is judged.</summary>
    public const int AuditLeast = 20;

    private List<string> _conditions = [];

    public TrialSubject Subject => subject;

    public int StreamIndex => subject.StreamIndex;

    public string Stream => subject.Stream;

    public string Name => $"trial {journalNumber}";

    public long JournalNumber => journalNumber;

    public long StartNs => startNs;

    public TrialRequest Request => request;

    public bool IsConfirmed { get; set; }

    public bool IsOver(long nowNs) => SecondsLeft(nowNs) <= 0;

    /// <summary>Judges the change on what was measured. Null: nothing is broken; else why it must be rolled back.</summary>
    public string? Judge(TrialReading now, long nowNs)
    {
        bool isOver = IsOver(nowNs);
        bool isEnough = now.Window.FrameCount >= FrameLeast || isOver;
        var checks = new List<Check>();
        AddMost(checks, "failed frames", now.Ends.Failed - start.Ends.Failed, request.FailedMost, isAlways: true);
        AddMost(checks, "late frames", now.LateCount - start.LateCount, request.LateMost, isAlways: true);
        AddMost(checks, "p99 ms", now.Window.LatencyMsP99, request.LatencyMsP99, isEnough);
        AddMost(checks, "device ms a frame", now.Window.DeviceMsMean, request.DeviceMsMean, isEnough);
        AddMost(checks, "W", now.Watts ?? double.NaN, request.Watts, isEnough);
        AddLeast(checks, "frames/s", now.Window.FramesPerSecond, request.FramesPerSecondLeast, isEnough);
        AddLeast(checks, "agreement", now.Agreement, request.AgreementLeast, isEnough);
        _conditions = checks.ConvertAll(c => c.Words);
        if (checks.Find(c => c.IsBroken) is { } broken)
        {
            return broken.Words;
        }

        if (!isOver)
        {
            return null;
        }

        if (checks.Find(c => !c.IsKnown) is { } unknown)
        {
            return $"{unknown.Words}: nothing measured it";
        }

        if (now.Window.FrameCount == 0 && StreamIndex >= 0)
        {
            return "no frame was answered";
        }

        if (request.NeedsConfirmation && !IsConfirmed)
        {
            return "nobody confirmed it";
        }

        return null;
    }

    public TrialStatus Status(string state, long nowNs) => new()
    {
        Stream = subject.Stream,
        State = state,
        SecondsLeft = Math.Max(0, SecondsLeft(nowNs)),
        NeedsConfirmation = request.NeedsConfirmation && !IsConfirmed,
        Conditions = [.. _conditions],
        JournalNumber = journalNumber,
    };

    private double SecondsLeft(long nowNs) => request.Seconds - ((nowNs - startNs) / 1e9);

    private sealed record Check(string Words, bool IsBroken, bool IsKnown);

    private static void AddMost(List<Check> checks, string name, double measured, double? most, bool isAlways)
    {
        if (most is { } limit)
        {
            checks.Add(new Check(Words(name, measured, "<=", limit), isAlways && measured > limit, !double.IsNaN(measured)));
        }
    }

    private static void AddLeast(List<Check> checks, string name, double measured, double? least, bool isEnough)
    {
        if (least is { } limit)
        {
            checks.Add(new Check(Words(name, measured, ">=", limit), isEnough && measured < limit, !double.IsNaN(measured)));
        }
    }

    private static string Words(string name, double measured, string sign, double limit) => double.IsNaN(measured)
        ? string.Create(CultureInfo.InvariantCulture, $"{name} - (must be {sign} {limit:0.###})")
        : string.Create(CultureInfo.InvariantCulture, $"{name} {measured:0.###} (must be {sign} {limit:0.###})");
}
