using System.Globalization;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>What one stream of a device gave over a while.</summary>
/// <param name="PerSecond">Answered frames.</param>
/// <param name="FailedShare">Of the frames that ended answered or failed.</param>
/// <param name="LatencyMsP99">Of the device's own window; not a number where it has none.</param>
public sealed record StreamHealth(string Name, double PerSecond, double FailedShare, double LatencyMsP99);

/// <summary>
/// Whether a new version serves as well as the one before did on the same device: frames flow, no slower, and no more of them fail. Pure.
/// </summary>
public static class UpgradeJudge
{
    /// <summary>Scenes change within a trial, and with them what a frame costs; a broken version is further off than this.</summary>
    private const double RateLeast = 0.7, LatencyMost = 1.5, LatencySlackMs = 10, FailedMore = 0.02;

    /// <summary>From two looks at a device, in the order of the later.</summary>
    public static IReadOnlyList<StreamHealth> Measure(DeviceStatus first, DeviceStatus last)
    {
        double seconds = last.UptimeS - first.UptimeS;
        return [.. last.Streams.Select(stream =>
        {
            var before = first.Streams.Find(s => s.Name == stream.Name) ?? new StreamStatus();
            long answered = Answered(stream) - Answered(before), failed = stream.Failed - before.Failed;
            return new StreamHealth(stream.Name, seconds > 0 ? answered / seconds : 0,
                answered + failed > 0 ? (double)failed / (answered + failed) : 0, stream.Window.LatencyMsP99);
        })];
    }

    /// <summary>What is worse with the new version; null where nothing is.</summary>
    public static string? FindFault(IReadOnlyList<StreamHealth> before, IReadOnlyList<StreamHealth> after)
    {
        foreach (var old in before.Where(s => s.PerSecond > 0))
        {
            var now = after.FirstOrDefault(s => s.Name == old.Name);
            if (now is null)
            {
                return $"the source '{old.Name}' is no more";
            }

            if (FindFault(old, now) is { } fault)
            {
                return $"'{old.Name}': {fault}";
            }
        }

        return null;
    }

    private static string? FindFault(StreamHealth old, StreamHealth now)
    {
        if (now.PerSecond < old.PerSecond * RateLeast)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{now.PerSecond:0.0} frames a second, before {old.PerSecond:0.0}");
        }

        if (now.FailedShare > old.FailedShare + FailedMore)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{now.FailedShare * 100:0.0} % of the frames fail, before {old.FailedShare * 100:0.0} %");
        }

        return now.LatencyMsP99 > (old.LatencyMsP99 * LatencyMost) + LatencySlackMs
            ? string.Create(CultureInfo.InvariantCulture, $"p99 is {now.LatencyMsP99:0.0} ms, before {old.LatencyMsP99:0.0} ms") : null;
    }

    private static long Answered(StreamStatus s) => s.Completed + s.Exited + s.Escalated + s.Skipped;
}
