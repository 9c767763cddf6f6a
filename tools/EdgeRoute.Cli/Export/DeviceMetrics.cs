using System.Diagnostics.Metrics;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Export;

/// <summary>
/// The latest telemetry as metrics, with names and units in the style of OpenTelemetry's conventions. What nothing measures is not there.
/// </summary>
internal sealed class DeviceMetrics : IDisposable
{
    public const string MeterName = "edgeroute";

    private readonly Meter _meter;
    private volatile DeviceStatus? _status;

    public DeviceMetrics(string version)
    {
        _meter = new Meter(MeterName, version);
        _meter.CreateObservableGauge("edgeroute.up", () => _status is null ? 0 : 1, description: "1 while telemetry comes");
        AddStreams();
        AddBoard();
    }

    /// <summary>Null: the connection is lost; then only <c>edgeroute.up</c> is left.</summary>
    public void Take(DeviceStatus? status) => _status = status;

    public void Dispose() => _meter.Dispose();

    private void AddStreams()
    {
        _meter.CreateObservableCounter("edgeroute.frames", () => Streams(Ends), "{frame}", "frames by the way they ended");
        _meter.CreateObservableCounter("edgeroute.frames.captured", () => Streams(s => [Of(s, s.Captured)]), "{frame}", "frames captured");
        _meter.CreateObservableCounter("edgeroute.frames.late", () => Streams(s => [Of(s, s.Late)]), "{frame}",
            "frames published after their deadline");
        _meter.CreateObservableCounter("edgeroute.frames.stale", () => Streams(s => [Of(s, s.Freshness?.StaleCount)]), "{frame}",
            "frames that ended while nothing had been looked at for longer than answers may be old");
        _meter.CreateObservableCounter("edgeroute.source.restarts", () => Streams(s => [Of(s, s.SourceRestarts)]), "{restart}",
            "times the source was opened again");
        _meter.CreateObservableGauge("edgeroute.frame.rate", () => Streams(s => [Of(s, s.Window.FramesPerSecond)]), "{frame}/s",
            "frames answered a second, over the last seconds");
        _meter.CreateObservableGauge("edgeroute.frame.latency", () => Streams(Latencies), "ms",
            "capture to publish over the last seconds, by quantile");
        _meter.CreateObservableGauge("edgeroute.frame.device_time", () => Streams(s => [Of(s, s.Window.DeviceMsMean)]), "ms",
            "preprocessing, stages and heads, mean of a frame");
        _meter.CreateObservableGauge("edgeroute.path.share", () => Streams(s => s.Window.Paths.Select(p => Of(s, p.Share, "path",
            p.Path))), "1", "share of the frames that a path answered");
        _meter.CreateObservableGauge("edgeroute.deadline", () => Streams(s => [Of(s, s.DeadlineMs)]), "ms", "capture to publish at most");
        _meter.CreateObservableGauge("edgeroute.price", () => Streams(s => [Of(s, s.Price?.InForce)]), "1/ms",
            "price of device time in force, gain per millisecond");
        _meter.CreateObservableGauge("edgeroute.price.ceiling", () => Streams(s => [Of(s, s.Price?.Ceiling)]), "1/ms",
            "highest price that the quality floor allows");
        _meter.CreateObservableGauge("edgeroute.budget.measured", () => Streams(s => Budgets(s, b => b.Measured)),
            description: "what a budget measures, in the budget's unit");
        _meter.CreateObservableGauge("edgeroute.budget.target", () => Streams(s => Budgets(s, b => b.Target)),
            description: "what a budget allows, in the budget's unit");
        _meter.CreateObservableGauge("edgeroute.audit.agreement", () => Streams(s => [Of(s, s.Audit?.AgreementMean)]), "1",
            "agreement of audited frames with the heaviest path");
        _meter.CreateObservableCounter("edgeroute.audit.breaches", () => Streams(s => [Of(s, s.Audit?.BreachCount)]), "{breach}",
            "breaches of the quality floor");
    }

