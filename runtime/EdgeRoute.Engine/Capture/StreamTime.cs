namespace EdgeRoute.Engine.Capture;

/// <summary>
/// The time of a file's frames: as the stream has it, and going on over its loops. Frames without a time of their own follow the rate, or
/// the distance that was seen last.
/// </summary>
internal sealed class StreamTime
{
    /// <summary>Of two frames where nothing tells it: 25 a second.</summary>
    private const long UsualFrameNs = 40_000_000;

    private long _baseNs, _lastNs, _frameNs, _firstNs;
    private long _countInPass;
    private bool _isFirstPass;

    /// <summary>No frame came since the stream was opened or begun anew.</summary>
    public bool IsPassEmpty => _countInPass == 0;

    /// <summary>A stream was opened, and its time starts with it.</summary>
    public void Begin()
    {
        (_baseNs, _lastNs, _frameNs) = (0, 0, UsualFrameNs);
        (_countInPass, _firstNs, _isFirstPass) = (0, -1, true);
    }

    /// <summary>The same stream starts again: its first frame comes one frame after the last.</summary>
    public void BeginPass() => (_countInPass, _isFirstPass) = (0, false);

    /// <summary>False for the first frame of a pass that begins elsewhere in the stream than the first pass did.</summary>
    public bool IsSameBegin(long streamNs) => _isFirstPass || _countInPass > 0 || streamNs == _firstNs;

    /// <param name="streamNs">The frame's own time in the stream; -1 where it has none.</param>
    /// <param name="rateNumerator">Frames in a second; 0 where that varies or is not told.</param>
    public long Of(long streamNs, int rateNumerator, int rateDenominator)
    {
        long lastNs = _lastNs;
        _frameNs = rateNumerator > 0 ? 1_000_000_000L * rateDenominator / rateNumerator : _frameNs;
        if (_countInPass++ == 0)
        {
            Start(streamNs);
        }
        else
        {
            _lastNs = streamNs >= 0 ? _baseNs + streamNs : _lastNs + _frameNs;
            _frameNs = rateNumerator > 0 || _lastNs <= lastNs ? _frameNs : _lastNs - lastNs;
        }

        return _lastNs;
    }

    private void Start(long streamNs)
    {
        if (_isFirstPass)
        {
            _firstNs = streamNs;
            _lastNs = Math.Max(0, streamNs);
        }
        else
        {
            // Where frames may be dropped, the first that comes need not be the stream's first.
            _lastNs += _frameNs + Math.Max(0, streamNs - _firstNs);
            _baseNs = _lastNs - Math.Max(0, streamNs);
        }
    }
}
