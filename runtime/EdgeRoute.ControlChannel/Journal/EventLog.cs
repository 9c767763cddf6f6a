using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Journal;

/// <summary>Words for how much attention an event deserves.</summary>
public static class EventLevel
{
    public const string Notice = "notice", Warning = "warning";
}

/// <summary>
/// The latest events of the device, numbered from 1. Any thread adds; the channel's tick hands new ones to subscribers, so whoever adds
/// never waits for a client.
/// </summary>
public sealed class EventLog(TimeProvider? clock = null)
{
    /// <summary>A day of a device in good health, and the last hour of one in trouble.</summary>
    public const int Capacity = 512;

    /// <summary>A library's error text with its consequence.</summary>
    public const int TextLength = 1024;

    private readonly Lock _gate = new();
    private readonly EventEntry[] _ring = new EventEntry[Capacity];
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private long _count;

    /// <summary>Number of the newest event; 0 before the first.</summary>
    public long LastNumber => Volatile.Read(ref _count);

    /// <param name="level">One of <see cref="EventLevel"/>.</param>
    /// <param name="stream">Name of the stream; empty for the whole device.</param>
    public void Add(string level, string stream, string text)
    {
        var entry = new EventEntry { UtcNs = _clock.UtcNs(), Level = level, Stream = stream, Text = OneLine(text, TextLength) };
        lock (_gate)
        {
            entry.Number = _count + 1;
            _ring[_count % Capacity] = entry;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Those that are left of the events after a number, oldest first.</summary>
    public List<EventEntry> After(long number)
    {
        lock (_gate)
        {
            var list = new List<EventEntry>();
            for (long i = Math.Max(Math.Max(number, 0), _count - Capacity); i < _count; i++)
            {
                list.Add(_ring[i % Capacity]);
            }

            return list;
        }
    }

    /// <summary>Text from a peer or a library in a form that neither breaks a line nor moves a cursor.</summary>
    public static string OneLine(string text, int lengthMost)
    {
        int length = Math.Min(text.Length, lengthMost);
        length -= length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return string.Create(length, text, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }
}
