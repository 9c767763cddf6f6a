using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// A source that runs in a process of its own: what its library does to that process, a crash or a call that never returns, is a fault of
/// this source like any other. Opening returns at once; what comes of it is read like frames.
/// </summary>
/// <param name="inner">The source as it would be opened here. It never is, and says only what it is.</param>
/// <param name="request">What the process is to open.</param>
/// <param name="command">The program that runs <see cref="CaptureChild"/>, and its arguments.</param>
/// <param name="report">Told what is no fault.</param>
internal sealed class IsolatedSource(IFrameSource inner, SourceRequest request, IReadOnlyList<string> command, Action<string> report)
    : IFrameSource
{
    /// <summary>How long a process may take to close its source in order, before it is killed.</summary>
    public const int CloseLimitMs = 400;

    /// <summary>How long the kernel may take to end a process; together with the other a thread can still stop in time.</summary>
    public int EndLimitMs { get; init; } = 200;

    private readonly byte[] _message = new byte[ChildMessages.BytesMax];
    private ChildProcess? _child;
    private MessageSocket? _socket;
    private SharedMemory? _shared;
    private long _frameCount;
    private string? _note;
    private readonly PictureNameCache _names = new();

    public string Description => $"{inner.Description}, in a process of its own";

    public bool IsLive => inner.IsLive;

    public bool Repeats => inner.Repeats;

    public bool SizesVary => inner.SizesVary;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    /// <summary>Of the process that runs now, or of the last one; 0 before the first.</summary>
    public int ChildId { get; private set; }

    public string? TakeNote()
    {
        string? note = _note;
        _note = null;
        return note;
    }

    public bool Open()
    {
        Close();
        if (_child is not null)
        {
            Break(SourceFaultKind.OpenFailed, $"its last capture process {ChildId} was killed and does not end: it hangs in a driver, and "
                + "no other is started beside it");
            return false;
        }

        Fault = SourceFault.None;
        _frameCount = 0;
        _shared = SharedMemory.Create(ChildMessages.MemoryBytes, out var file);
        using (file)
        {
            (_socket, var others) = MessageSocket.CreatePair();
            using (others)
            {
                _child = ChildProcess.Start(command[0], [.. command.Skip(1)], others, file);
            }
        }

        // What this finds wrong, the first read finds too.
        ChildId = _child.Id;
        _ = _socket.TrySend(request.ToBytes());
        return true;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        var socket = _socket ?? throw new InvalidOperationException("Read comes after Open.");
        int length = socket.Receive(_message, waitMs);
        if (length == 0)
        {
            return ReadOutcome.Nothing;
        }

        if (length == MessageSocket.Gone)
        {
            return Break(SourceFaultKind.StreamError, HowItEnded());
        }

        var message = _message.AsSpan(0, length);
        switch ((ChildWord)message[0])
        {
            case ChildWord.Frame:
                return Take(socket, message, slot, out sourceNs);
            case ChildWord.End:
                return ReadOutcome.End;
            case ChildWord.Note:
                _note = ChildMessages.TextOf(message).Detail;
                return ReadOutcome.Nothing;
            case ChildWord.Report:
                report(ChildMessages.TextOf(message).Detail);
                return ReadOutcome.Nothing;
            case ChildWord.Unreadable:
                Fault = ChildMessages.TextOf(message);
                return ReadOutcome.Nothing;
            case ChildWord.Fault:
                Fault = ChildMessages.TextOf(message);
                return ReadOutcome.Fault;
            default:
                return Break(SourceFaultKind.StreamError, $"its capture process {ChildId} says what nobody understands: {message[0]}");
        }
    }

    public void Close()
    {
        if (_child is not null && _socket is not null)
        {
            _socket.FinishSending();
            _ = _child.WaitForEnd(CloseLimitMs);
        }

        _socket?.Dispose();
        _shared?.Dispose();
        (_socket, _shared) = (null, null);
        _child?.Kill();
        if (_child?.WaitForEnd(EndLimitMs) is not null)
        {
            _child.Dispose();
            _child = null;
        }
    }

    public void Dispose()
    {
        Close();
        _child?.Dispose();
        inner.Dispose();
    }

    private ReadOutcome Take(MessageSocket socket, ReadOnlySpan<byte> message, FrameSlot slot, out long sourceNs)
    {
        sourceNs = -1;
        if (ChildMessages.FindProblem(message, out var stamp, out var layout) is { } problem)
        {
            return Break(SourceFaultKind.UnusableFormat, problem);
        }

        if (stamp.Sequence != _frameCount)
        {
            return Break(SourceFaultKind.StreamError,
                $"its capture process {ChildId} gives frame {stamp.Sequence} where {_frameCount} is due");
        }

        long offset = ChildMessages.SlotIndexOf(_frameCount++) * ChildMessages.SlotStrideBytes;
        _shared!.Read(offset, layout.SizeBytes).CopyTo(slot.Prepare(layout));
        slot.Name = _names.Of(ChildMessages.NameOf(message));
        sourceNs = IsLive ? -1 : Math.Max(-1, stamp.SourceNs);
        return socket.TrySend([0]) ? ReadOutcome.Frame
            : Break(SourceFaultKind.StreamError, $"after {_frameCount} frames {HowItEnded()}");
    }

    private string HowItEnded() => _child?.WaitForEnd(EndLimitMs) switch
    {
        null => $"its capture process {ChildId} does not listen any more",
        { IsCrash: true } crash => $"its capture process {ChildId} {crash.Words}: a library that it runs crashed",
        var end => $"its capture process {ChildId} {end.Words}",
    };

    private ReadOutcome Break(SourceFaultKind kind, string detail)
    {
        Fault = new SourceFault(kind, detail);
        return ReadOutcome.Fault;
    }
}

/// <summary>Names of pictures as text, made once for those that come again, as they do in a folder that loops.</summary>
internal sealed class PictureNameCache
{
    /// <summary>Names kept; each may have a kilobyte.</summary>
    private const int Limit = 64;

    private readonly byte[][] _bytes = new byte[Limit][];
    private readonly string[] _texts = new string[Limit];
    private int _count, _next;

    /// <summary>Null for an empty one.</summary>
    public string? Of(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return null;
        }

        for (int i = 0; i < _count; i++)
        {
            if (name.SequenceEqual(_bytes[i]))
            {
                return _texts[i];
            }
        }

        int at = _next;
        (_bytes[at], _texts[at]) = (name.ToArray(), ChildMessages.Printable(name));
        (_next, _count) = ((at + 1) % Limit, Math.Min(_count + 1, Limit));
        return _texts[at];
    }
}
