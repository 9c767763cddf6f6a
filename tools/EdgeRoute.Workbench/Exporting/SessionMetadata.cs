using System.Globalization;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Mcap;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>What holds for a whole recording, as metadata that viewers list: where it comes from, its clock, how it ended.</summary>
internal static class SessionMetadata
{
    public static void WriteStart(McapWriter writer, SessionStart session, ExportSelection selection, string recordingName,
        ExportTopics topics)
    {
        writer.WriteMetadata("edgeroute", new Dictionary<string, string>
        {
            ["recording"] = recordingName,
            ["engine_version"] = session.EngineVersion,
            ["config_sha256"] = Convert.ToHexStringLower(session.ConfigHash.Span),
            ["clock"] = selection.IsUtc ? "utc" : "monotonic",
            ["clock_note"] = selection.IsUtc
                ? "times are UTC, by the device's clock at the start of the recording; a frame's messages stand at its capture"
                : "times are nanoseconds of the device's monotonic clock, because it did not know the time of day",
            ["start_utc_ns"] = Text(session.UtcNs),
            ["start_monotonic_ns"] = Text(session.StartNs),
        });
        foreach (var source in topics.Sources.Where((_, i) => selection.Sources.Contains(i)))
        {
            writer.WriteMetadata("edgeroute.source" + source.Prefix.Replace('/', '.'), new Dictionary<string, string>
            {
                ["name"] = source.Source.Name,
                ["address"] = source.Source.Address,
                ["pack"] = source.Source.PackName,
                ["manifest_sha256"] = Convert.ToHexStringLower(source.Source.ManifestHash.Span),
                ["policy"] = source.Source.PolicyName,
                ["calibration_sha256"] = source.Source.CalibrationHash.Span.ContainsAnyExcept((byte)0)
                    ? Convert.ToHexStringLower(source.Source.CalibrationHash.Span) : "",
                ["paths"] = string.Join(", ", source.Source.Nodes.Skip(1).Select(n => n.PathName)),
            });
        }
    }

    public static void WriteEnd(McapWriter writer, SessionStart session, RecordReader reader, bool isPastEnd)
    {
        var values = new Dictionary<string, string>
        {
            ["recording_end"] = isPastEnd ? "not_read" : FoxgloveJson.WordOf(reader.Stop),
            ["recording_end_note"] = isPastEnd ? "the rest lies behind the end that was asked for" : reader.StopText,
        };
        if (reader.End is { } end)
        {
            values["traces_lost"] = Text(end.TraceLostCount);
            values["frames_lost"] = Text(end.FrameLostCount);
            values["events_lost"] = Text(end.EventLostCount);
            foreach (var (source, tally) in session.Sources.Zip(end.Tallies))
            {
                values["tally " + source.Name] = string.Create(CultureInfo.InvariantCulture,
                    $"captured {tally.Captured}, completed {tally.Completed}, exited {tally.Exited}, escalated {tally.Escalated}, "
                    + $"skipped {tally.Skipped}, dropped {tally.Dropped}, failed {tally.Failed}");
            }
        }

        writer.WriteMetadata("edgeroute.end", values);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
