using System.Globalization;
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
public sealed class TaskMailbox(double maxAgeMs)
{
    private readonly Lock _gate = new();
    private readonly long _maxAgeNs = (long)(maxAgeMs * 1e6);
    private readonly float[] _values = new float[StateInput.LengthLimit];
    private int _count;
    private long _measuredNs, _putCount, _olderCount;
    private string? _instruction;

    /// <summary>States that were put, those included that were older than the one at hand.</summary>
    public long PutCount => Interlocked.Read(ref _putCount);

    /// <summary>States that came after one that was measured later, and were not used.</summary>
    public long OlderCount => Interlocked.Read(ref _olderCount);

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

    /// <summary>
    /// The task in words from now on; empty: none. The same words again stay the same string, which is recognised without reading it.
    /// </summary>
    public void Instruct(string words)
    {
        lock (_gate)
        {
            string? next = words.Length == 0 ? null : words;
            _instruction = string.Equals(next, _instruction, StringComparison.Ordinal) ? _instruction : next;
        }
    }

    /// <summary>Tells a frame that was captured just now what is here: the state, or why there is none, and the task.</summary>
    public void Tell(FrameSlot slot, long capturedNs)
    {
        lock (_gate)
        {
            slot.Instruction = _instruction ?? slot.Instruction;
            long ageNs = capturedNs - _measuredNs;
            if (_count == 0)
            {
                slot.StateFault = "the robot state was never told: put it over the channel with 'state.put' ('edgeroute state put', or "
                    + "put_state of the Python client)";
            }
            else if (ageNs > _maxAgeNs)
            {
                slot.StateFault = string.Create(CultureInfo.InvariantCulture, $"the robot state is {ageNs / 1e6:0} ms old, max_age_ms is "
                    + $"{maxAgeMs:0.##}: whoever puts it over the channel has stopped, or is too slow");
            }
            else
            {
                slot.TellState(_values.AsSpan(0, _count));
            }
        }
    }
}
