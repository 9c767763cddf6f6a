namespace EdgeRoute.Core.Prices;

/// <summary>A stream whose frame waits for its lane.</summary>
/// <param name="DueNs">Instant by which the frame is due; <see cref="long.MaxValue"/> where none waits.</param>
/// <param name="AllowanceNs">From capture to due: streams for which it is the same are equals.</param>
/// <param name="DeviceMs">Predicted device time of the frame; 0 where it is unknown.</param>
/// <param name="Weight">The stream's part of the lane relative to the others'; above 0.</param>
public readonly record struct WaitingFrame(long DueNs, long AllowanceNs, double DeviceMs, double Weight);

/// <summary>
/// Whose frame a lane serves next: the one that is due first, of the streams that are not ahead of their share. What a stream has had is
/// its device time over its weight. None may be further ahead of the one that has had least than <see cref="LeadLimitMs"/>, nor come back
/// from a pause with more than that saved up: a camera's next frame is not there at once, and it must not lose its turn over that. So a
/// stream within its share has its deadlines kept, and a stream that wants more takes it from nobody.
/// </summary>
/// <remarks>
/// Goyal, Vin and Cheng, "Start-time fair queueing" (1996); the order within the lead is earliest deadline first, as in Stoica and
/// Abdel-Wahab, "Earliest eligible virtual deadline first" (1995).
/// </remarks>
public sealed class FairQueue(int streamCount)
{
    /// <summary>Three frames at 30 frames per second: more would let one stream's burst be felt by the others.</summary>
    public const double LeadLimitMs = 100;

    /// <summary>What each stream has had when its waiting frame is served, and when the one before was.</summary>
    private readonly double[] _begin = new double[streamCount];
    private readonly double[] _finish = new double[streamCount];
    private readonly bool[] _isWaiting = new bool[streamCount];
    private double _now;
    private ulong _random = 0x9E3779B97F4A7C15;

    /// <summary>Index of the stream to serve; -1 where no frame waits.</summary>
    public int Pick(ReadOnlySpan<WaitingFrame> frames)
    {
        double least = Welcome(frames);
        int first = -1;
        for (int i = 0; i < frames.Length; i++)
        {
            bool mayGo = _isWaiting[i] && _begin[i] <= least + LeadLimitMs;
            first = mayGo && (first < 0 || frames[i].DueNs < frames[first].DueNs) ? i : first;
        }

        return first < 0 ? -1 : AmongEquals(frames, first, least + LeadLimitMs);
    }

    /// <summary>The same queue for other streams: those that stay are owed what they were, new ones begin as after a pause.</summary>
    /// <param name="places">Of each stream its index here; -1 where it is new.</param>
    public FairQueue With(ReadOnlySpan<int> places)
    {
        var next = new FairQueue(places.Length) { _now = _now, _random = _random };
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] >= 0)
            {
                next._begin[i] = _begin[places[i]];
                next._finish[i] = _finish[places[i]];
                next._isWaiting[i] = _isWaiting[places[i]];
            }
        }

        return next;
    }

    /// <summary>A frame of a stream was served.</summary>
    /// <param name="index">Index of the stream.</param>
    /// <param name="deviceMs">What it took; a value that is not above 0 counts as nothing.</param>
    /// <param name="weight">As in <see cref="WaitingFrame"/>.</param>
    public void Charge(int index, double deviceMs, double weight)
    {
        _finish[index] = _begin[index] + (deviceMs > 0 ? deviceMs / weight : 0);
        _isWaiting[index] = false;
    }

    /// <summary>Lets frames in that came since the last look; returns the least that a waiting stream has had.</summary>
    private double Welcome(ReadOnlySpan<WaitingFrame> frames)
    {
        double least = double.PositiveInfinity, most = _now;
        for (int i = 0; i < frames.Length; i++)
        {
            bool waits = frames[i].DueNs != long.MaxValue;
            _begin[i] = waits && !_isWaiting[i] ? Math.Max(_finish[i], _now - LeadLimitMs) : _begin[i];
            _isWaiting[i] = waits;
            least = waits ? Math.Min(least, _begin[i]) : least;
            most = Math.Max(most, _finish[i]);
        }

        // Once nothing waits the lane is free, and what was taken of it then is nobody's debt.
        _now = double.IsFinite(least) ? Math.Max(_now, least) : most;
        return least;
    }

    /// <summary>
    /// Of frames that came within one frame's work of each other and may take equally long, any: cameras that show the same moment would
    /// else be served in the same order for ever, and the last of them always be late.
    /// </summary>
    private int AmongEquals(ReadOnlySpan<WaitingFrame> frames, int first, double most)
    {
        long untilNs = frames[first].DueNs + (long)(frames[first].DeviceMs * 1e6);
        int chosen = first;
        uint count = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            bool isEqual = _isWaiting[i] && _begin[i] <= most && frames[i].DueNs <= untilNs
                && frames[i].AllowanceNs == frames[first].AllowanceNs;
            count += isEqual ? 1u : 0;
            chosen = isEqual && Draw() % count == 0 ? i : chosen;
        }

        return chosen;
    }

    /// <summary>Marsaglia's xorshift (2003): the same streams are served in the same order again, as a replay wants.</summary>
    private uint Draw()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (uint)(_random >> 32);
    }
}
