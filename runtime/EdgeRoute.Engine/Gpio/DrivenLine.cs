using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Gpio;

/// <summary>
/// An output line with the level that was last written. Written by one thread; figures may be read by any.
/// </summary>
internal sealed class DrivenLine(HeldLine held)
{
    /// <summary>How long a chip that is gone may go unnoticed where nothing is written.</summary>
    public const long LookNs = 500_000_000;

    private const int Unknown = -1, Inactive = 0, Active = 1;

    private IGpioLine? _line;
    private int _level = Unknown;
    private long _edgeCount, _changedNs, _lookedNs;

    public HeldLine Held => held;

    /// <summary>As last written; null while the line cannot be had.</summary>
    public bool? IsActive => Volatile.Read(ref _level) switch { Active => true, Inactive => false, _ => null };

    public bool IsSafeActive => held.Config.IsSafeActive;

    public long EdgeCount => Interlocked.Read(ref _edgeCount);

    /// <summary>When the level last changed, on the monotonic clock; 0 for not yet.</summary>
    public long ChangedNs => Interlocked.Read(ref _changedNs);

    /// <summary>Holds the line; it then has its safe level. False: it cannot be had now.</summary>
    public bool TryHold(long nowNs)
    {
        var line = held.TryHold(nowNs);
        if (line is not null && !ReferenceEquals(line, _line))
        {
            Volatile.Write(ref _level, IsSafeActive ? Active : Inactive);
        }

        _line = line;
        return line is not null;
    }

    /// <summary>Gives the line a level. True: it had another. False also where the line is lost, which is told.</summary>
    public bool TryWrite(bool isActive, long nowNs)
    {
        try
        {
            if (IsActive == isActive)
            {
                Look(nowNs);
                return false;
            }

            _line!.Write(isActive);
        }
        catch (IOException lost)
        {
            held.Lose(lost.Message, nowNs);
            (_line, _level) = (null, Unknown);
            return false;
        }

        Volatile.Write(ref _level, isActive ? Active : Inactive);
        Interlocked.Increment(ref _edgeCount);
        Interlocked.Exchange(ref _changedNs, nowNs);
        return true;
    }

    /// <summary>Gives the line its safe level, and back; the thread that writes has ended.</summary>
    public void GiveBack(long nowNs)
    {
        if (_line is not null)
        {
            TryWrite(IsSafeActive, nowNs);
            _line = null;
        }

        held.Dispose();
    }

    private void Look(long nowNs)
    {
        if (nowNs - _lookedNs >= LookNs)
        {
            _lookedNs = nowNs;
            _line!.Read();
        }
    }
}
