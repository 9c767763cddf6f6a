using System.Diagnostics;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Sweeps;

/// <summary>How a sweep stands.</summary>
/// <param name="DoneCount">Frames swept, those of earlier runs included.</param>
/// <param name="MsPerFrame">Time one frame takes all paths together; NaN until one was swept.</param>
/// <param name="FaultCount">Frames that could not be read, or on which a stage failed.</param>
/// <param name="TotalCount">Frames there will be, about, from how far the source was read; NaN where it does not tell.</param>
public readonly record struct SweepProgress(long DoneCount, double MsPerFrame, long FaultCount, double TotalCount)
{
    public double SecondsLeft => Math.Max(TotalCount - DoneCount, 0) * MsPerFrame / 1000;
}

/// <summary>Sweeps a source through a pack into a folder, or takes up a sweep that was interrupted.</summary>
internal static class SweepRun
{
    /// <summary>Frames between two writes to the disk: what an abrupt end can cost.</summary>
    private const int FlushInterval = 16;

    /// <param name="frameLimit">Frames of the source to be swept at most.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancel">Ends the sweep after the frame at hand; what is done stays done.</param>
    /// <param name="wanted">Numbers of the frames to be swept; null for all.</param>
    /// <exception cref="EngineRefusedException">The pack, the source or the library cannot be used.</exception>
    /// <exception cref="InvalidDataException">The folder holds a sweep of something else.</exception>
    public static SweptRecording Run(
        SweepRequest request, SweepFolder folder, long frameLimit, EngineReporter report, Action<SweepProgress> progress,
        CancellationToken cancel, IReadOnlySet<long>? wanted = null)
    {
        using var session = SweepSession.Open(request, report);
        var start = StartOf(session.Pack.Pack, session.Pack.Tree, request);
        var task = session.Pack.Pack.Task;
        var frames = folder.Read(start, task);
        using var part = new LazyPart(folder, start);
        var watch = new Stopwatch();
        long swept = 0;
        var missing = wanted?.Where(w => !frames.ContainsKey(w)).ToHashSet();
        while (!cancel.IsCancellationRequested && missing is not { Count: 0 } && session.TryNext(out long sequence)
            && sequence < frameLimit)
        {
            bool isWanted = missing?.Remove(sequence) ?? !frames.ContainsKey(sequence);
            if (isWanted)
            {
                watch.Start();
                if (session.Sweep() is { } frame)
                {
                    frames[sequence] = frame;
                    part.Write(frame, mayFlush: ++swept % FlushInterval == 0);
                }

                watch.Stop();
            }

            double total = wanted?.Count ?? (session.ReadShare is > 0 and var share ? Math.Min((sequence + 1) / share, frameLimit)
                : double.NaN);
            progress(new SweepProgress(frames.Count, swept == 0 ? double.NaN : watch.Elapsed.TotalMilliseconds / swept,
                session.FaultCount, total));
        }

        TellBroken(session, request, report, frames.Count);
        return new SweptRecording(request.Source, session.Pack.Tree, task,
            [.. frames.Values.TakeWhile(f => f.Stamp.Sequence < frameLimit)]) { Plan = session.Pack.Pack.Plan };
    }

    /// <summary>What was swept before, without opening anything; null where a wanted frame is not among it.</summary>
    /// <exception cref="InvalidDataException">The folder holds a sweep of something else.</exception>
    public static SweptRecording? Kept(SweepRequest request, SweepFolder folder, Pack pack, RouteTree tree, IReadOnlySet<long> wanted)
    {
        var frames = folder.Read(StartOf(pack, tree, request), pack.Task);
        return wanted.All(frames.ContainsKey) ? new SweptRecording(request.Source, tree, pack.Task, [.. frames.Values]) : null;
    }

    /// <summary>Reads a source to its end, or to the limit, and runs nothing.</summary>
    /// <param name="progress">Told after each frame how many there were.</param>
    /// <exception cref="EngineRefusedException">The pack, the source or the library cannot be used.</exception>
    public static int CountFrames(SweepRequest request, long frameLimit, EngineReporter report, Action<int> progress,
        CancellationToken cancel)
    {
        using var session = SweepSession.Open(request, report);
        int count = 0;
        while (!cancel.IsCancellationRequested && count < frameLimit && session.TryNext(out _))
        {
            progress(++count);
        }

        TellBroken(session, request, report, count);
        return count;
    }

    private static void TellBroken(SweepSession session, SweepRequest request, EngineReporter report, int frameCount)
    {
        if (session.BrokenReason is { } reason)
        {
            report(ReportLevel.Warning, FormattableString.Invariant(
                $"source '{AddressText.OfSource(request.Source)}' broke off before its end, after {frameCount} frames: {reason}"));
        }
    }

    private static SessionStart StartOf(Pack pack, RouteTree tree, SweepRequest request)
    {
        var source = new SessionSource(
            Path.GetFileName(request.Source), AddressText.OfSource(request.Source), pack.Name, SweepIdentity.OfManifest(pack.ManifestPath),
            "sweep", SessionSource.NodesOf(tree));
        string version = typeof(SweepRun).Assembly.GetName().Version?.ToString(3) ?? "0";
        return new SessionStart(0, TimeProvider.System.UtcNs(), version, new byte[RecordingFormat.HashBytes], [source]);
    }

    /// <summary>A part that comes into being with its first frame.</summary>
    private sealed class LazyPart(SweepFolder folder, SessionStart start) : IDisposable
    {
        private FileStream? _file;
        private RecordWriter? _writer;

        public void Write(SweptFrame frame, bool mayFlush)
        {
            _file ??= folder.CreatePart();
            _writer ??= new RecordWriter(_file, start);
            _writer.WriteRecord(RecordKind.SweptFrame, SweptFrameCodec.Encode(frame));
            if (mayFlush)
            {
                _writer.Flush();
            }
        }

        public void Dispose()
        {
            _writer?.Flush();
            _file?.Dispose();
        }
    }
}
