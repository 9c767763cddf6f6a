using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>What the control channel does with one run of the engine.</summary>
/// <param name="stateFolder">Where recordings that clients ask for lie; null: in a new folder of this run.</param>
internal sealed class EngineSteering(RunningEngine engine, JournalFile journal, string deviceName, string? stateFolder) : IDisposable
{
    private ChangeControl? _changes;
    private PictureMethods? _pictures;
    private RuleOrders? _orders;
    private int _isWatching;

    /// <summary>When the run was attached: on the engine's clock, and in nanoseconds since 1970.</summary>
    public long StartNs { get; } = engine.Clock.NowNs();

    public long StartUtcNs { get; } = engine.Clock.UtcNs();

    /// <summary>Frames of this run.</summary>
    public FrameWatch Watch { get; } = new([.. engine.State.Plans().Select(WatchedOf)], engine.Clock.NowNs());

    /// <summary>Answers of this run, for subscribers.</summary>
    public ChannelAnswers Answers { get; } = new(engine);

    internal ChangeControl Changes => _changes ??= new ChangeControl(engine, journal, ReadingSince);

    /// <summary>Connects to the engine, before it runs, and adds its methods.</summary>
    public void Attach(MethodTable table)
    {
        engine.Tracers.Add(new WatchedFrames(Watch));
        engine.State.Replaced += OnReplaced;
        engine.State.StreamsChanged += OnStreamsChanged;
        Watch.Pumped += OnPump;
        new SteeringMethods(engine, this, journal).AddTo(table);
        var recordings = new RecordingMethods(engine, stateFolder, deviceName, journal);
        recordings.AddTo(table);
        _orders = new RuleOrders(engine, Changes, (name, asked, caller) => recordings.Start(new RecordStartRequest
        {
            Name = name, Seconds = asked.Seconds, Frames = ConfigEnums.Of(ConfigEnums.Frames, asked.Frames),
        }, caller));
        new SnapshotMethods(engine).AddTo(table);
        _pictures = new PictureMethods(engine);
        _pictures.AddTo(table);
        new MeasureMethods(engine, () => Changes.RunningTrial is not null).AddTo(table);
        new CostsMethods(engine, Changes.Find, journal).AddTo(table);
        new StateMethods(engine, Changes.Find).AddTo(table);
        new StopMethods(engine.EmergencyStop, journal).AddTo(table);
    }

    /// <summary>All but what the channel itself knows.</summary>
    public DeviceStatus Status()
    {
        long now = engine.Clock.NowNs();
        var status = new DeviceStatus
        {
            NowUtcNs = engine.Clock.UtcNs(),
            UptimeS = (now - StartNs) / 1e9,
            Trial = Changes.RunningTrial,
            Stop = StopMethods.StatusOf(engine.EmergencyStop),
            Streams = [.. engine.State.Live.Select(l => StreamOf(l, now))],
            Board = StatusWriter.BoardOf(engine.Board, engine.Routes),
            Recordings = [.. engine.Recordings.Open.Select(r => StatusWriter.RecordingOf(r, now))],
            Outputs = [.. engine.OutputStatuses()],
            Gpio = [.. engine.Lines.Statuses()],
            Engines = [.. engine.State.Remotes.Statuses()],
        };
        return status;
    }

    public DeviceDescription Describe(IEnumerable<string> methods) => new()
    {
        Device = deviceName,
        Version = typeof(EngineSteering).Assembly.GetName().Version?.ToString(3) ?? "",
        Board = Board(),
        OnnxRuntime = engine.LibraryVersion,
        ConfigPath = engine.State.Config.FilePath,
        ConfigSha256 = engine.State.Config.HashText(),
        StartedUtcNs = StartUtcNs,
        Streams = [.. engine.State.Plans().Select(StatusWriter.DescriptionOf)],
        Packs = Packs(),
        Methods = [.. methods],
    };

    public List<PackDescription> Packs() =>
        [.. engine.State.Packs.Select(p => StatusWriter.PackOf(p.Key, [.. engine.State.Plans()], p.Value,
        p.Value.Pack.ManifestPath))];

