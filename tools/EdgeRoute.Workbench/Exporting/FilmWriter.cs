using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// Draws the pictures of one camera in their order, each when the record of its frame's way is there, and hands them to an encoder. Not
/// thread-safe.
/// </summary>
internal sealed class FilmWriter(string path, string extension, SessionSource source, ExportSelection selection, AnswerFile? answers,
    CancellationToken cancel) : IDisposable
{
    /// <summary>A picture is shown no longer than this: a recording of events may have hours between two of them.</summary>
    public static readonly TimeSpan PauseMost = TimeSpan.FromSeconds(5);

    /// <summary>Pictures that wait for the trace of their frame, and traces for their picture: what recordings mix is less.</summary>
    private const int PicturesHeld = 64, TracesHeld = 4096;

    /// <summary>From this width on one line has room for what stands above a picture.</summary>
    private const int OneLineWidth = 640;

    private readonly Queue<(FrameStamp Stamp, FrameLayout Layout, byte[] Bytes)> _pictures = new();
    private readonly Dictionary<FrameKey, TraceRecord> _traces = [];
    private readonly FrameAnnotator _annotator = new();
    private readonly AnswerLine _lines = new();
    private FilmEncoder? _film;
    private long _lastNs = long.MinValue, _shownNs;
    private int? _headerLines;

    public int Width => _film?.Width ?? 0;

    public int Height => _film?.Height ?? 0;

    public long FrameCount { get; private set; }

    /// <summary>Pictures of the source, wanted or not.</summary>
    public long SeenCount { get; private set; }

    public long BadCount { get; private set; }

    /// <summary>Why the first picture could not be decoded.</summary>
    public string BadText { get; private set; } = "";

    public long UntoldCount { get; private set; }

    /// <summary>Pictures of which the answers file says nothing.</summary>
    public long UnansweredCount { get; private set; }

    public long FittedCount => _film?.FittedCount ?? 0;

    public long ShortenedCount { get; private set; }

    public long UnusableCount => _lines.UnusableCount;

    /// <summary>What follows was not read, because it lies behind the end that was asked for.</summary>
    public bool IsPastEnd { get; private set; }

    /// <summary>When the last picture appears.</summary>
    public double Seconds => _shownNs / 1e9;

    public void Take(FrameStamp stamp, FrameLayout layout, ReadOnlySpan<byte> bytes)
    {
        SeenCount++;
        if (selection.IsWithin(stamp.CaptureNs))
        {
            _pictures.Enqueue((stamp, layout, bytes.ToArray()));
            ShowReady(PicturesHeld);
        }
        else
        {
            IsPastEnd |= selection.IsLongPast(stamp.CaptureNs);
        }
    }

    public void Take(in TraceRecord trace)
    {
        if (_traces.Count == TracesHeld)
        {
            // Frames without a picture: what is recorded may be every tenth.
            long oldest = _pictures.TryPeek(out var waiting) ? waiting.Stamp.CaptureNs : trace.Stamp.CaptureNs;
            foreach (var key in _traces.Keys.Where(k => k.CaptureNs < oldest).ToList())
            {
                _traces.Remove(key);
            }
        }

        _traces[KeyOf(trace.Stamp)] = trace;
        ShowReady(PicturesHeld);
    }

    /// <summary>Shows what still waits, and writes the end of the file.</summary>
    public void Finish()
    {
        ShowReady(0);
        _film?.Finish(cancel);
    }

    public void Dispose()
    {
        _film?.Dispose();
        _annotator.Dispose();
    }

    private void ShowReady(int held)
    {
        while (_pictures.TryPeek(out var first) && (_pictures.Count > held || _traces.ContainsKey(KeyOf(first.Stamp))))
        {
            cancel.ThrowIfCancellationRequested();
            Show(_pictures.Dequeue());
        }
    }

    private void Show((FrameStamp Stamp, FrameLayout Layout, byte[] Bytes) picture)
    {
        var key = KeyOf(picture.Stamp);
        bool isTold = _traces.Remove(key, out var trace);
        UntoldCount += isTold ? 0 : 1;
        byte[] line = answers?.Take(key, selection.UtcOf(key.CaptureNs)) ?? [];
        UnansweredCount += answers is not null && line.Length == 0 ? 1 : 0;
        try
        {
            var size = PictureSizes.Of(picture.Layout, picture.Bytes) ?? default;
            using var answer = line.Length > 0 ? JsonDocument.Parse(line) : null;
            Encode(_annotator.Draw(picture.Layout, picture.Bytes, AnnotationOf(picture.Stamp, isTold ? trace : null, answer?.RootElement,
                size)), picture.Stamp.CaptureNs);
        }
        catch (InvalidDataException refused)
        {
            BadText = BadCount++ == 0 ? refused.Message : BadText;
        }
        catch (DllNotFoundException absent)
        {
            throw new IOException($"the recording holds JPEGs, and libjpeg-turbo, which reads them, is not here: {absent.Message}");
        }
    }

    private FrameAnnotation AnnotationOf(FrameStamp stamp, TraceRecord? trace, JsonElement? answer, PictureSize size)
    {
        string caption = answer is { } line ? AnnotationJson.CaptionOf(line) : "";
        // As many above each, so that all pictures are of one size.
        _headerLines ??= size.Width < OneLineWidth ? 2 : 1;
        var boxes = answer is { } told ? _lines.Boxes(told, size.Width, size.Height) : null;
        if (trace is not { } record)
        {
            return new FrameAnnotation(source.Name, stamp.Sequence, "", caption, double.NaN, FrameEnd.Skipped, boxes, _lines.Labels)
            {
                HeaderLineCount = _headerLines,
            };
        }

        string end = FoxgloveJson.WordOf(record.End) + (record.Flags.HasFlag(TraceFlags.Late) ? ", late" : "");
        return new FrameAnnotation(source.Name, stamp.Sequence, DecisionJson.PathOf(record, source),
            caption.Length > 0 ? $"{caption}   {end}" : end, record.LatencyNs / 1e6, record.End, boxes, _lines.Labels)
        {
            HeaderLineCount = _headerLines, Windows = FrameAnnotation.WindowsOf(record),
        };
    }

    private void Encode(RgbPicture picture, long captureNs)
    {
        if (captureNs <= _lastNs)
        {
            BadText = BadCount++ == 0 ? "it was captured before the one shown last" : BadText;
            return;
        }

        if (_film is not null)
        {
            long since = captureNs - _lastNs, most = (long)PauseMost.TotalNanoseconds;
            ShortenedCount += since > most ? 1 : 0;
            _shownNs += Math.Min(since, most);
        }

        _film ??= new FilmEncoder(path, extension, picture.Width, picture.Height);
        _lastNs = captureNs;
        _film.Push(picture, _shownNs, cancel);
        FrameCount++;
    }

    private static FrameKey KeyOf(FrameStamp stamp) => new(stamp.SourceIndex, stamp.Sequence, stamp.CaptureNs);
}
