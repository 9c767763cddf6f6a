using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Actuators;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// From a device config to an engine that is ready to run: library, packs, streams, capture threads, consumers. Says what it found.
/// </summary>
public sealed class EngineBuilder(DeviceConfig config, EngineOptions options, EngineReporter report)
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly EngineParts _parts = new(config.Runtime, options.Schemes, Clock, report)
    {
        CaptureCommand = options.CaptureCommand,
    };

    /// <exception cref="EngineRefusedException">
    /// There is no usable ONNX Runtime library (every place tried is listed), or a pack, source, policy or output of the config cannot be
    /// used.
    /// </exception>
    public RunningEngine Build() => EngineParts.Refusing(() =>
    {
        // Hashing packs and mapping the library each take a good part of a start, and neither needs the other.
        List<Task<ReadPack>> reading = [.. config.Packs.Select(p => Task.Run(() => ReadPack.Of(p.Manifest.Full, p.Files?.Full)))];
        var threads = ThreadPick.Of(config, Environment.MachineName);
        var environment = _parts.OpenEnvironment(threads.Count);
        report(ReportLevel.Notice, $"threads of the models: {threads.Reason}");
        return Assemble(environment, reading);
    });

    /// <summary>Builds an engine and disposes of it, without the files that a run writes and another may be writing just now.</summary>
    /// <inheritdoc cref="Build"/>
    public static void Try(DeviceConfig config, EngineOptions options)
    {
        var sources = config.Sources.Select(s => s with
        {
            Audit = s.Audit is { } audit ? audit with { KeepFolder = null } : null,
            Actions = s.Actions is { File: not null } ? null : s.Actions,
        });
        foreach (var output in config.Outputs.OfType<JsonlOutputConfig>().Where(o => o.File is null))
        {
            EngineOutputs.StandardOutput(options, output);
        }

        var quiet = options with { AnswersFile = null, AnswersOutput = null, AnswersStream = null, AnnotateFolder = null };
        new EngineBuilder(config with { Trace = null, Record = null, Outputs = [], Sources = [.. sources] }, quiet, (_, _) => { })
            .Build().Dispose();
    }

    private RunningEngine Assemble(OrtEnvironment environment, IReadOnlyList<Task<ReadPack>> reading)
    {
        var engine = new RunningEngine(config, environment, Clock, _parts.Kernel, report, options.Files, options.OpenLine)
        {
            LoadPack = (name, manifest, files) => EngineParts.Refusing(() => _parts.LoadPack(name, manifest, files, environment)),
            TryBuild = next => Try(next, options),
            OpenSource = Open,
            LibraryVersion = environment.Library.Version,
            EmergencyStop = options.EmergencyStop,
        };
        try
        {
            engine.State.Remotes = _parts.Remotes = new RemoteEngines(config.Engines, config.Runtime.StageLimitMs / 2.0, Clock,
                engine.Reports.Say);
            foreach (var (pack, read) in config.Packs.Zip(reading))
            {
                engine.State.Add(pack.Name, _parts.LoadPack(pack.Name, read.GetAwaiter().GetResult(), environment));
            }

            engine.State.Remotes.Start();

            foreach (var source in config.Sources)
            {
                AddStream(engine, source);
            }

            engine.Reports.MeasureBoard();
            new EngineOutputs(config, options).AddTo(engine);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private void AddStream(RunningEngine engine, SourceConfig source)
    {
        var exchange = new SlotExchange(source.Take, engine.Signal);
        var opened = Open(engine, source, engine.State.Streams.Count);
        var parts = engine.Streamer.Build(engine.State.Streams.Count, source, engine.State.PackNamed(source.PackName), exchange,
            opened: opened);
        engine.Add(source, opened, exchange, parts);
        report(ReportLevel.Notice, $"source {source.Name}: {opened.Frames.Description}; policy {parts.Router.Policy.Name}, kernel "
            + $"{engine.Streamer.Kernel.Name}");
    }

    /// <summary>A source with what its robot is told by and acts with.</summary>
    private OpenedSource Open(RunningEngine engine, SourceConfig source, int index)
    {
        var mailbox = source.State is { } state ? new TaskMailbox(state.MaxAgeMs, state.Topic)
        {
            InstructionMaxAgeMs = state.InstructionMaxAgeMs,
        } : null;
        IFrameSource Alone() => _parts.MakeSource(source.Name, source.Address.FactoryText, source.CaptureOptions);
        IFrameSource Make() => mailbox is null ? Alone() : new ToldSource(Alone(), mailbox, Clock);
        var frames = Make();
        bool isOnlyOne = frames is IActuator || (frames.TellsState && mailbox is null);
        return new OpenedSource(frames, isOnlyOne ? null : Make) { Mailbox = mailbox, Executor = ExecutorOf(engine, source, index) };
    }

    private PlanExecutor? ExecutorOf(RunningEngine engine, SourceConfig source, int index)
    {
        if (source.Actions is not { } actions)
        {
            return null;
        }

        return new PlanExecutor(actions, index, ActuatorOf(engine, source.Name, actions), engine.EmergencyStop, Clock,
            (kind, text) => engine.Events.OfStream(index, kind, text));
    }

    private IActuator ActuatorOf(RunningEngine engine, string source, ActionConfig actions)
    {
        if (actions.Drive is { } drive)
        {
            report(ReportLevel.Notice, $"source {source}: actions go to {DriveActuator.Describe(actions.Actuator, drive)}");
            return new DriveActuator(actions.Actuator, drive,
                DriveParts.OfBoard(options.Files, options.OpenLine ?? HeldLine.OpenOnBoard), Clock);
        }

        if (actions.Output is { } output)
        {
            return new MqttActuator(source, output, () => engine.WriterNamed(output) as MqttOutput, Clock);
        }

        return actions.File is { } file ? new ActionLog(source, EngineOutputs.OpenFile(file.Full,
            new LineFileTerms(engine.State.Config.Disk) { GoesOn = true }, engine), Clock)
            : new ChannelActuator(source, engine.Actions, Clock);
    }
}
