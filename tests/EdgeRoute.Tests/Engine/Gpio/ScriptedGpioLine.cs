using System.Collections.Concurrent;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;

namespace EdgeRoute.Tests.Engine.Gpio;

/// <summary>The lines of a scripted chip by their names in the config: pulled and read by a test, taken away and given back.</summary>
internal sealed class ScriptedGpioChip
{
    private readonly ConcurrentDictionary<string, ScriptedGpioLine> _held = new();
    private readonly ConcurrentDictionary<string, bool> _levels = new();
    private volatile string? _gone;

    /// <summary>Every level that was written, as "lamp 1"; a line that is given back as "lamp -".</summary>
    public ConcurrentQueue<string> Written { get; } = new();

    /// <summary>Why no line can be had; null while they can.</summary>
    public string? Gone
    {
        get => _gone;
        set => _gone = value;
    }

    public bool IsHeld(string name) => _held.ContainsKey(name);

    public bool Level(string name) => _levels.GetValueOrDefault(name);

    public IGpioLine Open(GpioLineConfig config)
    {
        Check();
        if (config.IsOutput)
        {
            Write(config.Name, config.IsSafeActive);
        }

        return _held[config.Name] = new ScriptedGpioLine(this, config.Name);
    }

    /// <summary>Gives an input a level; who waits for it sees the edge, unless it is one of those that get lost.</summary>
    public void Pull(string name, bool isActive, bool isLost = false)
    {
        _levels[name] = isActive;
        _held.GetValueOrDefault(name)?.Note(isActive, isLost);
    }

    internal void Check()
    {
        if (_gone is { } why)
        {
            throw new IOException(why);
        }
    }

    internal void Write(string name, bool isActive)
    {
        _levels[name] = isActive;
        Written.Enqueue($"{name} {(isActive ? 1 : 0)}");
    }

    internal void Forget(string name)
    {
        if (_held.TryRemove(name, out _))
        {
            Written.Enqueue($"{name} -");
        }
    }
}

/// <summary>One line of a scripted chip.</summary>
internal sealed class ScriptedGpioLine(ScriptedGpioChip chip, string name) : IGpioLine
{
    private readonly Queue<GpioEdge> _edges = new();
    private uint _sequence;
    private bool _isDisposed;

    public bool Read()
    {
        chip.Check();
        return chip.Level(name);
    }

    public void Write(bool isActive)
    {
        chip.Check();
        chip.Write(name, isActive);
    }

    public GpioEdge? NextEdge(int waitMs)
    {
        lock (_edges)
        {
            if (_edges.Count == 0 && !_isDisposed)
            {
                Monitor.Wait(_edges, waitMs);
            }

            return !_isDisposed && _edges.TryDequeue(out var edge) ? edge : null;
        }
    }

    public void Dispose()
    {
        lock (_edges)
        {
            _isDisposed = true;
            Monitor.PulseAll(_edges);
        }

        chip.Forget(name);
    }

    internal void Note(bool isRising, bool isLost)
    {
        lock (_edges)
        {
            _sequence++;
            if (!isLost)
            {
                _edges.Enqueue(new GpioEdge(isRising, TimeProvider.System.NowNs(), _sequence));
                Monitor.PulseAll(_edges);
            }
        }
    }
}
