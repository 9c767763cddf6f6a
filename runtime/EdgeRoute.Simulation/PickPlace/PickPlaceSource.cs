using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>
/// The camera over the robot arm, and the arm itself: frames go out with the arm's state and the instruction, actions come back and move
/// it. One tick per frame. Paced, the arm does not wait: a tick without an action leaves it where it is, and is counted. As fast as frames
/// are taken, each frame waits for the action of the one before, so that the same seed and networks give the same episodes.
/// <c>pilot=expert</c> lets the scripted expert move the arm instead.
/// </summary>
public sealed class PickPlaceSource : IFrameSource, IActuator
{
    private readonly TabletopSettings _settings;
    private readonly FramePacer _pacer;
    private readonly FrameLayout _layout;
    private readonly byte[] _rgb;
    private readonly long _periodNs;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _acted = new(false);
    private readonly ManualResetEvent _stop = new(false);
    private readonly WaitHandle[] _waits;
    private readonly float[] _action = new float[PickPlaceRules.ActionLength], _next = new float[PickPlaceRules.ActionLength],
        _state = new float[PickPlaceRules.StateLength];
    private PickPlaceWorld? _world;
    private TabletopRenderer? _renderer;
    private bool _hasAction;
    private long _frameCount, _episodeFirstFrame;
    private int _waitCount;

    public PickPlaceSource(TabletopSettings settings, TimeProvider? clock = null)
    {
        _settings = settings;
        _layout = FrameLayout.Packed(settings.Format, settings.Width, settings.Height);
        _rgb = settings.Format == PixelFormat.Rgb ? [] : new byte[settings.Width * settings.Height * 3];
        _periodNs = (long)(1e9 / (settings.FramesPerSecond > 0 ? settings.FramesPerSecond : TabletopWorld.TickRate));
        _pacer = new FramePacer(clock ?? TimeProvider.System, _periodNs);
        _waits = [_acted, _stop];
    }

    public string Description => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"simulated robot arm {_settings.Width}x{_settings.Height}, seed {_settings.Seed}, clutter "
            + $"{_settings.ClutterText}{(_settings.HasExpert ? ", moved by its expert" : "")}");

    public bool IsLive => _settings.FramesPerSecond > 0 && _settings.FrameLimit == 0 && _settings.EpisodeLimit == 0;

    public bool TellsState => true;

    public bool TellsInstruction => true;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    /// <summary>An episode has ended; on the source's thread.</summary>
    public event Action<PickPlaceEpisode>? EpisodeEnded;

    /// <summary>How the episodes of this run ended so far; any thread.</summary>
    public PickPlaceTally Tally { get; private set; } = new();

    public string? StatusText => Tally.ToString();

    /// <summary>Starts the world anew from its seed. Cannot fail.</summary>
    public bool Open()
    {
        _stop.Reset();
        _world = new PickPlaceWorld(_settings.Seed, _settings.MakeClutter());
        _renderer = new TabletopRenderer(_settings.Width, _settings.Height, _settings.Seed);
        _frameCount = 0;
        _episodeFirstFrame = 0;
        _waitCount = 0;
        Fault = SourceFault.None;
        _pacer.Restart();
        Tally = new PickPlaceTally();
        lock (_gate)
        {
            _hasAction = false;
        }

        return true;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = _frameCount * _periodNs;
        if (_world is null || _renderer is null)
        {
            Fault = new SourceFault(SourceFaultKind.OpenFailed, "the simulated arm was read before it was opened, or after it was closed");
            return ReadOutcome.Fault;
        }

        if (_settings.FrameLimit > 0 && _frameCount >= _settings.FrameLimit)
        {
            return ReadOutcome.End;
        }

        if (_frameCount > 0 && !(_settings.FramesPerSecond > 0 ? _pacer.WaitUntilDue(waitMs, _stop) : WaitForAction(waitMs)))
        {
            return ReadOutcome.Nothing;
        }

        if (_frameCount > 0)
        {
            Tick(_world);
        }

        if (_world.Outcome != PickPlaceOutcome.Running)
        {
            EndEpisode(_world);
        }

        if (_settings.EpisodeLimit > 0 && _world.EpisodeCount > _settings.EpisodeLimit)
        {
            return ReadOutcome.End;
        }

        Deliver(_world, _renderer, slot);
        return ReadOutcome.Frame;
    }

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        lock (_gate)
        {
            action[..Math.Min(action.Length, _action.Length)].CopyTo(_action);
            // To stay where it is includes holding on to what is held.
            _action[2] = origin.IsHold ? float.NaN : _action[2];
            _hasAction = true;
        }

        _acted.Set();
    }

    public void Close()
    {
        _stop.Set();
        (_world, _renderer) = (null, null);
    }

    /// <summary>Ends a wait in <see cref="Read"/> at once; may be called from any thread. The source stays open.</summary>
    public void Interrupt() => _stop.Set();

    public void Dispose()
    {
        Close();
        _stop.Dispose();
        _acted.Dispose();
    }

    private bool WaitForAction(int waitMs)
    {
        if (_settings.HasExpert)
        {
            return true;
        }

        lock (_gate)
        {
            if (_hasAction)
            {
                return true;
            }
        }

        // The event may still be set by an action that has been carried out: what counts is whether one is there.
        WaitHandle.WaitAny(_waits, waitMs);
        lock (_gate)
        {
            return _hasAction;
        }
    }

    private void Tick(PickPlaceWorld world)
    {
        if (_settings.HasExpert)
        {
            PickPlaceExpert.WritePlan(PickPlaceSituation.Of(world), _next);
            world.Act(_next);
            return;
        }

        bool hasAction;
        lock (_gate)
        {
            hasAction = _hasAction;
            _action.CopyTo(_next, 0);
            _hasAction = false;
        }

        if (hasAction)
        {
            world.Act(_next);
        }
        else
        {
            _waitCount++;
            world.Wait();
        }
    }

    private void EndEpisode(PickPlaceWorld world)
    {
        Tally = Tally.With(world.Outcome);
        EpisodeEnded?.Invoke(new PickPlaceEpisode(
            world.EpisodeCount - 1, world.Scene.Clutter, world.Instruction, world.Outcome, _episodeFirstFrame,
            (int)(_frameCount - _episodeFirstFrame),
            world.TickCount, _waitCount));
        (_episodeFirstFrame, _waitCount) = (_frameCount, 0);
        world.LayNextTable();
    }

    private void Deliver(PickPlaceWorld world, TabletopRenderer renderer, FrameSlot slot)
    {
        _frameCount++;
        var bytes = slot.Prepare(_layout);
        world.WriteState(_state);
        slot.TellState(_state);
        slot.Instruction = world.Instruction;
        if (_settings.Format == PixelFormat.Rgb)
        {
            renderer.Draw(world.Scene, bytes);
            return;
        }

        renderer.Draw(world.Scene, _rgb);
        RgbToNv12.Convert(_rgb, _layout, bytes);
    }
}
