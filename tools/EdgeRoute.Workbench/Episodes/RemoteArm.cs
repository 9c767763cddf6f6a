using System.Net;
using System.Net.Sockets;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Workbench.Episodes;

/// <summary>Which tables a simulated arm works at, each cluttered to another degree, and how far its drives are behind.</summary>
/// <param name="SidePixels">Side of the camera's square picture.</param>
/// <param name="LatencySteps">Steps from an action's arrival to its movement.</param>
/// <param name="Port">Of the camera, on this machine alone; 0 lets the system choose.</param>
public sealed record RemoteArmSettings(ulong Seed, int SidePixels, int LatencySteps, int Port);

/// <summary>
/// The simulated arm as a robot of its own, outside of any engine: its world goes on by one tick for each action that comes, its camera is
/// a TCP port that sends raw RGB pictures one behind the other, and its state and instruction are for whoever passes them on. Actions move
/// it so many steps after they came, as drives and buses do. One thread at a time.
/// </summary>
public sealed class RemoteArm : IDisposable
{
    private readonly PickPlaceWorld _world;
    private readonly TabletopRenderer _renderer;
    private readonly TcpListener _camera;
    private readonly Queue<float[]?> _underWay = new();
    private readonly int _latencySteps;
    private readonly byte[] _pixels;
    private readonly float[] _state = new float[PickPlaceRules.StateLength];
    private PickPlaceTally _tally = new();
    private long _tickCount, _waitCount;
    private Socket? _viewer;

    /// <exception cref="SocketException">The camera's port is taken.</exception>
    public RemoteArm(RemoteArmSettings settings)
    {
        _world = new PickPlaceWorld(settings.Seed, TabletopClutter.Uniform());
        _renderer = new TabletopRenderer(settings.SidePixels, settings.SidePixels, settings.Seed);
        _pixels = new byte[settings.SidePixels * settings.SidePixels * 3];
        _latencySteps = settings.LatencySteps;
        _camera = new TcpListener(IPAddress.Loopback, settings.Port);
        _camera.Start();
    }

    /// <summary>Where the camera's pictures are.</summary>
    public IPEndPoint CameraEndPoint => (IPEndPoint)_camera.LocalEndpoint;

    /// <summary>How it fared so far.</summary>
    public RemoteArmResult Result
    {
        get
        {
            var (low, high) = _tally.SuccessInterval();
            return new RemoteArmResult(_tally.EpisodeCount, _tally.PlacedCount, _tally.SuccessShare)
            {
                WrongCount = _tally.WrongThingCount + _tally.WrongPadCount, OutOfTimeCount = _tally.OutOfTimeCount,
                SuccessLow = low, SuccessHigh = high, TickCount = _tickCount, WaitCount = _waitCount, Words = _tally.ToString(),
            };
        }
    }

    public string Instruction => _world.Instruction;

    /// <summary>Gripper x and y in [-1, 1], and 1 while it holds something, else -1.</summary>
    public ReadOnlySpan<float> State
    {
        get
        {
            _world.WriteState(_state);
            return _state;
        }
    }

    /// <summary>One tick: the action that is due moves the arm. When an episode has ended the next table is laid.</summary>
    /// <param name="action">The action that came; null for a hold.</param>
    public void Tick(float[]? action)
    {
        _underWay.Enqueue(action);
        _tickCount++;
        if (_underWay.Count > _latencySteps && _underWay.Dequeue() is { } due)
        {
            _world.Act(due);
        }
        else
        {
            _waitCount++;
            _world.Wait();
        }

        if (_world.Outcome != PickPlaceOutcome.Running)
        {
            _tally = _tally.With(_world.Outcome);
            _world.LayNextTable();
            _underWay.Clear();
        }
    }

    /// <summary>Sends the picture of this moment to whoever looks. False: nobody does.</summary>
    public bool Show()
    {
        if (_viewer is null && _camera.Pending())
        {
            _viewer = _camera.AcceptSocket();
            _viewer.NoDelay = true;
        }

        if (_viewer is null)
        {
            return false;
        }

        _renderer.Draw(_world.Scene, _pixels);
        try
        {
            for (int sent = 0; sent < _pixels.Length;)
            {
                sent += _viewer.Send(_pixels.AsSpan(sent));
            }

            return true;
        }
        catch (SocketException)
        {
            // Who looks may come again.
            _viewer.Dispose();
            _viewer = null;
            return false;
        }
    }

    public void Dispose()
    {
        _viewer?.Dispose();
        _camera.Dispose();
    }
}

/// <summary>How a simulated arm fared.</summary>
/// <param name="SuccessShare">Of its episodes, in [0, 1]; not a number without any.</param>
public sealed record RemoteArmResult(int EpisodeCount, int PlacedCount, double SuccessShare)
{
    /// <summary>Episodes in which another thing was put down, or on another pad, and those that took too long.</summary>
    public int WrongCount { get; init; }

    /// <inheritdoc cref="WrongCount"/>
    public int OutOfTimeCount { get; init; }

    /// <summary>The 95 % interval of <see cref="SuccessShare"/>.</summary>
    public double SuccessLow { get; init; }

    /// <inheritdoc cref="SuccessLow"/>
    public double SuccessHigh { get; init; }

    /// <summary>Ticks since the beginning, and those of them without a step of a plan, in which it stayed where it was.</summary>
    public long TickCount { get; init; }

    /// <inheritdoc cref="TickCount"/>
    public long WaitCount { get; init; }

    /// <summary>For a line of progress.</summary>
    public string Words { get; init; } = "";
}
