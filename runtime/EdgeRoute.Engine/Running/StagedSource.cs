using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// A source that is to come while the engine runs: all parts of its stream, and its thread, which captures before the loop knows of it. So
/// a camera that cannot be opened is refused while nothing has changed. Until it is handed over, it is disposed of by whoever made it.
/// </summary>
internal sealed class StagedSource : IDisposable
{
    private readonly RunningEngine _engine;
    private readonly TaskCompletionSource<string?> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHandedOver;

    /// <exception cref="EngineRefusedException">The source, or its policy, calibration, budgets or paths, cannot be used.</exception>
    public StagedSource(RunningEngine engine, SourceConfig source)
    {
        _engine = engine;
        var pack = engine.State.PackNamed(source.PackName);
        int index = engine.State.NextIndex();
        var opened = engine.OpenSource(engine, source, index);
        var exchange = new SlotExchange(source.Take, engine.Signal) { Begun = () => _begun.TrySetResult(null) };
        try
        {
            var parts = EngineParts.Refusing(() => engine.Streamer.Build(index, source, pack, exchange, opened: opened));
            Setup = new StreamSetup(source, pack, parts) { Index = index };
            Description = opened.Frames.Description;
            Capture = new CaptureThread(index, opened.Frames, exchange, engine.Clock, OnEvent, source.CaptureLimits)
            {
                Remake = opened.Remake, Gate = engine.Lines.GateOf(source.Name), Nice = engine.State.Config.Runtime.NiceStep,
                Realtime = engine.State.Config.Runtime.Realtime,
            };
        }
        catch
        {
            opened.Frames.Dispose();
            opened.Executor?.Dispose();
            exchange.Dispose();
            throw;
        }
    }

    public StreamSetup Setup { get; }

    public CaptureThread Capture { get; }

    public string Description { get; }

    public void Start() => Capture.Start();

    /// <summary>Waits for the first frame. Null: it is there; else why there is none.</summary>
    public async Task<string?> WaitForFrame(TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            return await _begun.Task.WaitAsync(limit, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return $"it gave no frame within {limit.TotalSeconds:0.###} s";
        }
    }

    /// <summary>From now on it is the engine's.</summary>
    public void HandOver() => _isHandedOver = true;

    public void Dispose()
    {
        if (!_isHandedOver)
        {
            _engine.Leaving.LetGo(Capture);
            _engine.Leaving.Retire(Capture, Setup);
        }
    }

    private void OnEvent(SourceEvent happened)
    {
        if (_isHandedOver)
        {
            _engine.Events.OfSource(Setup.Source.Name, happened);
            return;
        }

        // A bad picture in a folder, or another way to a camera, is no reason that it gives no frames.
        bool goesOn = happened is SourceFaulted { Fault.Kind: SourceFaultKind.UnreadablePicture or SourceFaultKind.OtherWay };
        if (!goesOn && happened is SourceFaulted or SourceEnded)
        {
            _begun.TrySetResult(SourceEventText.Of(happened).Text);
        }
    }
}

/// <summary>A source as a stream takes it.</summary>
/// <param name="Remake">Makes the source anew; null where it must not be there twice.</param>
internal sealed record OpenedSource(IFrameSource Frames, Func<IFrameSource>? Remake)
{
    /// <summary>Where the robot's state is put from outside; null where it is not.</summary>
    public TaskMailbox? Mailbox { get; init; }

    /// <summary>Carries a policy's plans out at a rate of their own; null where each frame gives out one step.</summary>
    public PlanExecutor? Executor { get; init; }
}