    private void AddBoard()
    {
        _meter.CreateObservableGauge("edgeroute.board.power", () => Board(b => b.Watts), "W", "power that the board draws");
        _meter.CreateObservableGauge("edgeroute.board.temperature", () => Board(b => b.HottestCelsius), "Cel", "the hottest zone");
        _meter.CreateObservableGauge("edgeroute.board.cpu.utilization", () => Board(b => b.CpuPercent / 100), "1", "processor load");
        _meter.CreateObservableGauge("edgeroute.board.gpu.utilization", () => Board(b => b.GpuPercent / 100), "1",
            "load of the graphics processor");
        _meter.CreateObservableGauge("edgeroute.board.memory.available", () => Board(b => b.MemoryAvailableBytes), "By",
            "memory that is free or can be freed");
        _meter.CreateObservableGauge("edgeroute.process.memory.resident", () => Board(b => b.ResidentBytes), "By", "memory of the runtime");
        _meter.CreateObservableCounter("edgeroute.board.throttles", () => Board(b => b.ThrottleCount), "{throttle}",
            "times the board slowed itself down");
        _meter.CreateObservableCounter("edgeroute.channel.telemetry.lost", () => Board(_ => _status?.Channel.TelemetryLostCount),
            "{message}", "telemetry that slow readers lost");
        _meter.CreateObservableCounter("edgeroute.answers.told", () => Outputs(o => o.ToldCount), "{answer}",
            "answers handed to an output, to the channel's subscribers together, or to one");
        _meter.CreateObservableCounter("edgeroute.answers.lost", () => Outputs(o => o.LostCount), "{answer}",
            "answers that an output or subscriber did not get: too slow, full or gone");
        _meter.CreateObservableCounter("edgeroute.gpio.edges", () => Lines(l => l.EdgeCount), "{edge}", "changes of a GPIO line's level");
        _meter.CreateObservableCounter("edgeroute.gpio.lost", () => Lines(l => l.LostCount), "{edge}",
            "edges and triggers that were too fast, and what rules asked of a GPIO line that could not be had");
        _meter.CreateObservableCounter("edgeroute.gpio.faults", () => Lines(l => l.FaultCount), "{fault}",
            "times a GPIO line could not be had or was lost");
        _meter.CreateObservableCounter("edgeroute.engine.requests", () => Engines(e => e.RequestCount), "{run}",
            "runs of stages asked of an engine");
        _meter.CreateObservableCounter("edgeroute.engine.answered", () => Engines(e => e.AnsweredCount), "{run}",
            "runs that an engine answered in time");
        _meter.CreateObservableCounter("edgeroute.engine.here", () => Engines(e => e.HereCount), "{run}",
            "runs that were done on the device because an engine let them down");
        _meter.CreateObservableCounter("edgeroute.engine.sent", () => Engines(e => e.BytesOut), "By", "bytes of requests to an engine");
    }

    private IEnumerable<Measurement<double>> Engines(Func<EngineStatus, double> value) =>
        (_status?.Engines ?? []).Select(e => new Measurement<double>(value(e), new KeyValuePair<string, object?>("engine", e.Name)));

    private IEnumerable<Measurement<double>> Lines(Func<GpioLineStatus, double> value) =>
        (_status?.Gpio ?? []).Select(l => new Measurement<double>(value(l), new KeyValuePair<string, object?>("line", l.Name),
            new KeyValuePair<string, object?>("use", l.Use)));

    private IEnumerable<Measurement<double>> Outputs(Func<OutputStatus, double> value) =>
        (_status?.Outputs ?? []).Select(o => new Measurement<double>(value(o), new KeyValuePair<string, object?>("kind", o.Kind),
            new KeyValuePair<string, object?>("output", o.Name)));

    private IEnumerable<Measurement<double>> Streams(Func<StreamStatus, IEnumerable<Measurement<double>>> of) =>
        (_status?.Streams ?? []).SelectMany(of).Where(m => double.IsFinite(m.Value));

    private IEnumerable<Measurement<double>> Board(Func<BoardStatus, double?> of) => _status is { } status && of(status.Board) is { } value
        ? [new Measurement<double>(value)] : [];

    private static IEnumerable<Measurement<double>> Ends(StreamStatus s) =>
    [
        Of(s, s.Completed, "end", "completed"), Of(s, s.Exited, "end", "exited"), Of(s, s.Escalated, "end", "escalated"), Of(s, s.Skipped,
            "end", "skipped"),
        Of(s, s.Dropped, "end", "dropped"), Of(s, s.Failed, "end", "failed"),
    ];

    private static IEnumerable<Measurement<double>> Latencies(StreamStatus s) =>
        [Of(s, s.Window.LatencyMsP50, "quantile", "0.5"), Of(s, s.Window.LatencyMsP95, "quantile", "0.95"),
            Of(s, s.Window.LatencyMsP99, "quantile", "0.99")];

    private static IEnumerable<Measurement<double>> Budgets(StreamStatus s, Func<BudgetStatus, double> value) =>
        (s.Price?.Budgets ?? []).Select(b => Of(s, value(b), "budget",
        b.Name));

    /// <summary>Null becomes what is not exported.</summary>
    private static Measurement<double> Of(StreamStatus s, double? value) => new(value ?? double.NaN,
        new KeyValuePair<string, object?>("stream", s.Name));

    private static Measurement<double> Of(StreamStatus s, double value, string key, string word) =>
        new(value, new KeyValuePair<string, object?>("stream", s.Name), new KeyValuePair<string, object?>(key, word));
}