    public void Dispose()
    {
        Answers.Dispose();
        _pictures?.Dispose();
        Watch.Pumped -= OnPump;
        engine.State.Replaced -= OnReplaced;
        engine.State.StreamsChanged -= OnStreamsChanged;
        _changes?.Dispose();
    }

    private static string Board()
    {
        var board = EdgeRoute.Engine.Board.BoardIdentity.Read(new EdgeRoute.Engine.Board.SystemFiles("/"));
        return string.Join(", ", new[] { board.Model ?? board.CpuModel, board.Release, board.Architecture,
            board.PowerMode }.Where(w => !string.IsNullOrEmpty(w)));
    }

    private static WatchedStream WatchedOf(StreamSetup plan) => new(plan.Source.Name,
        [.. plan.Parts.Router.Tree.Nodes.Select(n => n.PathName)]) { Index = plan.Index };

    private StreamStatus StreamOf(LiveStream live, long nowNs)
    {
        var status = StatusWriter.StreamOf(live, engine.Reports.StatusOf(live), nowNs);
        status.Rules.ForEach(r => _orders?.AddTo(r, live.Stream.Index));
        status.Window = Watch.Window(live.Stream.Index, nowNs);
        StatusWriter.AddEnergy(status.Window, live, engine.Routes);
        return status;
    }

    private void OnStreamsChanged() => Watch.Follow([.. engine.State.Plans().Select(WatchedOf)], engine.Clock.NowNs());

    /// <summary>What is remembered of a stream speaks of its route tree: another tree, and it begins anew.</summary>
    private void OnReplaced(int index, StreamSetup plan)
    {
        var watched = WatchedOf(plan);
        if (Watch.StreamOf(index) is { } known && !watched.NodeNames.SequenceEqual(known.NodeNames, StringComparer.Ordinal))
        {
            Watch.Change(index, watched, engine.Clock.NowNs());
        }
    }

    private TrialReading ReadingSince(int index, long sinceNs)
    {
        var window = Watch.WindowSince(index, sinceNs, engine.Clock.NowNs());
        var source = engine.Reports.StatusOf(engine.State.Find(index)!);
        double agreement = window.AuditedCount >= Trial.AuditLeast ? window.AgreementMean : double.NaN;
        return new TrialReading(window.Status, source.Ends, source.Tally.LateCount, agreement, engine.Board.Watts);
    }

    /// <summary>
    /// Trials and recordings that end by themselves, and what rules have done. Not on the watching thread, which must not wait for a frame
    /// boundary.
    /// </summary>
    private void OnPump(long nowNs)
    {
        // What was begun at an earlier look is still under way.
        if (Volatile.Read(ref _isWatching) == 1)
        {
            return;
        }

        var over = engine.Recordings.Open.FirstOrDefault(r => r.UntilNs <= nowNs);
        bool isOrdered = _orders is { } orders && orders.IsDue();
        if ((Changes.RunningTrial is null && over is null && !isOrdered) || Interlocked.Exchange(ref _isWatching, 1) == 1)
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await Changes.Watch().ConfigureAwait(false);
                await (isOrdered ? _orders!.Follow() : Task.CompletedTask).ConfigureAwait(false);
                if (over is not null)
                {
                    await EndRecording(engine, over).ConfigureAwait(false);
                }
            }
            catch (Exception failed) when (PartThread.IsPartsOwn(failed))
            {
                engine.Reports.Warn($"a trial or recording could not be ended: {failed.Message}");
            }
            finally
            {
                Volatile.Write(ref _isWatching, 0);
            }
        });
    }

    internal static async Task<SinkTotals> EndRecording(RunningEngine engine, Recording recording)
    {
        await engine.Recordings.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // It may have gone on in a new file meanwhile.
            recording = engine.Recordings.Open.FirstOrDefault(r => r.AskedPath == recording.AskedPath) ?? recording;
            await engine.Boundary.Run(() => engine.Recordings.End(recording)).ConfigureAwait(false);
            return engine.Recordings.Close(recording);
        }
        finally
        {
            engine.Recordings.Gate.Release();
        }
    }
}

/// <summary>Hands the channel the record of each frame; frames themselves stay in the engine.</summary>
internal sealed class WatchedFrames(FrameWatch watch) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame) => watch.Publish(frame.Record);
}
