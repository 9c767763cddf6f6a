using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// A camera over the tabletop world. Paced by its frame rate, or as fast as frames are taken. The pictures depend on the settings alone,
/// never on when they are taken: frame n of a seed is the same on every run, and the world goes on by one tick per frame at any rate.
/// </summary>
internal sealed class TabletopSource : IFrameSource
{
    private readonly TabletopSettings _settings;
    private readonly FramePacer _pacer;
    private readonly FrameLayout _layout;
    private readonly byte[] _rgb;
    private readonly long _periodNs;
    private readonly ManualResetEvent _stop = new(false);
    private TabletopWorld? _world;
    private TabletopRenderer? _renderer;
    private long _frameCount;

    public TabletopSource(TabletopSettings settings, TimeProvider? clock = null)
    {
        _settings = settings;
        _layout = FrameLayout.Packed(settings.Format, settings.Width, settings.Height);
        _rgb = settings.Format == PixelFormat.Rgb ? [] : new byte[settings.Width * settings.Height * 3];
        _periodNs = (long)(1e9 / (settings.FramesPerSecond > 0 ? settings.FramesPerSecond : TabletopWorld.TickRate));
        _pacer = new FramePacer(clock ?? TimeProvider.System, _periodNs);
    }

    public string Description => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"simulated table {_settings.Width}x{_settings.Height}, seed {_settings.Seed}, clutter {_settings.ClutterText}");

    /// <summary>
    /// A paced camera without an end cannot wait. One that is not paced, or ends after a number of frames, is read whole, as a file is.
    /// </summary>
    public bool IsLive => _settings.FramesPerSecond > 0 && _settings.FrameLimit == 0;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    /// <summary>What really lies on the last frame that <see cref="Read"/> delivered; one object that changes in place.</summary>
    public TabletopTruth LastTruth { get; } = new();

    /// <summary>Starts the world anew from its seed. Cannot fail.</summary>
    public bool Open()
    {
        _stop.Reset();
        _world = new TabletopWorld(
            _settings.Seed, _settings.MakeClutter(), _settings.Width / (float)_settings.Height);
        _renderer = new TabletopRenderer(_settings.Width, _settings.Height, _settings.Seed);
        (_frameCount, Fault) = (0, SourceFault.None);
        _pacer.Restart();
        return true;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = _frameCount * _periodNs;
        if (_world is null || _renderer is null)
        {
            Fault = new SourceFault(SourceFaultKind.OpenFailed,
                "the simulated table was read before it was opened, or after it was closed");
            return ReadOutcome.Fault;
        }

        if (_settings.FrameLimit > 0 && _frameCount >= _settings.FrameLimit)
        {
            return ReadOutcome.End;
        }

        if (_settings.FramesPerSecond > 0 && !_pacer.WaitUntilDue(waitMs, _stop))
        {
            return ReadOutcome.Nothing;
        }

        Deliver(_world, _renderer, slot);
        return ReadOutcome.Frame;
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
    }

    private void Deliver(TabletopWorld world, TabletopRenderer renderer, FrameSlot slot)
    {
        if (_frameCount++ > 0)
        {
            world.Advance();
        }

        LastTruth.TellFrom(world.Scene);
        var bytes = slot.Prepare(_layout);
        if (_settings.Format == PixelFormat.Rgb)
        {
            renderer.Draw(world.Scene, bytes);
            return;
        }

        renderer.Draw(world.Scene, _rgb);
        RgbToNv12.Convert(_rgb, _layout, bytes);
    }
}
