using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Which answers an output tells, and what of them. One thread at a time; allocates nothing once it knows the streams.</summary>
internal sealed class AnswerChoice(AnswerFilterConfig config)
{
    private readonly long _periodNs = config.RateHz is { } rate ? (long)(1e9 / rate) : 0;
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private IReadOnlyList<string>? _labels;
    private bool[] _isTaken = [];
    private bool[] _isThere = [];

    /// <summary>What was told last of one source: when the next is due, and what it said.</summary>
    private readonly record struct Told(long DueNs, ulong Content);

    /// <summary>Whether an answer is to be told now. It is told again until <see cref="Note"/> says that it was.</summary>
    public bool IsDue(PublishedCopy frame) => !_told.TryGetValue(frame.Names.Source, out var last)
        || (frame.Record.PublishedNs >= last.DueNs && (!config.OnlyChanges || ContentOf(frame) != last.Content));

    /// <summary>An answer was told.</summary>
    public void Note(PublishedCopy frame)
    {
        if (_periodNs == 0 && !config.OnlyChanges)
        {
            return;
        }

        // On the grid of the period, so that frames that do not fall on it do not make the rate a lower one.
        long now = frame.Record.PublishedNs;
        bool isKnown = _told.TryGetValue(frame.Names.Source, out var last);
        long due = isKnown && now - last.DueNs < _periodNs ? last.DueNs : now;
        _told[frame.Names.Source] = new Told(due + _periodNs, config.OnlyChanges ? ContentOf(frame) : 0);
    }

    /// <summary>Whether a box or class is told.</summary>
    public bool Takes(AnswerNames names, int classIndex, float confidence)
    {
        // What networks yield are single floats: 0.9 in a config is to mean their 0.9.
        if (confidence < (float)config.MinConfidence)
        {
            return false;
        }

        if (config.Classes.Count == 0)
        {
            return true;
        }

        if (!ReferenceEquals(names.Labels, _labels))
        {
            (_labels, _isTaken) = (names.Labels, [.. names.Labels.Select(l => config.Classes.Contains(l))]);
        }

        return (uint)classIndex < (uint)_isTaken.Length && _isTaken[classIndex];
    }

    /// <summary>
    /// What a change is a change of: how many boxes of each class, the surest class, which segments; of other tasks the frame that was
    /// looked at. In whatever order they come.
    /// </summary>
    private ulong ContentOf(PublishedCopy frame)
    {
        var answer = frame.Answer;
        if (!answer.HasValue)
        {
            return 0;
        }

        ulong content = 1;
        switch (answer.Task)
        {
            case TaskKind.Detection:
                foreach (ref readonly var box in answer.Detections)
                {
                    content += Takes(frame.Names, box.ClassIndex, box.Confidence) ? Mixed((ulong)box.ClassIndex) : 0;
                }

                return content;
            case TaskKind.Classification:
                return Mixed((ulong)answer.TopIndex);
            case TaskKind.Segmentation:
                return content + SegmentsOf(answer, frame.Names.Labels.Count);
            default:
                return Mixed((ulong)answer.Stamp.Sequence);
        }
    }

    private ulong SegmentsOf(Answer answer, int count)
    {
        _isThere = _isThere.Length < count ? new bool[count] : _isThere;
        Array.Clear(_isThere);
        ulong content = 0;
        foreach (float value in answer.Values)
        {
            if (value >= 0 && value < count && !_isThere[(int)value])
            {
                _isThere[(int)value] = true;
                content += Mixed((ulong)value);
            }
        }

        return content;
    }

    /// <summary>Spread over all bits, so that sums of few of them differ.</summary>
    private static ulong Mixed(ulong number)
    {
        ulong mixed = (number + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
        return (mixed ^ (mixed >> 29)) * 0x94D049BB133111EB;
    }
}
