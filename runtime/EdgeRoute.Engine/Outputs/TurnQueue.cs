using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Outputs;

/// <summary>A rule's turn with the time at which an output was asked to tell of it.</summary>
internal readonly record struct ToldTurn(RuleTurn Turn, long UtcNs)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object that no answer is: only it has a <c>rule</c>.</summary>
    public ReadOnlyMemory<byte> Json()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Options);
        json.WriteStartObject();
        json.WriteString("source", Turn.Source);
        json.WriteNumber("sequence", Turn.Sequence);
        json.WriteNumber("time_utc_ns", UtcNs);
        json.WriteString("rule", Turn.Rule);
        json.WriteBoolean("on", Turn.IsOn);
        if (Turn.Text is { } text)
        {
            json.WriteString("text", text);
        }

        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    public RuleTurnMessage Message() => new()
    {
        Source = Turn.Source, Sequence = Turn.Sequence, TimeUtcNs = UtcNs, Rule = Turn.Rule, IsOn = Turn.IsOn, Text = Turn.Text,
    };
}

/// <summary>
/// Turns of rules on their way from the loop, which waits for nothing, to an output, which may. They are handed over one at a time on a
/// thread of the pool.
/// </summary>
/// <param name="write">Tells of one.</param>
internal sealed class TurnQueue(Action<ToldTurn> write, TimeProvider clock) : IThreadPoolWorkItem, IDisposable
{
    /// <summary>What every rule of several sources turns to at once, and more; of more the newest are lost.</summary>
    public const int Limit = 256;

    private readonly Channel<ToldTurn> _waiting = Channel.CreateBounded<ToldTurn>(Limit);
    private readonly Lock _handing = new();
    private long _lostCount;

    public long LostCount => Interlocked.Read(ref _lostCount);

    public void Put(in RuleTurn turn)
    {
        if (_waiting.Writer.TryWrite(new ToldTurn(turn, clock.UtcNs())))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            Interlocked.Increment(ref _lostCount);
        }
    }

    void IThreadPoolWorkItem.Execute() => HandOver();

    /// <summary>What waits is still told.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        HandOver();
    }

    private void HandOver()
    {
        lock (_handing)
        {
            while (_waiting.Reader.TryRead(out var turn))
            {
                write(turn);
            }
        }
    }
}
