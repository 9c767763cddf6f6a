using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Gpio;

/// <summary>
/// A line that is held as long as its chip gives it: taken, told when it cannot be had, tried again, and told when it is back. Used by one
/// thread; figures may be read by any.
/// </summary>
internal sealed class HeldLine(GpioLineConfig config, Func<GpioLineConfig, IGpioLine> open, Action<ReportLevel, string> tell) : IDisposable
{
    /// <summary>A chip on USB that is plugged in again is there within a second.</summary>
    public const long RetryNs = 1_000_000_000;

    private const double NsPerS = 1e9;

    private IGpioLine? _line;
    private volatile string? _fault;
    private long _retryNs = long.MinValue, _lostNs, _faultCount;

    public GpioLineConfig Config => config;

    /// <summary>Why it is not held; null while it is, and before it was tried.</summary>
    public string? Fault => _fault;

    /// <summary>Times it could not be had or was lost.</summary>
    public long FaultCount => Interlocked.Read(ref _faultCount);

    /// <summary>When it is worth trying to hold it again.</summary>
    public long RetryAtNs => _retryNs;

    /// <summary>Takes a line of this machine as its config says.</summary>
    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    public static IGpioLine OpenOnBoard(GpioLineConfig config) => GpioChips.Open(config.Chip, config.Line, new GpioLineSettings(
        $"{GpioLineSettings.Program} {config.Name}", config.IsOutput)
    {
        IsActiveLow = config.IsActiveLow,
        Bias = config.Bias,
        Drive = config.Drive,
        DebounceUs = config.DebounceUs,
        StartsActive = config.IsSafeActive,
    });

    /// <summary>The line; null while it cannot be had.</summary>
    public IGpioLine? TryHold(long nowNs)
    {
        if (_line is not null || nowNs < _retryNs)
        {
            return _line;
        }

        try
        {
            _line = open(config);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Lose(refused.Message, nowNs);
            return null;
        }

        if (_fault is not null)
        {
            tell(ReportLevel.Notice, $"GPIO line '{config.Name}' is back after {(nowNs - _lostNs) / NsPerS:0.0} s");
            _fault = null;
        }

        return _line;
    }

    /// <summary>It failed; it is tried again later. The same reason again is not told again.</summary>
    public void Lose(string reason, long nowNs)
    {
        _line?.Dispose();
        (_line, _retryNs) = (null, nowNs + RetryNs);
        if (_fault is null)
        {
            _lostNs = nowNs;
            Interlocked.Increment(ref _faultCount);
        }

        if (_fault != reason)
        {
            _fault = reason;
            tell(ReportLevel.Warning, $"GPIO line '{config.Name}' ({config.Place}): {reason}; it is tried again every second, and "
                + Meanwhile());
        }
    }

    public void Dispose() => _line?.Dispose();

    private string Meanwhile() => config.Use switch
    {
        GpioUse.Stop => "the emergency stop is pressed meanwhile",
        GpioUse.Trigger => $"source {config.Source} takes no frames meanwhile",
        GpioUse.Lock => "it locks nothing meanwhile",
        GpioUse.Heartbeat => "it does not beat meanwhile",
        _ => "what rules do to it is lost meanwhile",
    };
}
