using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// Plays the frames of one source of a recording, in order and without loss, with the source times they had, so that decisions come out as
/// they did. A recording that was cut plays up to the cut and then ends, which is reported.
/// </summary>
/// <param name="path">The recording.</param>
/// <param name="sourceName">Which of its sources; null where it has only one.</param>
/// <param name="report">Told, from the capture thread, when the recording is not whole.</param>
internal sealed class ReplaySource(string path, string? sourceName, Action<string> report) : IFrameSource
{
    /// <summary>The scheme that names one source of a recording: <c>replay://run.erec?source=front</c>.</summary>
    public const string Scheme = "replay";

    private FileStream? _file;
    private RecordReader? _reader;
    private int _sourceIndex;
    private bool _hasEnded;
    private SourceTells? _tells;

    public string Description => sourceName is null ? $"recording {path}" : $"recording {path}, source '{sourceName}'";

    public bool IsLive => false;

    public double ReadShare => _file is { Length: > 0 } file ? (double)file.Position / file.Length : double.NaN;

    /// <summary>Where its first frame was told a state.</summary>
    public bool TellsState => (_tells ??= FirstTold()).State;

    public bool TellsInstruction => (_tells ??= FirstTold()).Instruction;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    /// <summary>Teaches a factory paths that end in <c>.erec</c>, and the <see cref="Scheme"/>.</summary>
    /// <param name="report">As in the constructor.</param>
    public static void Register(SourceFactory factory, Action<string> report)
    {
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem)
        {
            problem = address.UnknownKey("source")
                ?? (options.Loops || options.Pace == SourcePace.Source || options.Delivery == DeliveryMode.NewestWins
                    ? "a recording is replayed once and every frame, as fast as frames are taken, so that decisions come out as they did"
                    : "");
            return problem.Length == 0 ? new ReplaySource(Path.GetFullPath(address.Path), address.Value("source"), report) : null;
        }

        factory.RegisterExtension(RecordingFormat.Extension, Make);
        factory.RegisterScheme(Scheme, Make);
    }

    /// <summary>Whether a file is a recording: by its extension, else by its first bytes. False for what cannot be read.</summary>
    public static bool IsRecording(string path)
    {
        if (path.EndsWith(RecordingFormat.Extension, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            // Only what has a length is opened: a pipe would block, and opening a camera may switch it on.
            var entry = new FileInfo(path);
            if (!entry.Exists || entry.Length < RecordingFormat.FileHeaderBytes)
            {
                return false;
            }

            using var file = entry.OpenRead();
            Span<byte> start = stackalloc byte[RecordingFormat.Magic.Length];
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
                && start.SequenceEqual(RecordingFormat.Magic);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    public bool Open()
    {
        Close();
        try
        {
            // The reader has its own buffer; a second one would only copy.
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
            _reader = new RecordReader(_file);
            string problem = _reader.Read() ? FindSource(_reader.Session!) : _reader.StopText;
            Fault = problem.Length == 0 ? SourceFault.None : OpenFailed(problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Fault = OpenFailed(e.Message);
        }

        return Fault.Kind == SourceFaultKind.None;
    }

    /// <summary>Never waits: a file has its next frame or is at its end.</summary>
    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        if (_reader is null || Fault.Kind != SourceFaultKind.None)
        {
            return ReadOutcome.Fault;
        }

        while (_reader.Read())
        {
            if (_reader.Kind == RecordKind.Frame && _reader.FrameStamp.SourceIndex == _sourceIndex)
            {
                _reader.FrameBytes.CopyTo(slot.Prepare(_reader.FrameLayout));
                Tell(slot, _reader);
                sourceNs = _reader.FrameStamp.SourceNs;
                return ReadOutcome.Frame;
            }
        }

        return _hasEnded ? ReadOutcome.End : AtEnd(_reader);
    }

    public void Close()
    {
        _file?.Dispose();
        (_file, _reader, _hasEnded) = (null, null, false);
    }

    public void Dispose() => Close();

    /// <summary>What was told stands before its frame, under the same number.</summary>
    private static void Tell(FrameSlot slot, RecordReader reader)
    {
        var told = reader.Told;
        if (told.SourceIndex == reader.FrameStamp.SourceIndex && told.Sequence == reader.FrameStamp.Sequence)
        {
            slot.TellState([.. told.State]);
            slot.Instruction = told.Instruction;
        }
    }

    /// <summary>What the recording's first frame was told, read ahead of any opening; nothing where it cannot be read.</summary>
    private SourceTells FirstTold()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var reader = new RecordReader(file);
            if (!reader.Read() || FindSource(reader.Session!).Length > 0)
            {
                return default;
            }

            while (reader.Read() && (reader.Kind != RecordKind.Frame || reader.FrameStamp.SourceIndex != _sourceIndex))
            {
                if (reader.Kind == RecordKind.Told && reader.Told.SourceIndex == _sourceIndex)
                {
                    return new SourceTells(reader.Told.State.Count > 0, reader.Told.Instruction is not null, false);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // Opening it says so.
        }

        return default;
    }

    private ReadOutcome AtEnd(RecordReader reader)
    {
        if (reader.Stop == ReadStop.StreamFailed)
        {
            Fault = new SourceFault(SourceFaultKind.StreamError, $"{path}: {reader.StopText}");
            return ReadOutcome.Fault;
        }

        _hasEnded = true;
        if (reader.Stop != ReadStop.Complete)
        {
            report($"{Description} is not whole; all frames before that were played: {reader.StopText}.");
        }
        else if (reader.End!.FrameLostCount > 0)
        {
            report($"{Description} lacks {reader.End.FrameLostCount} frames that the disk was too slow for, so decisions may differ from "
                + "the recorded ones.");
        }

        return ReadOutcome.End;
    }

    private SourceFault OpenFailed(string problem) => new(SourceFaultKind.OpenFailed, $"{path}: {problem}");

    /// <summary>Finds the source to play; returns what is wrong, or nothing.</summary>
    private string FindSource(SessionStart session)
    {
        string names = string.Join(", ", session.Sources.Select(s => $"'{s.Name}'"));
        if (sourceName is null)
        {
            _sourceIndex = session.Sources.Count == 1 ? 0 : -1;
            return _sourceIndex >= 0 ? "" : $"the recording has {session.Sources.Count} sources; name the one to play: {names}";
        }

        _sourceIndex = session.Sources.ToList().FindIndex(s => s.Name == sourceName);
        return _sourceIndex >= 0 ? "" : $"the recording has no source '{sourceName}'; it has {names}";
    }
}
