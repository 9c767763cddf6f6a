using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// The recordings of a run: those of the device config, and those begun and ended while it runs. Files are opened and closed by the
/// caller's thread; what the loop sees changes between frames only.
/// </summary>
public sealed class RecordingControl(RunningEngine engine, EngineReporter report)
{
    /// <summary>Recordings at once: each has a ring of traces of 3.5 MB.</summary>
    public const int OpenLimit = 4;

    private volatile Recording[] _open = [];

    public IReadOnlyList<Recording> Open => _open;

    /// <summary>Held by whoever begins or ends recordings, because each such change takes several steps.</summary>
    internal SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Opens a file that none has yet; nothing goes into it before <see cref="Begin"/>.</summary>
    /// <param name="path">Where one of that name exists, the time is added: a recording is never appended to nor overwritten.</param>
    /// <param name="plans">What the streams are while it runs.</param>
    /// <exception cref="EngineRefusedException">The file cannot be made, or pictures cannot be compressed here.</exception>
    public Recording Create(string path, RecordedFrames frames, IReadOnlyList<StreamSetup> plans, long? untilNs = null,
        bool isAsked = false)
    {
        // A run over files may wait for its recording, because its sources wait too; a camera may not.
        bool mayWait = plans.All(p => p.Source.Take == DeliveryMode.EveryFrame);
        TraceSink? sink = null;
        try
        {
            string free = RecordingName.Free(path, engine.Clock.GetUtcNow());
            sink = TraceSink.Create(free, SessionOf(plans), SettingsOf(plans, mayWait), Warn);
            var pressure = mayWait ? QueuePressure.Wait : QueuePressure.Lose;
            return new Recording(free, frames, sink, pressure, () => EngineState.MakeAnswerRoom(plans), Warn)
            {
                AskedPath = path,
                UntilNs = untilNs,
                IsAsked = isAsked,
            };
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            sink?.Dispose();
            throw new EngineRefusedException(RefusalCause.Machine, $"the recording '{path}' cannot be started: {refused.Message}", refused);
        }
        catch (DllNotFoundException missing)
        {
            sink?.Dispose();
            throw new EngineRefusedException(RefusalCause.Machine, $"'record.frames: jpeg' cannot be done: {missing.Message}", missing);
        }
    }

    private static SinkSettings SettingsOf(IReadOnlyList<StreamSetup> plans, bool mayWait) =>
        new() { WaitsForRoom = mayWait, StreamIndices = [.. plans.Select(p => p.Index)] };

    /// <summary>Opens the file in which a recording goes on.</summary>
    /// <inheritdoc cref="Create"/>
    public Recording Follow(Recording recording, IReadOnlyList<StreamSetup> plans) =>
        Create(recording.AskedPath, recording.Frames, plans, recording.UntilNs, recording.IsAsked);

    /// <summary>Between frames, or before the first.</summary>
    public void Begin(Recording recording)
    {
        recording.Begin(engine.State.Tallies());
        _open = [.. _open, recording];
        engine.Tracers.Add(recording.Traces);
        if (recording.FrameQueue is { } queue)
        {
            engine.Consumers.Add(queue);
        }

        report(ReportLevel.Notice, $"recording to {recording.Path}");
    }

    /// <summary>Between frames, or after the last. Close it afterwards, on another thread.</summary>
    public void End(Recording recording)
    {
        recording.End(engine.State.Tallies(), engine.Clock.NowNs());
        _open = [.. _open.Where(r => r != recording)];
        engine.Tracers.Remove(recording.Traces);
        if (recording.FrameQueue is { } queue)
        {
            engine.Consumers.Remove(queue);
        }
    }

    /// <summary>Closes a recording that has ended, and says what is in it.</summary>
    public SinkTotals Close(Recording recording)
    {
        var totals = recording.Close();
        if (recording.FrameQueue is { } queue)
        {
            engine.Reports.TellLosses(queue);
        }

        report(ReportLevel.Notice, $"recorded {totals.TraceWrittenCount} traces and {totals.FrameWrittenCount} frames, {totals.FileBytes} "
            + $"bytes in {recording.Path}; "
            + $"lost {totals.TraceLostCount} traces, {totals.FrameLostCount} frames, {totals.EventLostCount} events");
        return totals;
    }

    /// <summary>Into every open recording; any thread.</summary>
    public void PushEvent(RecordedEvent happened) => Array.ForEach(_open, r => r.PushEvent(happened));

    private void Warn(string text) => report(ReportLevel.Warning, text);

    /// <summary>The session start of a recording that begins now.</summary>
    public SessionStart SessionOf(IReadOnlyList<StreamSetup> plans)
    {
        var sources = plans.Select(p => new SessionSource(
            p.Source.Name, AddressText.OfSource(p.Source.Address.Text), p.Pack.Pack.Name,
            Convert.FromHexString(p.Pack.Pack.ManifestSha256),
            p.Parts.Router.Policy.Name, SessionSource.NodesOf(p.Parts.Router.Tree))
        {
            CalibrationHash = p.Parts.Calibration?.Sha256 is { } hash ? Convert.FromHexString(hash) : new byte[RecordingFormat.HashBytes],
        });
        string version = typeof(RecordingControl).Assembly.GetName().Version?.ToString(3) ?? "0";
        var config = engine.State.Config with { Sources = [.. plans.Select(p => p.Source)] };
        return new SessionStart(engine.Clock.NowNs(), engine.Clock.UtcNs(), version, config.Hash(), [.. sources]);
    }
}
