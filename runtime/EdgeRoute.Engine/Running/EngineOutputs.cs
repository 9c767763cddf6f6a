using EdgeRoute.Core.Routing;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>Opens what a run writes: trace, recording, answers, annotated frames.</summary>
internal sealed class EngineOutputs(DeviceConfig config, EngineOptions options)
{
    public void AddTo(RunningEngine engine)
    {
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

        if (OpenAnswers(engine) is { } answers)
        {
            var names = engine.State.Streams.Select(s => new AnswerLogStream(s.Name, [.. s.Router.Tree.Nodes.Select(n => n.PathName)],
                engine.State.PackOf(s.Index).Pack.Labels)
            {
                ActionDimensionCount = engine.State.PackOf(s.Index).Pack.Plan?.DimensionCount ?? 0,
            });
            var log = new AnswerLog(answers, [.. names]);
            engine.Add(new PublishQueue("answers", engine.State.MakeAnswerRoom, withPixels: false, pressure, log.Write), log);
        }

        if (options.AnnotateFolder is { } folder)
        {
            var frames = new AnnotatedFrames(MakeFolder(folder), [.. engine.State.Streams.Select(s => Annotated(engine, s))],
                config.Disk, engine.Reports.Warn);
            engine.Add(new PublishQueue("annotated frames", engine.State.MakeAnswerRoom, withPixels: true, pressure, frames.Write), frames);
        }
    }

    /// <summary>Into recordings: which stages run elsewhere than they were to.</summary>
    private static void TellProviders(RunningEngine engine)
    {
        foreach (var (name, pack) in engine.State.Packs)
        {
            foreach (var (stage, reports) in (pack.Stages as OnnxStageSet)?.ProviderReports ?? [])
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

    private ILineTarget? OpenAnswers(RunningEngine engine)
    {
        if (options.AnswersOutput is { } output)
        {
            return new LinePipe(output, "standard output", engine.Reports.Warn);
        }

        return options.AnswersFile is { } path ? OpenNew(path, engine) : null;
    }

    private LineFile OpenNew(string path, RunningEngine engine)
    {
        try
        {
            var file = new LineFile(path, config.Disk, engine.Reports.Warn);
            if (file.KeptPath is { } kept)
            {
                engine.Reports.Note($"the answers that '{path}' held are now in '{kept}'");
            }

            return file;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the answers file '{path}' cannot be written: {refused.Message}",
                refused);
        }
    }
}
