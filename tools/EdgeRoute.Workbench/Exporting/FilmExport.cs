using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>What was filmed.</summary>
/// <param name="Source">Whose pictures.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="ShortenedCount">Pauses between two pictures that are shorter in the film than they were.</param>
/// <param name="Warnings">What is missing, and why, in words.</param>
public sealed record FilmReport(string File, string Source, long Bytes, int Width, int Height, long FrameCount, double Seconds,
    long ShortenedCount, bool IsWhole, IReadOnlyList<string> Warnings)
{
    public string ToJson() => JsonSerializer.Serialize(this, FilmJsonContext.Default.FilmReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FilmReport))]
internal sealed partial class FilmJsonContext : JsonSerializerContext;

/// <summary>
/// One camera of a recording as a film that any player shows: each picture with the way its frame took, and with the answers file the
/// boxes. The file appears under its name when it is whole; until then, and when it is stopped or fails, there is none.
/// </summary>
/// <param name="request">Of one source at most.</param>
public sealed class FilmExport(string recordingPath, ExportRequest request)
{
    private const int ProgressRecords = 32;

    /// <inheritdoc cref="McapExport.Run" path="/exception"/>
    public FilmReport Run(string path, bool mayReplace, Action<ExportProgress> onProgress, CancellationToken cancel)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (!FilmEncoder.Extensions.Contains(extension))
        {
            throw new ArgumentException($"'{path}' is no name of a film; end it in {string.Join(", ", FilmEncoder.Extensions)}");
        }

        McapExport.Refuse(path, mayReplace);
        using var recording = McapExport.OpenForReading(recordingPath);
        using var target = new NewFile(path);
        var reader = new RecordReader(recording);
        var session = reader.Read() && reader.Session is { } start ? start : throw McapExport.NotReadable(recordingPath, reader);
        int source = SourceOf(session);
        var selection = new ExportSelection(session, request with { Sources = [session.Sources[source].Name] });
        using var answersStream = request.AnswersPath is { } answersPath ? McapExport.OpenForReading(answersPath) : null;
        var answers = answersStream is null ? null
            : new AnswerFile(answersStream, new Dictionary<string, int> { [session.Sources[source].Name] = source });
        using var film = new FilmWriter(target.PartPath, extension, session.Sources[source], selection, answers, cancel);
        for (long count = 1; Step(reader, film, source, selection); count++)
        {
            cancel.ThrowIfCancellationRequested();
            if (count % ProgressRecords == 0)
            {
                onProgress(new ExportProgress((double)recording.Position / Math.Max(1, recording.Length), 0));
            }
        }

        film.Finish();
        answers?.ReadToEnd(cancel);
        Refuse(film, answers, session.Sources[source].Name);
        target.Keep(mayReplace);
        bool isWhole = film.IsPastEnd || reader is { Stop: ReadStop.Complete, End.FrameLostCount: 0 };
        return new FilmReport(target.Path, session.Sources[source].Name, new FileInfo(target.Path).Length, film.Width, film.Height,
            film.FrameCount, film.Seconds, film.ShortenedCount, isWhole, DoubtsOf(reader, film, answers));
    }

    private static bool Step(RecordReader reader, FilmWriter film, int source, ExportSelection selection)
    {
        if (film.IsPastEnd || !reader.Read())
        {
            return false;
        }

        if (reader.Kind == RecordKind.Frame && reader.FrameStamp.SourceIndex == source)
        {
            film.Take(reader.FrameStamp, reader.FrameLayout, reader.FrameBytes);
        }
        else if (reader.Kind == RecordKind.Trace && reader.Trace.Stamp.SourceIndex == source
            && selection.IsWithin(reader.Trace.Stamp.CaptureNs))
        {
            film.Take(reader.Trace);
        }

        return true;
    }

    /// <summary>By its index.</summary>
    private int SourceOf(SessionStart session)
    {
        string[] names = [.. session.Sources.Select(s => s.Name)];
        if (request.Sources.Count > 1 || (request.Sources.Count == 0 && names.Length > 1))
        {
            throw new ArgumentException($"a film shows one camera, and the recording has {string.Join(", ", names)}; name one with "
                + "--stream");
        }

        return new ExportSelection(session, request).Sources.Single();
    }

    private void Refuse(FilmWriter film, AnswerFile? answers, string source)
    {
        if (film.FrameCount == 0)
        {
            throw new InvalidDataException(film.SeenCount > 0
                ? $"no picture of '{source}' lies between --from and --to: the recording holds {film.SeenCount} at other times"
                : $"the recording holds no pictures of '{source}'; 'edgeroute record start --frames jpeg' records them");
        }

        if (answers is { UsedCount: 0, ReadCount: var read })
        {
            throw new InvalidDataException(read == 0 ? $"'{request.AnswersPath}' has no answers of '{source}'"
                : $"'{request.AnswersPath}' is of another run: none of its {read} answers is of a picture that is shown");
        }
    }

    private List<string> DoubtsOf(RecordReader reader, FilmWriter film, AnswerFile? answers)
    {
        (bool IsSo, string Text)[] doubts =
        [
            (!film.IsPastEnd && reader.Stop != ReadStop.Complete, "the recording can be read only up to a point "
                + $"({reader.Stop}{(reader.StopText.Length > 0 ? ", " : "")}{reader.StopText}); what was before it is shown"),
            (reader.End?.FrameLostCount > 0, $"while it was recorded, {reader.End?.FrameLostCount} pictures were lost"),
            (film.BadCount > 0, $"{film.BadCount} pictures could not be decoded and are left out ({film.BadText})"),
            (film.UntoldCount > 0, $"{film.UntoldCount} pictures are shown without the way of their frame, which the recording lacks"),
            (film.UnansweredCount > 0, $"{film.UnansweredCount} pictures are shown without an answer, which '{request.AnswersPath}' lacks"),
            (film.FittedCount > 0, $"{film.FittedCount} pictures were of another size than the first, and are fitted into it"),
            (film.ShortenedCount > 0, $"{film.ShortenedCount} pauses of more than {FilmWriter.PauseMost.TotalSeconds:0} s are shortened "
                + "to that"),
            (film.UnusableCount > 0, $"{film.UnusableCount} boxes are not drawn, because they are no numbers"),
            (answers?.UnreadableCount > 0, $"{answers?.UnreadableCount} lines of '{request.AnswersPath}' are no answers, the first is "
                + $"line {answers?.FirstUnreadable}"),
        ];
        return [.. doubts.Where(d => d.IsSo).Select(d => d.Text)];
    }
}
