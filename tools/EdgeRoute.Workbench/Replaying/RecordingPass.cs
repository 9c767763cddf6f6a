using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Sees one trace; the record is valid only while it is called.</summary>
internal delegate void TraceVisitor(in TraceRecord record);

/// <summary>Reads a recording once, from its session start to where it can no longer be read.</summary>
internal sealed class RecordingPass
{
    /// <summary>Events kept for explanations: a fault on every tenth frame of an hour. Later ones are counted, not kept.</summary>
    public const int EventLimit = 16384;

    private readonly RecordReader _reader;
    private readonly List<RecordedEvent> _events = [];
    private readonly TraceLaw _law = new();

    /// <param name="stream">The file from its start; stays the caller's.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InvalidDataException">It is no recording that this build reads.</exception>
    public RecordingPass(Stream stream, string name)
    {
        (_reader, Name) = (new RecordReader(stream), name);
        Session = _reader.Read() && _reader.Session is { } session
            ? session
            : throw new InvalidDataException($"'{name}' is not a recording that can be read ({_reader.Stop}, {_reader.StopText}). "
                + $"Recordings end in {RecordingFormat.Extension}.");
    }

    public string Name { get; }

    public SessionStart Session { get; }

    public IReadOnlyList<RecordedEvent> Events => _events;

    public long EventsLeftOutCount { get; private set; }

    /// <summary>Traces of the source that was read.</summary>
    public long TraceCount { get; private set; }

    /// <summary>Frames that ended but left no trace in the file; 0 where the file does not say.</summary>
    public long TraceLostCount => _reader.End?.TraceLostCount ?? 0;

    /// <summary>What is missing from the file, in words; null for a whole one.</summary>
    public string? Warning => _reader.Stop switch
    {
        ReadStop.Complete => Missing(),
        ReadStop.None => null,
        ReadStop.Unfinished => "the recording was not closed (its writer was ended); everything in it was read",
        _ => $"the recording can be read only up to a point ({_reader.Stop}, {_reader.StopText}); what follows is not judged",
    };

    /// <summary>Index of the source that is meant: by name, by index, or the only one.</summary>
    /// <exception cref="ArgumentException">There is no such source, or none was named and there are several.</exception>
    public int FindSource(string? text)
    {
        string[] names = [.. Session.Sources.Select(s => s.Name)];
        if (text is null && names.Length == 1)
        {
            return 0;
        }

        int found = text is null ? -1 : Array.IndexOf(names, text);
        if (found >= 0)
        {
            return found;
        }

        if (int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int index) && index >= 0 && index < names.Length)
        {
            return index;
        }

        string all = string.Join(", ", names.Select((n, i) => $"'{n}' ({i})"));
        throw new ArgumentException(text is null ? $"the recording has several sources; say which with --source: {all}"
            : $"the recording has no source '{text}'; it has {all}");
    }

    /// <summary>Shows all traces of one source, in the file's order.</summary>
    public void Run(int sourceIndex, TraceVisitor visit)
    {
        while (_reader.Read())
        {
            if (_reader.Kind == RecordKind.Trace)
            {
                Count(_reader.Trace, sourceIndex, visit);
            }
            else if (_reader.Kind == RecordKind.Event && (_reader.Event!.SourceIndex == sourceIndex || _reader.Event.SourceIndex < 0))
            {
                Keep(_reader.Event);
            }
        }
    }

    private void Count(in TraceRecord trace, int sourceIndex, TraceVisitor visit)
    {
        _law.Count(trace);
        if (trace.Stamp.SourceIndex == sourceIndex)
        {
            TraceCount++;
            visit(trace);
        }
    }

    /// <summary>
    /// A recording whose frames and traces do not add up was damaged in a way that its checksums did not show, or written wrongly.
    /// </summary>
    private string? Missing()
    {
        List<string> missing = [.. _law.FindProblems(_reader.End!)];
        if (TraceLostCount > 0)
        {
            missing.Insert(0, $"{TraceLostCount} frames left no trace in the recording");
        }

        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    private void Keep(RecordedEvent recorded)
    {
        if (_events.Count < EventLimit)
        {
            _events.Add(recorded);
        }
        else
        {
            EventsLeftOutCount++;
        }
    }
}
