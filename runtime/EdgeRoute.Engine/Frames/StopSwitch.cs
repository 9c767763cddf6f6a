using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// The emergency stop of a device. Each cause presses and releases for itself, and the switch is pressed while any cause holds it: a
/// program that releases does not let go what a button still holds. Whoever moves a robot asks before each movement, and gives out holds
/// meanwhile. It outlives runs of the engine, so that starting again releases nothing. Any thread.
/// </summary>
public sealed class StopSwitch(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<StopCause> _causes = [];
    private volatile bool _isPressed;

    /// <summary>A cause pressed it or let go; on the thread that did so, one at a time, in order. It must return at once.</summary>
    public event Action<StopChange>? Changed;

    /// <summary>Costs one read of memory.</summary>
    public bool IsPressed => _isPressed;

    /// <summary>What holds it now, the first one first; empty while it is released.</summary>
    public IReadOnlyList<StopCause> Causes
    {
        get
        {
            lock (_gate)
            {
                return [.. _causes];
            }
        }
    }

    /// <summary>False: this cause holds it already, and nothing changes.</summary>
    /// <param name="cause">What holds it, such as <c>line estop</c>; <see cref="Release"/> names the same.</param>
    /// <param name="reason">More about it, for people; empty for nothing.</param>
    public bool Press(string cause, string reason = "")
    {
        lock (_gate)
        {
            if (_causes.Exists(c => c.Cause == cause))
            {
                return false;
            }

            var pressed = new StopCause(cause, reason, clock.NowNs(), clock.UtcNs());
            _causes.Add(pressed);
            _isPressed = true;
            Changed?.Invoke(new StopChange(pressed, IsPressing: true, _causes.Count));
            return true;
        }
    }

    /// <summary>False: this cause does not hold it, and nothing changes. Others may hold it still.</summary>
    public bool Release(string cause)
    {
        lock (_gate)
        {
            int at = _causes.FindIndex(c => c.Cause == cause);
            if (at < 0)
            {
                return false;
            }

            var released = _causes[at];
            _causes.RemoveAt(at);
            _isPressed = _causes.Count > 0;
            Changed?.Invoke(new StopChange(released, IsPressing: false, _causes.Count));
            return true;
        }
    }
}

/// <summary>Something that holds the emergency stop.</summary>
/// <param name="Reason">More about it, for people; empty for nothing.</param>
/// <param name="SinceNs">When it was pressed, on the monotonic clock.</param>
/// <param name="SinceUtcNs">The same in nanoseconds since 1970.</param>
public sealed record StopCause(string Cause, string Reason, long SinceNs, long SinceUtcNs)
{
    /// <summary>For people.</summary>
    public string Words => Reason.Length == 0 ? Cause : $"{Cause} ({Reason})";
}

/// <summary>A cause has pressed the emergency stop, or let go of it.</summary>
/// <param name="CauseCount">Causes that hold it now; 0: it is released.</param>
public sealed record StopChange(StopCause Cause, bool IsPressing, int CauseCount)
{
    /// <summary>For people: what happened, and what it means.</summary>
    public string Words
    {
        get
        {
            if (IsPressing)
            {
                return $"emergency stop: pressed by {Cause.Words}; every actuator is told to hold";
            }

            return CauseCount > 0 ? $"emergency stop: {Cause.Cause} has let go; {CauseCount} more hold it, and actuators still hold"
                : $"emergency stop: released by {Cause.Cause}; actions go on with the next plan";
        }
    }
}
