using EdgeRoute.Core.Costs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Gpio;

/// <summary>What an input line does. Called on the line's thread; returns at once.</summary>
/// <param name="OnLevel">Its level, whenever that changes or is known again; null: it cannot be read.</param>
/// <param name="OnRise">It has become active.</param>
internal sealed record InputActions(Action<bool?> OnLevel, Action OnRise);

/// <summary>
/// An input line with a thread of its own, which waits for edges. Now and then it also looks at the level: a chip that is gone may wake
/// nobody, and edges that come faster than they are read are counted and made up for.
/// </summary>
internal sealed class InputLine(HeldLine held, InputActions actions, TimeProvider clock, Action<string> warn) : IDisposable
{
    /// <summary>How long a chip that is gone may go unnoticed.</summary>
    public const int LookMs = 500;

    private readonly ManualResetEventSlim _ending = new();
    private Thread? _thread;
    private IGpioLine? _waiting;
    private uint _sequence;
    private bool _isDisposed;
    private long _edgeCount, _lostCount, _changedNs;
    private int _level = Unknown;

    private const int Unknown = -1, Inactive = 0, Active = 1;

    public HeldLine Held => held;

    /// <summary>Null while it cannot be read.</summary>
    public bool? IsActive => Volatile.Read(ref _level) switch { Active => true, Inactive => false, _ => null };

    public long EdgeCount => Interlocked.Read(ref _edgeCount);

    /// <summary>Edges that the kernel's queue had no room for.</summary>
    public long LostCount => Interlocked.Read(ref _lostCount);

    /// <summary>When the level last changed, on the monotonic clock; 0 for not yet.</summary>
    public long ChangedNs => Interlocked.Read(ref _changedNs);

    /// <summary>From an edge, as the kernel stamped it, until what it does is done.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Looks at the line once, so that its level is known before the first frame, and then from a thread.</summary>
    public void Start()
    {
        Look();
        _thread = PartThread.Make($"gpio {held.Config.Name}", Run, fault =>
        {
            Learn(null);
            warn($"GPIO line '{held.Config.Name}' is not watched any more: {PartThread.Words(fault)}");
        });
        _thread.Start();
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _ending.Set();
        Volatile.Read(ref _waiting)?.Dispose();
        if (_thread?.Join(OutputThread.StopLimitMs) ?? true)
        {
            held.Dispose();
            _ending.Dispose();
        }
    }

    private void Run()
    {
        while (!_ending.IsSet)
        {
            if (Look() is not { } line)
            {
                _ending.Wait(LookMs);
                continue;
            }

            Volatile.Write(ref _waiting, line);
            if (!_ending.IsSet)
            {
                Guard(() => Wait(line));
            }
        }
    }

    private void Wait(IGpioLine line)
    {
        while (line.NextEdge(LookMs) is { } edge && !_ending.IsSet)
        {
            Take(edge, line);
        }
    }

    private void Take(GpioEdge edge, IGpioLine line)
    {
        long gap = (long)edge.Sequence - _sequence - 1;
        _sequence = edge.Sequence;
        if (edge.IsRising)
        {
            actions.OnRise();
        }

        Learn(edge.IsRising);
        Latency.Add(clock.NowNs() - edge.TimeNs);
        if (gap > 0)
        {
            Interlocked.Add(ref _lostCount, gap);
            Learn(line.Read());
        }

        Interlocked.Exchange(ref _changedNs, edge.TimeNs);
        Interlocked.Increment(ref _edgeCount);
    }

    /// <summary>The line with its level read; null while it cannot be had.</summary>
    private IGpioLine? Look()
    {
        bool wasHeld = held.Fault is null;
        var line = held.TryHold(clock.NowNs());
        if (line is null)
        {
            Learn(null);
        }
        else
        {
            _sequence = wasHeld ? _sequence : 0;
            Guard(() => Learn(line.Read()));
        }

        return IsActive is null ? null : line;
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (IOException lost) when (!_ending.IsSet)
        {
            held.Lose(lost.Message, clock.NowNs());
            Learn(null);
        }
        catch (Exception late) when (_ending.IsSet && late is IOException or ObjectDisposedException)
        {
            // It was let go of while it was looked at.
        }
    }

    private void Learn(bool? isActive)
    {
        int level = isActive switch { true => Active, false => Inactive, null => Unknown };
        bool isNew = Interlocked.Exchange(ref _level, level) != level;
        if (isNew || isActive is null)
        {
            actions.OnLevel(isActive);
        }
    }
}
