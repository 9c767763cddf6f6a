using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>Opens what a run writes: trace, recording, answers, annotated frames.</summary>
internal sealed class EngineOutputs(DeviceConfig config, EngineOptions options)
{
    public void AddTo(RunningEngine engine)
    {
        CheckNames(config);
        // A run over files may wait for its outputs, because its sources wait too; a camera may not.
        bool mayWait = config.Sources.All(s => s.Take == DeliveryMode.EveryFrame);
        var pressure = mayWait ? QueuePressure.Wait : QueuePressure.Lose;
        var plans = engine.State.Plans();
        if (config.Trace is { } trace)
        {
            engine.Recordings.Begin(engine.Recordings.Create(trace.Full, RecordedFrames.None, plans));
        }

        if (config.Record is { } record)
        {
            engine.Recordings.Begin(engine.Recordings.Create(record.File.Full, record.Frames, plans));
        }

        TellProviders(engine);
        foreach (var stream in engine.State.Streams)
        {
            AddLabelFolder(engine, stream, pressure);
        }

        string[] labels = [.. engine.State.Packs.Values.SelectMany(p => p.Pack.Labels).Distinct()];
        foreach (string unknown in UnknownClasses(config, labels))
        {
            engine.Reports.Warn(unknown);
        }

        OpenAnswers(engine, pressure);
        if (options.AnnotateFolder is { } folder)
        {
            var frames = new AnnotatedFrames(MakeFolder(folder), [.. engine.State.Streams.Select(s => Annotated(engine, s))],
                config.Disk, engine.Reports.Warn);
            engine.AddFixed(new PublishQueue("annotated frames", engine.State.MakeAnswerRoom, withPixels: true, pressure, frames.Write),
                frames);
        }
    }

    /// <summary>Files kept of one output must not be taken for those of another, which would delete them.</summary>
    /// <exception cref="EngineRefusedException">One would be.</exception>
    public static void CheckNames(DeviceConfig config)
    {
        var outputs = config.Outputs.OfType<JsonlOutputConfig>().ToList();
        foreach (var one in outputs)
        {
            if (one.File is { } file && outputs.Find(o => o != one && o.File is { } other
                && Path.GetDirectoryName(other.Full) == Path.GetDirectoryName(file.Full)
                && RecordingName.IsOf(file.Full, Path.GetFileName(other.Full))) is { } taken)
            {
                throw new EngineRefusedException(RefusalCause.Config, $"outputs.{taken.Name}.path '{taken.File!.Written}' is a name that "
                    + $"files kept of outputs.{one.Name}.path '{file.Written}' have; choose another");
            }
        }
    }

    /// <summary>Classes that outputs are to tell and no pack has, in words: nothing of theirs would ever be told.</summary>
    public static IEnumerable<string> UnknownClasses(DeviceConfig config, IReadOnlyCollection<string> labels) =>
        from output in config.Outputs.OfType<MqttOutputConfig>()
        from name in output.Filter.Classes
        where !labels.Contains(name)
        select $"outputs.{output.Name}.classes names '{name}', which no pack of this config has; {NearestName.Suggest(name, labels)}";

    /// <summary>Into recordings: which stages run elsewhere than they were to.</summary>
    private static void TellProviders(RunningEngine engine)
    {
        foreach (var (name, pack) in engine.State.Packs)
        {
            foreach (var (stage, reports) in pack.Crops.Select(c => c.Loaded).Prepend(pack)
                .SelectMany(p => (p.Stages as OnnxStageSet)?.ProviderReports ?? []))
            {
                foreach (var provider in reports.Where(r => r.State != OrtProviderState.Used))
                {
                    engine.Recordings.PushEvent(new RecordedEvent(engine.Clock.NowNs(), -1, EventKind.ProviderFallback,
                        $"pack {name}, stage {stage}: {provider}"));
                }
            }
        }
    }

    private void AddLabelFolder(RunningEngine engine, FrameStream stream, QueuePressure pressure)
    {
        if (config.Sources[stream.Index].Audit is not { KeepFolder: { } keep } audit)
        {
            return;
        }

        try
        {
            var folder = new LabelFolder(keep.Full, stream.Name, stream.Router.Tree, audit.KeepPerHour, config.Disk,
                engine.Reports.Warn);
            var queue = new PublishQueue("frames to label", engine.State.MakeAnswerRoom, withPixels: true, pressure, folder.Write);
            engine.AddTracer(queue, new AuditedFrames(stream.Index, queue), folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"frames to label cannot be kept in '{keep.Full}': {refused.Message}",
                refused);
        }
    }

    private static AnnotatedStream Annotated(RunningEngine engine, FrameStream stream)
    {
        var pack = engine.State.PackOf(stream.Index).Pack;
        return new AnnotatedStream(stream.Name, stream.Router.Tree, stream.Router.Policy is CascadePolicy ? pack.Cascade : null,
            pack.Labels);
    }

