using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Gpio;

/// <summary>Whether a line locks frames now. Set by the line's thread, read by the frame loop.</summary>
public sealed class LineSwitch
{
    private volatile bool _isOn;

    public bool IsOn
    {
        get => _isOn;
        set => _isOn = value;
    }
}

/// <summary>A lock on a stream's frames while a line is active.</summary>
/// <param name="NodeIndex">What they are locked to.</param>
/// <param name="IsStop">It goes before every other lock.</param>
public readonly record struct LineLock(LineSwitch Switch, int NodeIndex, bool IsStop);

/// <summary>
/// The GPIO lines of a run: made with the engine, taken when it runs, and given back with outputs at their safe levels when it ends.
/// </summary>
internal sealed class DeviceLines : IDisposable
{
    private const string CauseStart = "GPIO line ";

    private readonly GpioConfig _config;
    private readonly Func<GpioLineConfig, IGpioLine>? _open;
    private readonly TimeProvider _clock;
    private readonly Action<ReportLevel, string> _tell;
    private readonly Dictionary<string, LineSwitch> _switches;
    private readonly Dictionary<string, TriggerGate> _gates;
    private readonly Dictionary<string, OutputLine> _outputs;
    private readonly List<InputLine> _inputs = [];
    private readonly List<HeartbeatLine> _heartbeats = [];
    private volatile OutputThread? _thread;
    private volatile bool _isRunning;

    /// <param name="open">Takes a line; null leaves all lines alone, for a run that is none of the device's own.</param>
    /// <param name="tell">Told of what happens to lines.</param>
    public DeviceLines(GpioConfig config, Func<GpioLineConfig, IGpioLine>? open, TimeProvider clock, Action<ReportLevel, string> tell)
    {
        (_config, _open) = (config, open);
        (_clock, _tell) = (clock, tell);
        _switches = config.Lines.Where(l => l.Path is not null).ToDictionary(l => l.Name, _ => new LineSwitch());
        _gates = config.Lines.Where(l => l.Use == GpioUse.Trigger && open is not null).Select(l => l.Source!).Distinct()
            .ToDictionary(s => s, _ => new TriggerGate());
        _outputs = config.Lines.Where(l => l.Use == GpioUse.Rule)
            .ToDictionary(l => l.Name, l => new OutputLine(new DrivenLine(Held(l)), () => _thread?.Wake(), clock));
    }

    /// <summary>What lets a source's frames through; null where it takes them as they come.</summary>
    public TriggerGate? GateOf(string source) => _gates.GetValueOrDefault(source);

    /// <summary>An output that rules drive.</summary>
    public OutputLine OutputNamed(string name) => _outputs[name];

    /// <summary>The locks of a source's frames, those of stops first.</summary>
    /// <param name="nodeOf">The node of a path.</param>
    public LineLock[] LocksOf(string source, Func<GpioLineConfig, int> nodeOf) => [.. PathsOf(_config, source)
        .Select(l => new LineLock(_switches[l.Name], nodeOf(l), l.Use == GpioUse.Stop)).OrderByDescending(l => l.IsStop)];

    /// <summary>The lines that lock a source's frames to a path.</summary>
    public static IEnumerable<GpioLineConfig> PathsOf(GpioConfig config, string source) =>
        config.Lines.Where(l => l.Path is not null && l.IsAbout(source));

