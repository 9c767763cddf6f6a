namespace EdgeRoute.Interop.OnnxRuntime;

public sealed record OrtEnvironmentOptions
{
    /// <summary>Threads of the one pool that all sessions share, the caller's thread included; 0 lets the library take one per physical core.</summary>
    public int IntraOpThreadCount { get; init; }

    /// <summary>Idle pool threads spin: a little less latency for about 30 ms of CPU time after every frame (measured on 2 cores).</summary>
    public bool Spin { get; init; }

    /// <summary>Lines below this severity are not handed to the log.</summary>
    public OrtLogSeverity LogSeverity { get; init; } = OrtLogSeverity.Warning;
}
