using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>A device in this process: its config file, the real engine, and the channel at its Unix socket.</summary>
internal sealed class RunnerRig : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _socket;
    private readonly EngineRunner _runner;
    private readonly Thread _thread;
    private volatile RunningEngine? _engine;
    private volatile Exception? _fault;
    private int _engineCount;

    /// <param name="socket">As the config has it.</param>
    public RunnerRig(string configPath, string socket, ProbationTimes times)
    {
        _socket = socket;
        _runner = new EngineRunner(configPath, new EngineOptions(long.MaxValue, null, null, SimulatedSources.Schemes), (_, _) => { })
        {
            Times = times,
        };
        var reading = _runner.Read();
        Assert.Empty(reading.Problems);
        _thread = new Thread(() => Run(reading.Config!)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Engines that were run, one after the other.</summary>
    public int EngineCount => Volatile.Read(ref _engineCount);

    /// <summary>Waits until an engine after the first ones answers frames; fails where the device has none any more.</summary>
    public void PassFrames(int enginesBefore = 0)
    {
        Assert.True(SpinWait.SpinUntil(() => _fault is not null || (EngineCount > enginesBefore && Answered() > 3), Patience),
            "no frames flow");
        Assert.True(_fault is null, _fault?.ToString());
    }

    /// <summary>Waits for what comes by itself.</summary>
    public void Until(string what, Func<bool> isSo) =>
        Assert.True(SpinWait.SpinUntil(() => _fault is not null || isSo(), Patience) && _fault is null, $"{what}: {_fault}");

    public T Ask<T>(string method, IControlMessage? parameter = null) where T : IControlMessage, new()
    {
        using var client = ChannelClient.Unix(_socket);
        client.Hello();
        return client.Ask<T>(method, parameter);
    }

    public void Dispose()
    {
        Stop();
        _runner.Dispose();
    }

    private void Stop()
    {
        // One that starts just now is stopped as soon as it is told.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            _engine?.Stop();
            return !_thread.IsAlive;
        }, Patience), "the device does not end");
    }

    private long Answered() => _engine?.Statuses().Sum(s => s.Ends.Completed + s.Ends.Exited + s.Ends.Escalated + s.Ends.Skipped) ?? 0;

    private void Run(EdgeRoute.Documents.Configs.DeviceConfig config)
    {
        try
        {
            _runner.Run(config, engine =>
            {
                _engine = engine;
                Interlocked.Increment(ref _engineCount);
                return new Watching(this);
            });
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private sealed record Watching(RunnerRig Rig) : IDisposable
    {
        public void Dispose() => Rig._engine = null;
    }
}