    /// <summary>Takes the lines; once. What each does begins with its level now.</summary>
    /// <param name="stop">Pressed by stop lines.</param>
    /// <param name="isAlive">Whether the frame loop comes round; asked by a thread.</param>
    /// <param name="progress">How far the sources have come; asked by a thread.</param>
    public void Start(StopSwitch stop, Func<bool> isAlive, Func<IReadOnlyList<StreamProgress>> progress)
    {
        if (_open is null)
        {
            return;
        }

        LetGoOfOthers(stop);
        var thread = new OutputThread(_clock, isAlive, Warn);
        foreach (var line in _config.Lines.Where(l => l.Use == GpioUse.Heartbeat))
        {
            _heartbeats.Add(new HeartbeatLine(new DrivenLine(Held(line)), progress, _tell));
            thread.Add(_heartbeats[^1].Step);
        }

        foreach (var output in _outputs.Values)
        {
            thread.Add(output.Step);
        }

        _inputs.AddRange(_config.Lines.Where(l => !l.IsOutput).Select(l => new InputLine(Held(l), ActionsOf(l, stop), _clock, Warn)));
        _inputs.ForEach(i => i.Start());
        if (_outputs.Count + _heartbeats.Count > 0)
        {
            thread.Start();
            _thread = thread;
        }

        _isRunning = true;
    }

    /// <summary>How every line stands; any thread. Empty while none is held.</summary>
    public IReadOnlyList<GpioLineStatus> Statuses() => !_isRunning ? [] :
    [
        .. _inputs.Select(i => LineReport.Of(i, GateOf(i.Held.Config.Source ?? ""), _clock)),
        .. _outputs.Values.Select(o => LineReport.Of(o, _clock)),
        .. _heartbeats.Select(h => LineReport.Of(h.Line, _clock)),
    ];

    /// <summary>Outputs get their safe levels and lines are given back. A stop that is pressed stays so, whoever runs next.</summary>
    public void Dispose()
    {
        _isRunning = false;
        if (_thread?.Stop() ?? true)
        {
            _outputs.Values.Select(o => o.Line).Concat(_heartbeats.Select(h => h.Line)).ToList()
                .ForEach(l => l.GiveBack(_clock.NowNs()));
        }
        else
        {
            Warn("a GPIO output hangs inside its chip's driver; outputs keep their levels until the process ends");
        }

        _inputs.ForEach(i => i.Dispose());
    }

    private HeldLine Held(GpioLineConfig line) => new(line, _open!, _tell);

    private void Warn(string text) => _tell(ReportLevel.Warning, text);

    /// <summary>A line that pressed the stop in a run before, and that this config does not have any more, would never let go.</summary>
    private void LetGoOfOthers(StopSwitch stop)
    {
        string[] own = [.. _config.Lines.Where(l => l.Use == GpioUse.Stop).Select(l => CauseStart + l.Name)];
        foreach (var cause in stop.Causes.Where(c => c.Cause.StartsWith(CauseStart, StringComparison.Ordinal) && !own.Contains(c.Cause)))
        {
            stop.Release(cause.Cause);
        }
    }

    private InputActions ActionsOf(GpioLineConfig line, StopSwitch stop) => line.Use switch
    {
        GpioUse.Trigger => new InputActions(_ => { }, _gates[line.Source!].Ask),
        GpioUse.Stop => new InputActions(isActive => Stop(line, stop, isActive), () => { }),
        _ => new InputActions(isActive => Lock(line, isActive == true), () => { }),
    };

    /// <summary>A stop that cannot be read counts as pressed.</summary>
    private void Stop(GpioLineConfig line, StopSwitch stop, bool? isActive)
    {
        bool isPressed = isActive != false;
        if (_switches.TryGetValue(line.Name, out var frames))
        {
            frames.IsOn = isPressed;
        }

        if (isPressed)
        {
            stop.Press(CauseStart + line.Name, isActive is null ? $"{line.Place} cannot be read" : $"{line.Place} is active");
        }
        else
        {
            stop.Release(CauseStart + line.Name);
        }
    }

    private void Lock(GpioLineConfig line, bool isActive)
    {
        var frames = _switches[line.Name];
        if (frames.IsOn == isActive)
        {
            return;
        }

        frames.IsOn = isActive;
        string whose = line.Source is { } source ? $"of source {source} " : "";
        _tell(ReportLevel.Notice, $"GPIO line '{line.Name}' is {(isActive ? "active" : "inactive")}: frames {whose}are "
            + $"{(isActive ? "" : "no longer ")}locked to '{line.Path}'");
    }
}
