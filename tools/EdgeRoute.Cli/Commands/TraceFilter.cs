using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Cli.Commands;

/// <summary>Which frames are shown.</summary>
internal sealed record TraceFilter(string? Path, bool OnlyLate, double? SlowerThanMs)
{
    public bool Takes(BriefTrace trace, string path) =>
        (Path is null || (Path.EndsWith('*') ? path.StartsWith(Path[..^1], StringComparison.Ordinal) : path == Path))
        && (!OnlyLate || trace.Flags.HasFlag(TraceFlags.Late))
        && (SlowerThanMs is null || trace.LatencyMicroseconds > SlowerThanMs * 1000);
}