    private static string MakeFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine,
                $"the folder '{path}' for annotated frames cannot be made: {refused.Message}", refused);
        }
    }

    /// <summary>What the command line asks for, then what the config does; each has a thread of its own.</summary>
    private void OpenAnswers(RunningEngine engine, QueuePressure pressure)
    {
        void Add(string name, OutputKind kind, AnswerWriter writer) =>
            engine.Add(new AnswerOutput(name, ConfigEnums.Of(ConfigEnums.Outputs, kind), new PublishQueue($"answers ({name})",
                engine.State.MakeAnswerRoom, withPixels: false, pressure, writer.Write, writer.Miss), writer));

        if (options.AnswersFile is { } path)
        {
            Add("--answers", OutputKind.Jsonl, LogTo(OpenFile(path, new LineFileTerms(config.Disk), engine), engine));
        }
        else if (options.AnswersStream is { } stream)
        {
            Add("--answers", OutputKind.Jsonl, LogTo(new LinePipe(stream.Output, $"'{stream.Name}'", engine.Reports.Warn), engine));
        }
        else if (options.AnswersOutput is { } output && !config.Outputs.Any(o => o is JsonlOutputConfig { File: null }))
        {
            Add("--answers", OutputKind.Jsonl, LogTo(new LinePipe(output, "standard output", engine.Reports.Warn), engine));
        }

        foreach (var asked in config.Outputs)
        {
            Add(asked.Name, asked.Kind, Open(asked, engine));
        }
    }

    private AnswerWriter Open(OutputConfig asked, RunningEngine engine) => asked switch
    {
        JsonlOutputConfig { File: { } file } lines => LogTo(OpenFile(file.Full,
            new LineFileTerms(lines.Disk) { GoesOn = true, MinutesMost = lines.FileMinutes }, engine), engine),
        JsonlOutputConfig lines => LogTo(new LinePipe(StandardOutput(options, lines), "standard output", engine.Reports.Warn), engine),
        MqttOutputConfig mqtt => Connect(mqtt, engine),
        WebSocketOutputConfig web => OpenWeb(web, engine),
        _ => throw new NotSupportedException($"outputs.{asked.Name} is of a kind that nothing opens"),
    };

    private WebAnswers OpenWeb(WebSocketOutputConfig asked, RunningEngine engine)
    {
        try
        {
            string? token = asked.ReadToken();
            KnownSecrets.Add(token ?? "", "***");
            var answers = new WebAnswers(asked, new WebGate(token, asked.Origins), engine.State.LabelsOf, engine.Clock)
            {
                Note = engine.Reports.Note,
                Warn = engine.Reports.Warn,
            };
            answers.Open(options.Web, TlsOf(asked));
            return answers;
        }
        catch (Exception refused) when (refused is ChannelException or TrustException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"outputs.{asked.Name}: {refused.Message}", refused);
        }
    }

    /// <summary>Null for plain HTTP.</summary>
    /// <exception cref="TrustException">Its files cannot be used.</exception>
    public static WebTls? TlsOf(WebSocketOutputConfig asked) =>
        asked is { Certificate: { } certificate, Key: { } key } ? new WebTls(certificate.Full, key.Full) : null;

    /// <summary>Connects beside the start, which waits for no broker.</summary>
    private MqttOutput Connect(MqttOutputConfig mqtt, RunningEngine engine)
    {
        string version = typeof(EngineOutputs).Assembly.GetName().Version?.ToString(3) ?? "";
        var device = new MqttDevice(config.Control?.DeviceName ?? Environment.MachineName, version, () => [.. engine.State.Streams],
            () => engine.Board, engine.Clock) { States = () => StatesOf(engine) };
        var output = new MqttOutput(mqtt, device, engine.Reports.Note, engine.Reports.Warn);
        engine.Reports.Told += output.Tell;
        output.Start();
        return output;
    }

    private static List<StateWish> StatesOf(RunningEngine engine) =>
    [
        .. from live in engine.State.Live
           let topic = live.Setup.Source.State?.Topic
           let mailbox = live.Stream.Parts.Mailbox
           where topic is not null && mailbox is not null
           select new StateWish(live.Stream.Name, topic, mailbox, live.Setup.Pack.Pack),
    ];

    private static AnswerLog LogTo(ILineTarget target, RunningEngine engine) => new(target, engine.Clock);

    /// <summary>Standard output can be answers alone, and then is from the beginning of the program.</summary>
    /// <exception cref="EngineRefusedException">The program began without.</exception>
    public static OutputDescriptor StandardOutput(EngineOptions options, JsonlOutputConfig asked) => options.AnswersOutput
        ?? throw new EngineRefusedException(RefusalCause.Config,
            $"outputs.{asked.Name}.path is '-', but this program's standard output has other text on it already; stop it and start it anew "
            + "with this config");

    public static LineFile OpenFile(string path, LineFileTerms terms, RunningEngine engine)
    {
        try
        {
            var file = new LineFile(path, terms, engine.Reports.Warn, engine.Clock);
            if (file.KeptPath is { } kept)
            {
                engine.Reports.Note($"the answers that '{path}' held are now in '{kept}'");
            }

            return file;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the file '{path}' cannot be written: {refused.Message}",
                refused);
        }
    }
}

/// <summary>An output of answers that is open: how it is told of frames, and what it does with them.</summary>
internal sealed record AnswerOutput(string Name, string Kind, PublishQueue Queue, AnswerWriter Writer)
{
    /// <summary>Opens anew those that are files. False: there are none.</summary>
    public static bool Reopen(IEnumerable<AnswerOutput> outputs, EngineReports reports)
    {
        string[] names = [.. outputs.Where(a => a.Writer.Reopen()).Select(a => a.Name)];
        if (names.Length > 0)
        {
            reports.Note($"answers go on in files opened anew: {string.Join(", ", names)}");
        }

        return names.Length > 0;
    }

    public OutputStatus Status()
    {
        var (written, lost) = Writer.Counts;
        return new OutputStatus
        {
            Name = Name, Kind = Kind, ToldCount = written, LostCount = lost + Queue.LostCount,
            Fault = Queue.Fault?.Message ?? Writer.Fault,
        };
    }
}
