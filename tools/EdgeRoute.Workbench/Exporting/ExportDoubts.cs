using System.Globalization;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Mcap;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>What is missing from an export and why, in words; and when there is nothing to export at all.</summary>
internal static class ExportDoubts
{
    /// <summary>
    /// The recording was closed in order and nothing was lost while it was taken; or it is good beyond the end that was asked for.
    /// </summary>
    public static bool IsWhole(RecordReader reader, RecordingExporter exporter) => exporter.IsPastEnd
        || reader is { Stop: ReadStop.Complete, End: { TraceLostCount: 0, FrameLostCount: 0, EventLostCount: 0 } };

    /// <exception cref="InvalidDataException">Nothing would be in the file, or the answers are of another run.</exception>
    public static void Refuse(RecordReader reader, RecordingExporter exporter, McapWriter writer, AnswerFile? answers,
        ExportRequest request)
    {
        if (writer.MessageCount == 0)
        {
            string swept = exporter.SweptCount > 0 ? $" It is a sweep of {exporter.SweptCount} frames, which calibration writes and no "
                + "run; record one with 'edgeroute record start --frames jpeg'." : "";
            string stop = StopOf(reader) is { Length: > 0 } words ? $" Note: {words}." : "";
            throw new InvalidDataException((exporter.Seen == default ? "the recording holds no frame, decision or event."
                : "the recording holds nothing of what --from, --to and --stream ask for; what it holds is of "
                    + $"{SpanOf(reader.Session!, exporter.Seen)}.") + swept + stop);
        }

        if (answers is { UsedCount: 0, ReadCount: var read, UnreadableCount: var unreadable })
        {
            throw new InvalidDataException(read == 0
                ? $"'{request.AnswersPath}' has no answers of these sources ({unreadable} lines are no answers); give the file that "
                    + "'edgerouted run --answers', an output or 'edgeroute answers --json' wrote"
                : $"'{request.AnswersPath}' is of another run: none of its {read} answers is of a frame that is exported; leave out "
                    + "--answers, or give the file that was written while the recording was taken");
        }
    }

    public static IReadOnlyList<string> Of(RecordReader reader, RecordingExporter exporter, ExportSelection selection,
        AnswerFile? answers, ExportRequest request)
    {
        var doubts = new List<string>();
        AddIf(!exporter.IsPastEnd, StopOf(reader));
        AddIf(reader.End is { } end && end.TraceLostCount + end.FrameLostCount + end.EventLostCount > 0,
            $"while it was recorded, {reader.End?.TraceLostCount} decisions, {reader.End?.FrameLostCount} pictures and "
            + $"{reader.End?.EventLostCount} events were lost");
        AddIf(!selection.IsUtc, "the device did not know the time of day: times are those of its monotonic clock");
        AddIf(exporter.PictureCount == 0, "there are no pictures in it; 'edgeroute record start --frames jpeg' records them");
        AddIf(exporter.BadPictureCount > 0,
            $"{exporter.BadPictureCount} pictures could not be made JPEGs and are left out ({exporter.BadPictureText})");
        AddIf(exporter.SweptCount > 0, $"{exporter.SweptCount} swept frames are left out: they are no run, but food for calibration");
        AddIf(reader.UnknownCount > 0, $"{reader.UnknownCount} records of kinds that this program does not know are left out");
        AddIf(answers?.UnreadableCount > 0, $"{answers?.UnreadableCount} lines of '{request.AnswersPath}' are no answers and are left "
            + $"out, the first is line {answers?.FirstUnreadable}");
        AddIf(answers is not null && exporter.NotDrawnCount > 0,
            $"{exporter.NotDrawnCount} answers or boxes are not drawn, because there is no picture of their source or they are no numbers");
        return doubts;

        void AddIf(bool isSo, string text) => doubts.AddRange(isSo && text.Length > 0 ? [text] : []);
    }

    private static string SpanOf(SessionStart session, (long FirstNs, long LastNs) seen) => string.Create(CultureInfo.InvariantCulture,
        $"{(seen.FirstNs - session.StartNs) / 1e9:0.0} s to {(seen.LastNs - session.StartNs) / 1e9:0.0} s after its start");

    private static string StopOf(RecordReader reader) => reader.Stop switch
    {
        ReadStop.Complete or ReadStop.None => "",
        ReadStop.Unfinished => "the recording was not closed: it is still being written, or its writer was ended; all that was in it is "
            + "exported",
        _ => $"the recording can be read only up to a point ({reader.Stop}, {reader.StopText}); what was before it is exported",
    };
}
