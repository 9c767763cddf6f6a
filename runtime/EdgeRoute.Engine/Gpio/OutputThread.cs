using EdgeRoute.Engine.Faults;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Gpio;

/// <summary>
/// The thread that writes the output lines, so that a chip that is slow, one behind I2C for instance, never keeps the frame loop. It goes
/// by the loop's signs of life: a loop that does not come round has its lines at their safe levels.
/// </summary>
/// <param name="isAlive">Whether the frame loop comes round.</param>
/// <param name="warn">Told of what the thread could not do.</param>
internal sealed class OutputThread(TimeProvider clock, Func<bool> isAlive, Action<string> warn)
{
    /// <summary>How long the end waits for a write: a chip behind I2C takes a millisecond.</summary>
    public const int StopLimitMs = 500;

    /// <summary>Longest wait: how long a loop that has stopped may go unnoticed.</summary>
    private const int LookMs = 250;

    private const long NsPerMs = 1_000_000;

    private readonly AutoResetEvent _wake = new(false);
    private readonly List<Func<long, bool, long>> _steps = [];
    private Thread? _thread;
    private volatile bool _isEnding;
    private bool _wasAlive = true;

    /// <param name="step">Given the time and whether the loop is alive, says when it wants to be called again.</param>
    public void Add(Func<long, bool, long> step) => _steps.Add(step);

    /// <summary>Has every line looked at soon; any thread.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Takes the lines, and goes on from a thread of its own.</summary>
    public void Start()
    {
        Turn();
        _thread = PartThread.Make("gpio outputs", Run, fault => warn($"the thread of the GPIO outputs ended: {PartThread.Words(fault)}"));
        _thread.Start();
    }

    /// <summary>Ends the thread. False: it hangs inside a chip's driver, so that no line can be given another level either.</summary>
    public bool Stop()
    {
        _isEnding = true;
        Wake();
        return _thread?.Join(StopLimitMs) ?? true;
    }

    private void Run()
    {
        while (!_isEnding)
        {
            int waitMs = LookMs;
            try
            {
                waitMs = Turn();
            }
            catch (Exception fault) when (PartThread.IsPartsOwn(fault))
            {
                warn($"GPIO outputs: {PartThread.Words(fault)}");
            }

            _wake.WaitOne(waitMs);
        }
    }

    /// <returns>Milliseconds until the next.</returns>
    private int Turn()
    {
        bool isLoopAlive = isAlive();
        if (isLoopAlive != _wasAlive)
        {
            _wasAlive = isLoopAlive;
            warn(isLoopAlive ? "the frame loop comes round again: GPIO outputs follow their rules"
                : "the frame loop does not come round: GPIO outputs have their safe levels until it does");
        }

        long nowNs = clock.NowNs(), nextNs = nowNs + (LookMs * NsPerMs);
        foreach (var step in _steps)
        {
            nextNs = Math.Min(nextNs, step(nowNs, isLoopAlive));
        }

        // Rounded up: a pulse is never shorter than was asked for.
        return (int)Math.Clamp((nextNs - clock.NowNs() + NsPerMs - 1) / NsPerMs, 0, LookMs);
    }
}
