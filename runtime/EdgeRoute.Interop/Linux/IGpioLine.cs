namespace EdgeRoute.Interop.Linux;

/// <summary>
/// One GPIO line, held from opening to disposal. Levels are logical: active is high, or low where the line is active low. Reading, writing
/// and waiting allocate nothing; one thread at a time waits.
/// </summary>
public interface IGpioLine : IDisposable
{
    /// <returns>True while the line is active.</returns>
    /// <exception cref="IOException">The chip is gone.</exception>
    bool Read();

    /// <exception cref="IOException">The chip is gone.</exception>
    void Write(bool isActive);

    /// <summary>
    /// Waits for an edge of an input; null where none came within <paramref name="waitMs"/>, or the line was disposed of.
    /// </summary>
    /// <exception cref="IOException">The chip is gone.</exception>
    GpioEdge? NextEdge(int waitMs);
}

/// <summary>A change of an input line.</summary>
/// <param name="IsRising">It became active.</param>
/// <param name="TimeNs">When the kernel saw it, on CLOCK_MONOTONIC.</param>
/// <param name="Sequence">Counts the line's edges from 1: a gap is edges that the kernel's queue had no room for.</param>
public readonly record struct GpioEdge(bool IsRising, long TimeNs, uint Sequence);

/// <summary>The resistor inside the chip.</summary>
public enum GpioBias
{
    /// <summary>As the board has set it.</summary>
    AsIs,

    PullUp,

    PullDown,

    Disabled,
}

/// <summary>How an output drives its two levels.</summary>
public enum GpioDrive
{
    /// <summary>Both.</summary>
    PushPull,

    /// <summary>Low only; high is left to a resistor.</summary>
    OpenDrain,

    /// <summary>High only.</summary>
    OpenSource,
}

/// <summary>How a line is taken.</summary>
/// <param name="Consumer">Who holds it, as `gpioinfo` shows it; cut at 31 bytes.</param>
public sealed record GpioLineSettings(string Consumer, bool IsOutput)
{
    /// <summary>How consumers of this program begin.</summary>
    public const string Program = "edgeroute";

    public GpioBias Bias { get; init; }

    public GpioDrive Drive { get; init; }

    public bool IsActiveLow { get; init; }

    /// <summary>Edges closer together than so many microseconds count as bouncing; the kernel sorts them out. 0: none.</summary>
    public int DebounceUs { get; init; }

    /// <summary>The level an output has from the moment it is one.</summary>
    public bool StartsActive { get; init; }

    internal GpioLineFlags Flags => (IsOutput ? GpioLineFlags.Output : GpioLineFlags.Input | GpioLineFlags.EdgeRising
            | GpioLineFlags.EdgeFalling)
        | (IsActiveLow ? GpioLineFlags.ActiveLow : 0)
        | Bias switch
        {
            GpioBias.PullUp => GpioLineFlags.PullUp,
            GpioBias.PullDown => GpioLineFlags.PullDown,
            GpioBias.Disabled => GpioLineFlags.BiasDisabled,
            _ => 0,
        }
        | Drive switch
        {
            GpioDrive.OpenDrain => GpioLineFlags.OpenDrain,
            GpioDrive.OpenSource => GpioLineFlags.OpenSource,
            _ => 0,
        };
}
