using System.Text.Json;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// An answers file read beside a recording of the same run, line by line as far as the recording is, so that memory holds only the answers
/// that its frames may still ask for. A file that goes on over several runs serves as well: answers of others are passed over.
/// </summary>
internal sealed class AnswerFile(Stream stream, IReadOnlyDictionary<string, int> sources)
{
    /// <summary>A line with masks of a hundred objects in an 8K picture has less.</summary>
    private const int LineLimitBytes = 16 << 20;

    /// <summary>Held at most; the oldest give way. Ten seconds of four cameras with masks have less.</summary>
    private const long HeldLimitBytes = 128L << 20;

    /// <summary>Answers stand in the file by when they were published, traces in the recording by when they were written.</summary>
    private const long AheadNs = 2_000_000_000, BehindNs = 10_000_000_000;

    private readonly Dictionary<FrameKey, byte[]> _held = [];
    private readonly Queue<(FrameKey Key, long UtcNs)> _order = new();
    private readonly LineSplitter _lines = new(stream, LineLimitBytes);
    private (FrameKey Key, long UtcNs, byte[] Line)? _next;
    private long _heldBytes;

    /// <summary>Lines of the sources that were asked for.</summary>
    public long ReadCount { get; private set; }

    public long UsedCount { get; private set; }

    public long UnreadableCount { get; private set; }

    /// <summary>Of the first line that is no answer, counted from 1; 0 where there is none.</summary>
    public long FirstUnreadable { get; private set; }

    /// <summary>The line of a frame's answer; null where the file has none.</summary>
    public byte[]? Take(FrameKey frame, long utcNs)
    {
        ReadUpTo(frame, utcNs);
        DropBefore(frame.CaptureNs, utcNs);
        if (!_held.Remove(frame, out byte[]? line))
        {
            return null;
        }

        _heldBytes -= line.Length;
        UsedCount++;
        return line;
    }

    /// <summary>Reads what is left, so that the counts tell of the whole file.</summary>
    public void ReadToEnd(CancellationToken cancel)
    {
        while (TryNext())
        {
            cancel.ThrowIfCancellationRequested();
            _next = null;
        }
    }

    /// <summary>
    /// Both clocks must say that a line is of a later time before the reading waits for it: the monotonic one begins anew when a device is
    /// started anew, and the time of day may be set while it runs.
    /// </summary>
    private void ReadUpTo(FrameKey frame, long utcNs)
    {
        while (!_held.ContainsKey(frame) && TryNext())
        {
            var (key, lineUtcNs, line) = _next!.Value;
            if (key.CaptureNs - frame.CaptureNs > AheadNs && lineUtcNs - utcNs > AheadNs)
            {
                return;
            }

            _next = null;
            if (_held.TryAdd(key, line))
            {
                _order.Enqueue((key, lineUtcNs));
                _heldBytes += line.Length;
            }

            while (_heldBytes > HeldLimitBytes)
            {
                Drop();
            }
        }
    }

    private void DropBefore(long captureNs, long utcNs)
    {
        while (_order.TryPeek(out var oldest)
            && (!_held.ContainsKey(oldest.Key) || (captureNs - oldest.Key.CaptureNs > BehindNs && utcNs - oldest.UtcNs > BehindNs)))
        {
            Drop();
        }
    }

    private void Drop()
    {
        if (_held.Remove(_order.Dequeue().Key, out byte[]? line))
        {
            _heldBytes -= line.Length;
        }
    }

    /// <summary>False at the end of the file.</summary>
    private bool TryNext()
    {
        while (_next is null && _lines.Read() is { } line)
        {
            if (line.Length > 0)
            {
                Parse(line);
            }
        }

        return _next is not null;
    }

    private void Parse(byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var answer = document.RootElement;
            string source = answer.GetProperty("source").GetString() ?? "";
            long captureNs = answer.GetProperty("capture_ns").GetInt64(), sequence = answer.GetProperty("sequence").GetInt64();
            if (sources.TryGetValue(source, out int index))
            {
                ReadCount++;
                long utcNs = answer.TryGetProperty("capture_utc_ns", out var utc) ? utc.GetInt64() : captureNs;
                _next = (new FrameKey(index, sequence, captureNs), utcNs, line);
            }
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            UnreadableCount++;
            FirstUnreadable = FirstUnreadable == 0 ? _lines.Number : FirstUnreadable;
        }
    }
}

/// <summary>What makes a frame one of a kind, over restarts of sources as well.</summary>
internal readonly record struct FrameKey(int SourceIndex, long Sequence, long CaptureNs);

/// <summary>Lines of a file, with a limit: one that is longer is given as empty bytes that are no answer.</summary>
internal sealed class LineSplitter(Stream stream, int limitBytes)
{
    private const int FirstBytes = 64 << 10;

    private static readonly byte[] TooLong = "too long"u8.ToArray();

    private byte[] _bytes = new byte[FirstBytes];
    private int _start, _end;
    private bool _isEnded;

    /// <summary>Of the line that was read last, counted from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Null at the end. What stands behind the last line break is a line too.</summary>
    public byte[]? Read()
    {
        bool isTooLong = false;
        while (true)
        {
            int length = _bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0 || (_isEnded && (_end > _start || isTooLong)))
            {
                length = length >= 0 ? length : _end - _start;
                byte[] line = isTooLong ? TooLong : _bytes[_start..(_start + length)];
                _start = Math.Min(_end, _start + length + 1);
                Number++;
                return line;
            }

            if (_isEnded)
            {
                return null;
            }

            if (_end - _start >= limitBytes)
            {
                isTooLong = true;
                _start = _end;
            }

            Fill();
        }
    }

    private void Fill()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        int got = stream.Read(_bytes, _end, _bytes.Length - _end);
        _end += got;
        _isEnded = got == 0;
    }
}
