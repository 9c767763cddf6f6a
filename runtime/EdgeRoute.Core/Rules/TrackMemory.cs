namespace EdgeRoute.Core.Rules;

/// <summary>
/// A value for each object that is followed, by its id, in room that is made once: what was not touched for longest gives way.
/// </summary>
internal sealed class TrackMemory<T>(int room)
    where T : struct
{
    private readonly long[] _ids = new long[room];
    private readonly long[] _touchedNs = new long[room];
    private readonly T[] _values = new T[room];

    /// <summary>What is known of an object; the default of the type, and false, where it is new.</summary>
    public ref T Of(long id, long nowNs, out bool isKnown)
    {
        int at = Array.IndexOf(_ids, id);
        isKnown = at >= 0;
        if (!isKnown)
        {
            at = Oldest();
            (_ids[at], _values[at]) = (id, default);
        }

        _touchedNs[at] = nowNs;
        return ref _values[at];
    }

    /// <summary>A place that is free, else what was not touched for longest.</summary>
    private int Oldest()
    {
        int free = Array.IndexOf(_ids, 0);
        return free >= 0 ? free : _touchedNs.AsSpan().IndexOf(_touchedNs.Min());
    }
}
