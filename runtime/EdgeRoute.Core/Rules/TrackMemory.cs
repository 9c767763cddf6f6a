namespace EdgeRoute.Core.Rules;

/// <summary>
/// A value for each object that is followed, by its id, in room that is made once: what was not touched for longest gives way. Looked
/// through from end to end, because a frame has few objects.
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
        int oldest = 0;
        for (int i = 0; i < _ids.Length; i++)
        {
            if (_ids[i] == id)
            {
                isKnown = true;
                _touchedNs[i] = nowNs;
                return ref _values[i];
            }

            oldest = _ids[i] == 0 || (_ids[oldest] != 0 && _touchedNs[i] < _touchedNs[oldest]) ? i : oldest;
        }

        (_ids[oldest], _touchedNs[oldest], _values[oldest]) = (id, nowNs, default);
        isKnown = false;
        return ref _values[oldest];
    }
}
