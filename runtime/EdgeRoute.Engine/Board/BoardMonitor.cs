using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Board;

/// <summary>
/// Measures the machine while the engine runs, on a thread of its own: reading a sensor waits for a bus, which no frame should. Others read
/// <see cref="Latest"/> and <see cref="Power"/> at any time.
/// </summary>
/// <param name="monitor">What the device config names to measure the power with.</param>
/// <param name="onEvent">Told, in words, when power is lost or there again; on the monitor's thread.</param>
internal sealed class BoardMonitor(SystemFiles files, TimeProvider clock, Action<string> onEvent, Ina219Config? monitor = null)
    : IDisposable
{
    /// <summary>
    /// Between two readings of the power on the mean: a reading of an I2C monitor takes 1 to 2 ms, so the bus is busy for a fiftieth of the
    /// time.
    /// </summary>
    private const int IntervalMs = 100;

    /// <summary>
    /// Readings are spread by so much each way: at even steps, a camera of 10, 20 or 30 frames a second would be seen at the same moment of
    /// every frame, and the mean would be wrong for good.
    /// </summary>
    private const int SpreadMs = 30;

    /// <summary>The golden ratio less one: multiples of it fill the unit interval most evenly.</summary>
    private const double SpreadStep = 0.6180339887;

    /// <summary>
    /// Lines about power lost and regained, so that a loose contact does not fill the journal; the readings show the rest.
    /// </summary>
    private const int EventLimit = 20;

    private readonly BoardProbe _probe = new(files, monitor);
    private readonly ManualResetEventSlim _isStopping = new();
    private readonly FaultCounts _faults = new();
    private Thread? _thread;
    private volatile BoardReading _latest = BoardReading.None;
    private int _eventCount;

    /// <summary>The latest reading; at most a tenth of a second old in power and a second in the rest.</summary>
    public BoardReading Latest => _latest;

    /// <summary>The latest power as one figure, for the frame loop.</summary>
    public PowerGauge Power { get; } = new();

    /// <summary>Measured once more; on the monitor's thread.</summary>
    public event Action<BoardReading>? Measured;

    /// <summary>Reads once on the caller's thread, before or in place of <see cref="Start"/>.</summary>
    public void Measure()
    {
        var before = _latest;
        var now = _probe.Read(clock.NowNs());
        _latest = now;
        (Power.Watts, Power.Celsius) = ((float?)now.Watts ?? float.NaN, (float?)now.HottestCelsius ?? float.NaN);
        Power.ClockMegahertz = (float?)now.ClockCapMegahertz ?? float.NaN;
        if (before.Watts is null != now.Watts is null && before != BoardReading.None)
        {
            OnTurn(before, now);
        }

        Measured?.Invoke(now);
    }

    /// <summary>Begins to measure on a thread of its own; once.</summary>
    public void Start()
    {
        _thread = PartThread.Make("board", Run, TellFault);
        _thread.Start();
    }

    /// <summary>Ends the thread; the last reading stays.</summary>
    public void Stop()
    {
        _isStopping.Set();
        _thread?.Join();
        _thread = null;
    }

    public void Dispose()
    {
        Stop();
        _probe.Dispose();
        _isStopping.Dispose();
    }

    private void Run()
    {
        for (double phase = 0; !_isStopping.Wait(IntervalMs - SpreadMs + (int)(2 * SpreadMs * phase)); phase = (phase + SpreadStep) % 1)
        {
            PartThread.Try(Measure, TellFault);
        }
    }

    private void TellFault(Exception fault)
    {
        if (_faults.Add("the board cannot be measured", PartThread.Words(fault)) is { } line)
        {
            onEvent(line);
        }
    }

    private void OnTurn(BoardReading before, BoardReading now)
    {
        // A counter of energy gives its first figure with the second reading, which is no news.
        bool isFirst = now.Watts is not null && before is { PowerSource: not null, WattsMean: null };
        if (isFirst || _eventCount >= EventLimit)
        {
            return;
        }

        _eventCount++;
        string rest = _eventCount < EventLimit ? "" : ". That it comes and goes is not told any more";
        onEvent(now.Watts is not null ? $"power is measured: {now.PowerSource}{rest}"
            : $"power is not measured any more: {now.PowerReason}. Budgets in watts and millijoules rest until it is{rest}");
    }
}
