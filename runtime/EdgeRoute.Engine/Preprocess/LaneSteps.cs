using System.Runtime.CompilerServices;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Vector-wide steps that cover exactly <paramref name="count"/> values: the last step is moved back to end at the last value, recomputing a few, so nothing
/// behind the row is written. A row narrower than a vector takes one step, which the caller must have room for.
/// </summary>
internal struct LaneSteps(int count, int width)
{
    private readonly int _last = Math.Max(0, count - width);
    private int _at = -width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(out nuint index)
    {
        bool more = _at < _last;
        _at = Math.Min(_at + width, _last);
        index = (nuint)_at;
        return more;
    }
}
