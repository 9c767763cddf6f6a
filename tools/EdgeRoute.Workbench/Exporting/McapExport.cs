using System.Globalization;
using System.Text;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Mcap;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// A recording as an MCAP file for Foxglove and other viewers. The file appears under its name when it is whole; until then, and when the
/// export is stopped or fails, there is none.
/// </summary>
public sealed class McapExport
{
    /// <summary>Between two reports of progress: some hundred frames.</summary>
    private const int ProgressRecords = 256;

    private readonly ExportRequest _request;
    private readonly string _recordingPath;
    private readonly string _library;

    /// <param name="library">Program and version, which the file names as its writer.</param>
    public McapExport(string recordingPath, ExportRequest request, string library) =>
        (_recordingPath, _request, _library) = (recordingPath, request, library);

    /// <summary>Writes the file, and the layout where its path is given.</summary>
    /// <param name="mayReplace">Files of these names.</param>
    /// <exception cref="InvalidDataException">It is no recording, holds nothing of what is asked for, or the answers are of another run.
    /// </exception>
    /// <exception cref="ArgumentException">A file of that name exists and may not be replaced, or there is no such source.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public ExportReport Run(string path, string? layoutPath, bool mayReplace, Action<ExportProgress> onProgress, CancellationToken cancel)
    {
        Refuse(path, mayReplace);
        Refuse(layoutPath, mayReplace);
        using var recording = OpenForReading(_recordingPath);
        using var target = new NewFile(path);
        var (report, layout) = Write(recording, target, layoutPath, onProgress, cancel);
        target.Keep(mayReplace);
        if (layoutPath is not null)
        {
            using var layoutFile = new NewFile(layoutPath);
            layoutFile.Stream.Write(Encoding.UTF8.GetBytes(layout));
            layoutFile.Keep(mayReplace);
        }

        return report;
    }

    /// <summary>Names of a recording's sources, for completion; empty where it cannot be read.</summary>
    public static IReadOnlyList<string> SourceNames(string recordingPath)
    {
        try
        {
            using var recording = OpenForReading(recordingPath);
            var reader = new RecordReader(recording);
            return reader.Read() ? [.. reader.Session!.Sources.Select(s => s.Name)] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    private (ExportReport Report, string Layout) Write(FileStream recording, NewFile target, string? layoutPath,
        Action<ExportProgress> onProgress, CancellationToken cancel)
    {
        var reader = new RecordReader(recording);
        var session = reader.Read() && reader.Session is { } start ? start : throw NotReadable(_recordingPath, reader);
        var selection = new ExportSelection(session, _request);
        using var answersStream = _request.AnswersPath is { } answersPath ? OpenForReading(answersPath) : null;
        var answers = answersStream is null ? null : new AnswerFile(answersStream, Wanted(session, selection));
        using var writer = new McapWriter(target.Stream, _library, _request.IsCompressed);
        using var exporter = new RecordingExporter(reader, selection, writer, answers);
        SessionMetadata.WriteStart(writer, session, selection, Path.GetFileName(_recordingPath), exporter.Topics);
        for (long count = 1; exporter.Step(); count++)
        {
            cancel.ThrowIfCancellationRequested();
            if (count % ProgressRecords == 0)
            {
                onProgress(new ExportProgress((double)recording.Position / Math.Max(1, recording.Length), writer.WrittenBytes));
            }
        }

        exporter.Finish();
        answers?.ReadToEnd(cancel);
        ExportDoubts.Refuse(reader, exporter, writer, answers, _request);
        SessionMetadata.WriteEnd(writer, session, reader, exporter.IsPastEnd);
        writer.Finish();
        target.Stream.Flush(flushToDisk: true);
        var report = new ExportReport(target.Path, layoutPath, writer.WrittenBytes, writer.MessageCount, writer.ChunkCount,
            selection.IsUtc, writer.Times.FirstNs, writer.Times.LastNs, Channels(writer, exporter.Topics), CountsOf(answers, exporter),
            ExportDoubts.IsWhole(reader, exporter), ExportDoubts.Of(reader, exporter, selection, answers, _request));
        return (report, FoxgloveLayout.Of(exporter.Topics));
    }

    private static Dictionary<string, int> Wanted(SessionStart session, ExportSelection selection)
    {
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (int index in selection.Sources)
        {
            wanted.TryAdd(session.Sources[index].Name, index);
        }

        return wanted;
    }

    private static List<ExportedChannel> Channels(McapWriter writer, ExportTopics topics) => [.. writer.Channels
        .Where(c => c.MessageCount > 0)
        .Select(c => new ExportedChannel(c.Topic, c.Schema.Name, topics.SourceNames[c], c.MessageCount))];

    private static ExportedAnswers? CountsOf(AnswerFile? answers, RecordingExporter exporter) => answers is null ? null
        : new ExportedAnswers(answers.ReadCount, answers.UsedCount, answers.UnreadableCount, exporter.NotDrawnCount);

    internal static InvalidDataException NotReadable(string path, RecordReader reader) => new($"'{Path.GetFileName(path)}' is not a "
        + $"recording that can be read ({reader.Stop}, {reader.StopText}). Recordings end in {RecordingFormat.Extension}.");

    internal static void Refuse(string? path, bool mayReplace)
    {
        if (Directory.Exists(path))
        {
            throw new ArgumentException($"'{path}' is a folder; name a file with --out");
        }

        if (!mayReplace && File.Exists(path))
        {
            throw new ArgumentException($"'{path}' exists; name another with --out, or replace it with --force");
        }
    }

    /// <summary>A recording may still be written, and an answers file too.</summary>
    internal static FileStream OpenForReading(string path) => new(path, new FileStreamOptions
    {
        Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 1 << 16, Options = FileOptions.SequentialScan,
    });
}

/// <summary>A file that is written beside its place and moved there when it is whole; else nothing is left of it.</summary>
internal sealed class NewFile : IDisposable
{
    private readonly string _partPath;
    private bool _isKept;

    public NewFile(string path)
    {
        Path = path;
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))))
        {
            throw new DirectoryNotFoundException($"there is no folder for '{path}'; make it, or name another file with --out");
        }

        _partPath = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.part");
        Stream = new FileStream(_partPath, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    public string Path { get; }

    /// <summary>Where it lies until it is kept, for who writes it by its name.</summary>
    public string PartPath => _partPath;

    public FileStream Stream { get; }

    public void Keep(bool mayReplace)
    {
        Stream.Dispose();
        File.Move(_partPath, Path, mayReplace);
        _isKept = true;
    }

    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            if (!_isKept)
            {
                File.Delete(_partPath);
            }
        }
    }
}
