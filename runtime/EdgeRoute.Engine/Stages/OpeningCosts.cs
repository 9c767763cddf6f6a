using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// Measures what opening a pack takes: time and memory of each stage's session, and the time until each variant has run once. Sessions are
/// opened one after the other, so that none is in another's figures.
/// </summary>
internal sealed class OpeningCosts(SystemFiles files, TimeProvider clock)
{
    private const string StatusFile = "/proc/self/status", PeakFile = "/proc/self/clear_refs";

    /// <summary>Written to <see cref="PeakFile"/>, it makes the peak begin anew (man 5 proc).</summary>
    private const string ResetPeak = "5";

    private readonly Lock _gate = new();
    private readonly List<StageOpening> _stages = [];
    private readonly List<float> _firstRuns = [];

    public IReadOnlyList<StageOpening> Stages => _stages;

    /// <summary>By variant: milliseconds of its first run, making its tensors included.</summary>
    public IReadOnlyList<float> FirstRunMs => _firstRuns;

    public OrtSession Open(string stage, Func<OrtSession> open)
    {
        lock (_gate)
        {
            bool isReset = TryResetPeak();
            long? before = ReadBytes("VmRSS");
            long start = clock.NowNs();
            var session = open();
            double ms = (clock.NowNs() - start) / 1e6;
            long? peak = ReadBytes(isReset ? "VmHWM" : "VmRSS");
            _stages.Add(new StageOpening(stage, (float)ms, peak is null || before is null ? null : Math.Max(peak.Value - before.Value, 0)));
            return session;
        }
    }

    public OnnxVariant FirstRun(Func<OnnxVariant> make)
    {
        long start = clock.NowNs();
        var made = make();
        _firstRuns.Add((clock.NowNs() - start) / 1e6f);
        return made;
    }

    private long? ReadBytes(string field) =>
        files.TryRead(StatusFile, out _) is { } status ? BoardIdentity.BytesOf(status, field) : null;

    private bool TryResetPeak()
    {
        try
        {
            File.WriteAllText(files.Place(PeakFile), ResetPeak);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>What opening the session of a stage took.</summary>
/// <param name="MemoryBytes">Most that the process grew by meanwhile; null where the kernel does not tell.</param>
public sealed record StageOpening(string Stage, float Ms, long? MemoryBytes);
