using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>How the frame to be explained is named.</summary>
public enum FrameRule
{
    Number,
    Last,
    Late,
    Slowest,
}

/// <summary>Finds the frame that is asked for while a recording is read.</summary>
/// <param name="rule">What makes a frame the one.</param>
/// <param name="number">Its number, for <see cref="FrameRule.Number"/>.</param>
internal sealed class FrameChoice(FrameRule rule, long number)
{
    private TraceRecord _found;
    private long? _below, _above, _first, _last;
    private long _overrunNs = long.MinValue;

    public bool HasFound { get; private set; }

    public ref readonly TraceRecord Found => ref _found;

    public void See(in TraceRecord record)
    {
        long sequence = record.Stamp.Sequence;
        (_first, _last) = (Math.Min(_first ?? sequence, sequence), Math.Max(_last ?? sequence, sequence));
        _below = sequence < number ? Math.Max(_below ?? sequence, sequence) : _below;
        _above = sequence > number ? Math.Min(_above ?? sequence, sequence) : _above;
        if (IsBetter(record))
        {
            (_found, HasFound) = (record, true);
        }
    }

    /// <summary>Why no frame was found, with the range and the nearest.</summary>
    public string Problem(string source)
    {
        if (_first is null)
        {
            return $"source '{source}' has no recorded frames";
        }

        if (rule == FrameRule.Late)
        {
            return $"no frame of source '{source}' was late";
        }

        if (number < _first || number > _last)
        {
            return $"frame {number} of source '{source}' is not in the recording; its frames run from {_first} to {_last}";
        }

        return $"frame {number} of source '{source}' left no trace (a newer frame took its place, or its trace was lost); recorded frames "
            + $"run from {_first} to {_last}, "
                + $"the nearest are {_below} and {_above}";
    }

    private bool IsBetter(in TraceRecord record)
    {
        switch (rule)
        {
            case FrameRule.Number:
                return record.Stamp.Sequence == number;
            case FrameRule.Last:
                return true;
            case FrameRule.Late when !record.Flags.HasFlag(TraceFlags.Late):
                return false;
            default:
                long size = rule == FrameRule.Late ? record.PublishedNs - record.DeadlineNs : record.LatencyNs;
                bool isMore = !HasFound || size > _overrunNs;
                _overrunNs = isMore ? size : _overrunNs;
                return isMore;
        }
    }
}
