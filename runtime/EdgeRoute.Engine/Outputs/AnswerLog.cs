using System.Buffers;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// What an output does with frames on its queue's thread. Disposed of after the queue has drained. What it says of itself may be asked on
/// any thread.
/// </summary>
internal abstract class AnswerWriter : IDisposable
{
    /// <summary>Answers that got where they go, and answers that did not.</summary>
    public abstract (long Written, long Lost) Counts { get; }

    /// <summary>Why nothing gets through just now; null while all is well.</summary>
    public virtual string? Fault => null;

    public abstract void Write(PublishedCopy frame);

    /// <summary>A frame was lost before it came here; on the loop's or the queue's thread, and returns at once.</summary>
    public virtual void Miss()
    {
    }

    /// <summary>Told of what happens beside the frames, at once and on any thread: it must not wait.</summary>
    public virtual void Tell(EngineEvent happened)
    {
    }

    /// <summary>A rule has turned and wants this output to say so; on the loop's thread, and returns at once.</summary>
    public virtual void Tell(in RuleTurn turn)
    {
    }

    /// <summary>Opens anew what may have been moved away. False: there is nothing such.</summary>
    public virtual bool Reopen() => false;

    public abstract void Dispose();
}

/// <summary>Something that happened while an engine runs.</summary>
/// <param name="Source">Name of the source; empty for the whole engine.</param>
/// <param name="Text">For people; addresses in it may still have their secrets.</param>
internal readonly record struct EngineEvent(long UtcNs, ReportLevel Level, string Source, EventKind Kind, string Text);

/// <summary>Answers as JSON lines, one object per frame: for programs, and for comparing two runs frame by frame.</summary>
internal sealed class AnswerLog : AnswerWriter
{
    private static readonly byte[] NewLine = [(byte)'\n'];

    private readonly ILineTarget _target;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly AnswerJson _json;
    private readonly Lock _gate = new();
    private readonly TurnQueue _turns;
    private long _lineCount;

    /// <param name="target">Closed with the log.</param>
    /// <param name="clock">Whose time frames are stamped with.</param>
    public AnswerLog(ILineTarget target, TimeProvider clock)
    {
        (_target, _json) = (target, new AnswerJson(_line, clock));
        _turns = new TurnQueue(Write, clock);
    }

    public override (long Written, long Lost) Counts
    {
        get
        {
            long lost = _target.LostCount;
            return (Math.Max(0, Volatile.Read(ref _lineCount) - lost), lost + _turns.LostCount);
        }
    }

    /// <inheritdoc cref="LinePipe.HasFailed"/>
    public bool HasFailed => _target is LinePipe { HasFailed: true };

    /// <inheritdoc cref="LineFile.Reopen"/>
    public override bool Reopen() => _target is LineFile file && file.Reopen();

    public override void Write(PublishedCopy frame)
    {
        lock (_gate)
        {
            _line.ResetWrittenCount();
            _json.Write(frame);
            WriteLine();
        }
    }

    public override void Tell(in RuleTurn turn) => _turns.Put(turn);

    private void Write(ToldTurn turn)
    {
        lock (_gate)
        {
            _line.ResetWrittenCount();
            _line.Write(turn.Json().Span);
            WriteLine();
        }
    }

    private void WriteLine()
    {
        _line.Write(NewLine);
        Interlocked.Increment(ref _lineCount);
        _target.Write(_line.WrittenSpan);
    }

    public override void Dispose()
    {
        _turns.Dispose();
        _json.Dispose();
        _target.Dispose();
    }
}
