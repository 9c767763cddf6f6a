using System.Globalization;
using System.Text;

namespace EdgeRoute.Engine.Reports;

/// <summary>
/// What a program says on one of its outputs, written by a thread of its own from the first word on: who has something to say never waits
/// for a reader that does not read, and never fails with one that has gone. What finds no room is counted, and the count is told when
/// there is room. Any thread.
/// </summary>
public sealed class OutputQueue : TextWriter
{
    /// <summary>Texts that wait: a minute of a device in trouble.</summary>
    public const int TextLimit = 1000;

    /// <summary>Characters that wait: a closing report of many streams, several times over.</summary>
    public const int CharLimit = 1 << 20;

    /// <summary>Enough for a reader that still reads, and little beside the five seconds in which a run must end.</summary>
    private const int CloseWaitMs = 2000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _waiting = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Stream _stream;
    private readonly string _name;
    private Thread? _thread;
    private int _waitingChars;
    private long _lostCount, _toldCount;
    private bool _isClosing;

    /// <param name="stream">Owned and closed by the queue, unless it is stuck at the end.</param>
    /// <param name="name">Of the output, for the line that tells of losses.</param>
    public OutputQueue(Stream stream, string name)
        : base(CultureInfo.InvariantCulture)
    {
        (_stream, _name) = (stream, name);
    }

    public override Encoding Encoding { get; } = new UTF8Encoding(false);

    /// <summary>Texts that found no room, or that the output refused.</summary>
    public long LostCount => Interlocked.Read(ref _lostCount);

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_gate)
        {
            string text = value ?? "";
            bool hasRoom = _waiting.Count == 0 || (_waiting.Count < TextLimit && _waitingChars + text.Length <= CharLimit);
            if (_isClosing || !hasRoom)
            {
                _lostCount++;
                return;
            }

            _waiting.Enqueue(text);
            _waitingChars += text.Length;
            if (_thread is null)
            {
                _thread = new Thread(Drain) { Name = _name, IsBackground = true };
                _thread.Start();
            }
        }

        _ready.Release();
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    /// <summary>What waits is written, unless the output takes none of it within two seconds.</summary>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
        }

        _ready.Release();
        if (_thread?.Join(CloseWaitMs) ?? true)
        {
            _stream.Dispose();
            _ready.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Drain()
    {
        while (Take() is { } text)
        {
            if (TryPut(text))
            {
                TellLosses();
            }
            else
            {
                Interlocked.Increment(ref _lostCount);
            }
        }
    }

    /// <summary>The next text; null when the queue is closed and empty.</summary>
    private string? Take()
    {
        _ready.Wait();
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out string? text))
            {
                return null;
            }

            _waitingChars -= text.Length;
            return text;
        }
    }

    /// <summary>Once what waited has been written: there is room again, and the gap lies here.</summary>
    private void TellLosses()
    {
        long lost = LostCount;
        bool isGap;
        lock (_gate)
        {
            isGap = lost > _toldCount && _waiting.Count == 0;
        }

        if (isGap && TryPut(string.Create(CultureInfo.InvariantCulture,
            $"warning: {lost - _toldCount} texts for {_name} were lost, because it was not read or could not be written\n")))
        {
            _toldCount = lost;
        }
    }

    private bool TryPut(string text)
    {
        try
        {
            _stream.Write(Encoding.GetBytes(text));
            _stream.Flush();
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return false;
        }
    }
}
