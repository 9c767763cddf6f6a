using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Configuration;
using EdgeRoute.Engine.Pricing;
using EdgeRoute.Engine.Publish;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine;

/// <summary>Opens what a run writes: trace, recording, answers, annotated frames.</summary>
internal sealed class EngineOutputs(DeviceConfig config, EngineOptions options, EngineReporter report)
{
    private const int NameLimit = 1000;

    public void AddTo(RunningEngine engine)
    {
        // A run over files may wait for its outputs, because its sources wait too; a camera may not.
        bool mayWait = config.Sources.All(s => s.Take == TakeKind.Every);
        var pressure = mayWait ? QueuePressure.Wait : QueuePressure.Lose;
        var session = SessionOf(engine);
        if (config.Trace is { } trace)
        {
            var sink = Create(trace.Full, session, mayWait);
            engine.Add(sink, new TraceConsumer(sink, withFrames: false));
        }

        if (config.Record is { } record)
        {
            var sink = Create(record.File.Full, session, mayWait);
            engine.Add(sink, new TraceConsumer(sink, withFrames: record.Frames == RecordedFrames.Raw));
            AddCompressed(engine, sink, record.Frames, pressure);
        }

        foreach (var stream in engine.Streams)
        {
            AddLabelFolder(engine, stream, pressure);
        }

        if (options.AnswersFile is { } answers)
        {
            var names = engine.Streams.Select(s => new AnswerLogStream(s.Name, [.. s.Router.Tree.Nodes.Select(n => n.PathName)], engine.PackOf(s.Index).Pack.Labels));
            var log = new AnswerLog(OpenNew(answers), [.. names]);
            engine.Add(new PublishQueue("answers", engine.MakeAnswerRoom, withPixels: false, pressure, log.Write), log);
        }

        if (options.AnnotateFolder is { } folder)
        {
            var frames = new AnnotatedFrames(MakeFolder(folder), [.. engine.Streams.Select(s => Annotated(engine, s))]);
            engine.Add(new PublishQueue("annotated frames", engine.MakeAnswerRoom, withPixels: true, pressure, frames.Write), frames);
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
            var folder = new LabelFolder(keep.Full, stream.Name, stream.Router.Tree, audit.KeepPerHour);
            var queue = new PublishQueue("frames to label", engine.MakeAnswerRoom, withPixels: true, pressure, folder.Write);
            engine.AddTracer(queue, new AuditedFrames(stream.Index, queue), folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"frames to label cannot be kept in '{keep.Full}': {refused.Message}", refused);
        }
    }

    /// <summary>Compressing takes milliseconds, which the loop has not: it is done on a thread of its own.</summary>
    private void AddCompressed(RunningEngine engine, TraceSink sink, RecordedFrames frames, QueuePressure pressure)
    {
        if (frames != RecordedFrames.Jpeg)
        {
            return;
        }

        try
        {
            var recording = new CompressedRecording(sink, text => report(ReportLevel.Warning, text));
            engine.Add(new PublishQueue("recorded frames", engine.MakeAnswerRoom, withPixels: true, pressure, recording.Write, sink.CountLostFrame), recording);
        }
        catch (DllNotFoundException missing)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"'record.frames: jpeg' cannot be done: {missing.Message}", missing);
        }
    }

    private TraceSink Create(string path, SessionStart session, bool mayWait)
    {
        string free = FreeName(path);
        report(ReportLevel.Notice, $"recording to {free}");
        try
        {
            return TraceSink.Create(free, session, new SinkSettings { WaitsForRoom = mayWait }, text => report(ReportLevel.Warning, text));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the recording '{free}' cannot be started: {refused.Message}", refused);
        }
    }

    /// <summary>A recording is never appended to nor overwritten: the next run of the same config gets the next number.</summary>
    private static string FreeName(string path)
    {
        string stem = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        string candidate = path;
        for (int i = 2; File.Exists(candidate); i++)
        {
            candidate = i <= NameLimit ? $"{stem}-{i}{Path.GetExtension(path)}"
                : throw new EngineRefusedException(RefusalCause.Machine, $"there are {NameLimit} recordings named like '{path}'; move some away");
        }

        return candidate;
    }

    private static AnnotatedStream Annotated(RunningEngine engine, FrameStream stream)
    {
        var pack = engine.PackOf(stream.Index).Pack;
        return new AnnotatedStream(stream.Name, stream.Router.Tree, stream.Router.Policy is CascadePolicy ? pack.Cascade : null, pack.Labels);
    }

    private static string MakeFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the folder '{path}' for annotated frames cannot be made: {refused.Message}", refused);
        }
    }

    private static FileStream OpenNew(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the answers file '{path}' cannot be written: {refused.Message}", refused);
        }
    }

    private SessionStart SessionOf(RunningEngine engine)
    {
        var sources = engine.Streams.Select(s => new SessionSource(
            s.Name, AddressText.WithoutSecrets(config.Sources[s.Index].Address.Text), engine.PackOf(s.Index).Pack.Name,
            Convert.FromHexString(engine.PackOf(s.Index).Pack.ManifestSha256), s.Router.Policy.Name, SessionSource.NodesOf(s.Router.Tree))
        {
            CalibrationHash = s.CalibrationSha256 is { } hash ? Convert.FromHexString(hash) : new byte[RecordingFormat.HashBytes],
        });
        long utcNs = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        string version = typeof(EngineOutputs).Assembly.GetName().Version?.ToString(3) ?? "0";
        return new SessionStart(engine.Clock.NowNs, utcNs, version, config.Hash(), [.. sources]);
    }
}
