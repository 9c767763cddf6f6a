using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Frames;

/// <summary>What a source does beside giving pixels.</summary>
/// <param name="State">Its frames come with the robot's state.</param>
/// <param name="Instruction">They come with the task in words, or may.</param>
/// <param name="Acts">It carries out actions itself.</param>
public readonly record struct SourceTells(bool State, bool Instruction, bool Acts);

/// <summary>
/// What a robot told of itself last, and what it is to do, until a frame is captured that they belong to. Any thread puts, the capture
/// thread takes; the loop sees copies only.
/// </summary>
/// <param name="maxAgeMs">From the measurement to a frame's capture at most, in milliseconds.</param>
/// <param name="topic">Of the MQTT broker that it comes from; null: from the channel.</param>
public sealed class TaskMailbox(double maxAgeMs, StateTopicConfig? topic = null)
{
    private readonly string _never = topic is null
        ? "put it over the channel with 'state.put' ('edgeroute state put', or put_state of the Python client)"
        : $"no message with it has come on the topic '{topic.Topic}' of the output '{topic.Output}'";

    private readonly string _late = topic is null ? "whoever puts it over the channel has stopped, or is too slow"
        : $"whoever publishes to '{topic.Topic}' has stopped or is too slow, or the output '{topic.Output}' has no connection";

    private readonly Lock _gate = new();
    private readonly long _maxAgeNs = (long)(maxAgeMs * 1e6);
    private readonly float[] _values = new float[StateInput.LengthLimit];
    private int _count;
    private long _measuredNs, _putCount, _olderCount, _refusedCount;
    private string? _refusal;
    private string? _instruction;
    private long _instructedNs;

    /// <summary>From a task's arrival to a frame's capture at most, in milliseconds.</summary>
    public double InstructionMaxAgeMs { get; init; } = double.PositiveInfinity;

    /// <summary>States that were put, those included that were older than the one at hand.</summary>
    public long PutCount => Interlocked.Read(ref _putCount);

    /// <summary>States that came after one that was measured later, and were not used.</summary>
    public long OlderCount => Interlocked.Read(ref _olderCount);

    /// <summary>Messages that were no state or no task, and were not used.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>What was wrong with the last of them; null where a state has come since.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>The topic that it comes from; null: from the channel.</summary>
    public string? Topic => topic?.Topic;

    /// <summary>The task may come with it.</summary>
    public bool TellsInstruction { get; } = topic is null || topic.InstructionTopic is not null;

    /// <summary>The task in words that was put last; null while none was.</summary>
    public string? Instruction
    {
        get
        {
            lock (_gate)
            {
                return _instruction;
            }
        }
    }

    /// <summary>Milliseconds since the state at hand was measured; infinite while none was put.</summary>
    public double AgeMs(long nowNs)
    {
        lock (_gate)
        {
            return _count == 0 ? double.PositiveInfinity : (nowNs - _measuredNs) / 1e6;
        }
    }

    /// <summary>False: one that was measured later is here already and not too old, so this one is not used.</summary>
    /// <param name="state">At most <see cref="StateInput.LengthLimit"/> values, finite.</param>
    /// <param name="measuredNs">On the monotonic clock, as captures are.</param>
    public bool Put(ReadOnlySpan<float> state, long measuredNs, long nowNs)
    {
        lock (_gate)
        {
            _putCount++;
            _refusal = null;
            if (_count > 0 && measuredNs < _measuredNs && nowNs - _measuredNs <= _maxAgeNs)
            {
                _olderCount++;
                return false;
            }

            state.CopyTo(_values);
            (_count, _measuredNs) = (state.Length, measuredNs);
            return true;
        }
    }

    /// <summary>Something came that is not used.</summary>
    public void Refuse(string why)
    {
        Interlocked.Increment(ref _refusedCount);
        Volatile.Write(ref _refusal, why);
    }

    /// <summary>
    /// The task in words from now on; empty: none. The same words again stay the same string, which is recognised without reading it.
    /// </summary>
    /// <param name="isRetained">A broker had kept it: words that are here already are no younger for that.</param>
    public void Instruct(string words, long nowNs, bool isRetained = false)
    {
        lock (_gate)
        {
            string? next = words.Length == 0 ? null : words;
            bool isSame = string.Equals(next, _instruction, StringComparison.Ordinal);
            _instruction = isSame ? _instruction : next;
            _instructedNs = isSame && isRetained ? _instructedNs : nowNs;
        }
    }

    /// <summary>A task that is too old does not give way to another: nobody meant that one now.</summary>
    private string? InstructionFaultOf(double ageMs)
    {
        string again = topic is null ? "put it again over the channel" : $"publish it again to '{topic.InstructionTopic}'";
        return ageMs <= InstructionMaxAgeMs ? null : string.Create(CultureInfo.InvariantCulture, $"the instruction '{_instruction}' is "
            + $"{ageMs / 1e3:0.#} s old, instruction_max_age_ms is {InstructionMaxAgeMs:0.##}: {again}, or an empty one to take it away");
    }

    /// <summary>Tells a frame that was captured just now what is here: the state, or why there is none, and the task.</summary>
    public void Tell(FrameSlot slot, long capturedNs)
    {
        lock (_gate)
        {
            slot.Instruction = _instruction ?? slot.Instruction;
            slot.InstructionFault = _instruction is null ? null : InstructionFaultOf((capturedNs - _instructedNs) / 1e6);
            long ageNs = capturedNs - _measuredNs;
            if (_count == 0)
            {
                slot.StateFault = $"the robot state was never told: {_refusal ?? _never}";
            }
            else if (ageNs > _maxAgeNs)
            {
                slot.StateFault = string.Create(CultureInfo.InvariantCulture, $"the robot state is {ageNs / 1e6:0} ms old, max_age_ms is "
                    + $"{maxAgeMs:0.##}: {_refusal ?? _late}");
            }
            else
            {
                slot.TellState(_values.AsSpan(0, _count));
            }
        }
    }
}
