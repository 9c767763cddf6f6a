using EdgeRoute.Documents;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>What an engine has to say: while it runs, line by line, and at its end, in figures. Any thread unless said otherwise.</summary>
internal sealed class EngineReports(EngineState state, BoardMonitor board, EngineReporter report)
{
    private readonly EventRepeats _repeats = new();
    private readonly Lock _repeatsGate = new();
    private volatile bool _hasLostOutput;

    /// <summary>Every line that concerns the whole run or one source, on the thread that tells it.</summary>
    public event Action<EngineEvent>? Told;

    /// <summary>How every source stands.</summary>
    public IReadOnlyList<SourceStatus> Statuses() => [.. state.Live.Select(StatusOf)];

    /// <summary>The run so far.</summary>
    /// <param name="loopAllocatedBytes">Managed bytes that the loop allocated for frames after it had settled.</param>
    public RunReport Run(double seconds, long loopAllocatedBytes)
    {
        List<PackReport> packs = [.. state.Packs.Select(p => PackReportOf(p.Key, p.Value))];
        return RunReport.Of(seconds, state.Config.HashText(), loopAllocatedBytes, Statuses(), packs) with
        {
            Board = board.Latest, HasLostOutput = _hasLostOutput,
        };
    }

    /// <summary>At start, once: what measures the machine's power, and which budgets cannot be held where nothing does.</summary>
    public void MeasureBoard()
    {
        board.Measure();
        foreach (string line in PowerNeed.Unmet(state.Config, board.Latest))
        {
            report(ReportLevel.Warning, line);
        }

        if (board.Latest.PowerSource is { } source)
        {
            report(ReportLevel.Notice, $"power: {source}");
        }
    }

    /// <summary>What concerns the whole run, and is nothing to worry about.</summary>
    public void Note(string text) => Report(ReportLevel.Notice, "", EventKind.Note, text);

    /// <summary>What concerns the whole run.</summary>
    public void Warn(string text) => Report(ReportLevel.Warning, "", EventKind.Note, text);

    /// <summary>An output failed for good.</summary>
    public void NoteLostOutput() => _hasLostOutput = true;

    /// <summary>What concerns the whole run.</summary>
    public void Say(ReportLevel level, string text) => Report(level, "", EventKind.Note, text);

    /// <summary>What a stream has to say. A rule that turns on is what somebody asked to be told of, and no fault.</summary>
    public void Tell(int streamIndex, EventKind kind, string text) =>
        Report(kind == EventKind.Rule ? ReportLevel.Notice : ReportLevel.Warning, NameOf(streamIndex), kind, text);

    /// <summary>What happened at a source; the same again and again is folded into a line now and then.</summary>
    public void Tell(string source, SourceEvent happened, ReportLevel level, EventKind kind, string text)
    {
        string? line;
        lock (_repeatsGate)
        {
            line = _repeats.LineOf(happened.SourceIndex, kind, text, happened.AtNs);
        }

        if (line is not null)
        {
            Report(level, source, kind, line);
        }
    }

    /// <summary>At the end: what was folded and not told yet.</summary>
    public void TellRest()
    {
        lock (_repeatsGate)
        {
            foreach (var (sourceIndex, kind, line) in _repeats.Rest())
            {
                var level = kind == EventKind.SourceFault ? ReportLevel.Warning : ReportLevel.Notice;
                Report(level, NameOf(sourceIndex), kind, line);
            }
        }
    }

    /// <summary>A source whose thread does not come back. Within the time that a call may take, that is no fault of the source.</summary>
    public void TellLeftBehind(string source, bool isHanging)
    {
        if (isHanging)
        {
            Warn($"source {source} hangs inside its library and is left behind; its thread ends with the process");
        }
        else
        {
            Note($"source {source} was not waited for: it was still opening or reading when it was stopped");
        }
    }

    /// <summary>An output that has drained: what it could not write.</summary>
    public void TellLosses(PublishQueue queue)
    {
        if (queue.Fault is { } fault)
        {
            Warn($"{queue.Name} ended early: {fault.Message}");
        }

        if (queue.LostCount > 0)
        {
            string cause = queue.Fault is null ? " because writing is slower than the frames" : "";
            Warn($"{queue.Name}: {queue.LostCount} frames were not written{cause}");
        }
    }

    /// <param name="source">Empty: the whole run.</param>
    private void Report(ReportLevel level, string source, EventKind kind, string text)
    {
        report(level, source.Length == 0 ? text : $"source {source}: {text}");
        Told?.Invoke(new EngineEvent(TimeProvider.System.UtcNs(), level, source, kind, text));
    }

    private PackReport PackReportOf(string name, LoadedPack pack) =>
        new(name, [.. state.Config.Sources.Where(s => s.PackName == name).Select(s => s.Name)], pack.Stages.HeadLosses)
        {
            Instructions = pack.Stages.Wants.Instruction ? pack.Stages.Instructions : null,
        };

    private string NameOf(int streamIndex) => state.Find(streamIndex)?.Stream.Name ?? $"number {streamIndex}, since removed";

    /// <summary>How a stream stands.</summary>
    public SourceStatus StatusOf(LiveStream live)
    {
        var stream = live.Stream;
        var tally = live.Capture?.Tally ?? new CaptureTally();
        long faults = Enum.GetValues<SourceFaultKind>().Sum(tally.FaultCount);
        var policy = stream.Parts.Plan is null ? null : PolicyReport.Of(stream.Plans);
        return new SourceStatus(live.Tally, stream.Tally, faults, tally.RestartCount,
            RoutingReport.Of(stream.Pricing, stream.Parts.Auditor), policy, live.Capture?.StatusText)
        {
            Faults = stream.Faults,
            Stages = stream.StageHealth,
            Crops = stream.Crops,
        };
    }
}
