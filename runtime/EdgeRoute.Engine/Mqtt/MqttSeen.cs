using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>
/// What a source shows just now: how many objects of which class, or its surest class. Filled on the queue's thread, which allocates
/// nothing for it once it knows the source; read on another.
/// </summary>
internal sealed class MqttSeen
{
    /// <summary>Classes counted by name: beyond it a dashboard shows nothing any more. Others count as objects all the same.</summary>
    private const int ClassesMost = 64;

    private readonly Lock _gate = new();
    private readonly int[] _counts, _next;
    private readonly bool[] _isSeen;
    private int _objectCount = -1, _seenCount, _topIndex = -1;
    private bool _isChanged;

    /// <param name="before">What the source has shown so far; it goes on where the classes are the same.</param>
    public MqttSeen(AnswerNames names, MqttSeen? before)
    {
        Names = names;
        if (before is not null && before.Names.Labels.SequenceEqual(names.Labels))
        {
            lock (before._gate)
            {
                (_counts, _next, _isSeen) = (before._counts, before._next, before._isSeen);
                (_objectCount, _seenCount, _topIndex) = (before._objectCount, before._seenCount, before._topIndex);
                _isChanged = before._isChanged;
            }

            return;
        }

        (_counts, _next, _isSeen) = (new int[names.Labels.Count], new int[names.Labels.Count], new bool[names.Labels.Count]);
    }

    /// <summary>A class and how many objects of it are there.</summary>
    public readonly record struct ClassCount(int ClassIndex, string Name, int Count);

    /// <summary>What is there now.</summary>
    /// <param name="ObjectCount">-1: the source has no such answers, or none yet.</param>
    /// <param name="TopClass">The surest class; null where the source has no such answers, or none yet.</param>
    public sealed record Now(int ObjectCount, IReadOnlyList<ClassCount> Classes, string? TopClass);

    public AnswerNames Names { get; }

    public void See(PublishedCopy frame, AnswerChoice choice)
    {
        var answer = frame.Answer;
        if (!answer.HasValue || answer.Task is not (TaskKind.Detection or TaskKind.Classification))
        {
            return;
        }

        lock (_gate)
        {
            if (answer.Task == TaskKind.Detection)
            {
                Count(answer, choice);
            }
            else if (answer.TopIndex != _topIndex)
            {
                (_topIndex, _isChanged) = (answer.TopIndex, true);
            }
        }
    }

    /// <summary>What is there, where it has changed since the last time, or is asked for all the same; else null.</summary>
    public Now? Take(bool isAsked)
    {
        lock (_gate)
        {
            if (!_isChanged && !isAsked)
            {
                return null;
            }

            _isChanged = false;
            return Look();
        }
    }

    /// <summary>What is there, whether or not that was taken before.</summary>
    public Now Look()
    {
        lock (_gate)
        {
            var classes = Enumerable.Range(0, _counts.Length).Where(i => _isSeen[i])
                .Select(i => new ClassCount(i, Names.Labels[i], _counts[i]));
            return new Now(_objectCount, [.. classes], _topIndex < 0 ? null : Names.LabelOf(_topIndex));
        }
    }

    private void Count(Answer answer, AnswerChoice choice)
    {
        Array.Clear(_next);
        int objects = 0;
        foreach (ref readonly var box in answer.Detections)
        {
            if (choice.Takes(Names, box.ClassIndex, box.Confidence))
            {
                objects++;
                Count(box.ClassIndex);
            }
        }

        _isChanged |= objects != _objectCount || !_next.AsSpan().SequenceEqual(_counts);
        _next.CopyTo(_counts, 0);
        _objectCount = objects;
    }

    private void Count(int classIndex)
    {
        if ((uint)classIndex >= (uint)_next.Length || (!_isSeen[classIndex] && _seenCount == ClassesMost))
        {
            return;
        }

        _seenCount += _isSeen[classIndex] ? 0 : 1;
        _isSeen[classIndex] = true;
        _next[classIndex]++;
    }
}
