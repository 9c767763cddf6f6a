using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Tracing;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// Keeps recordings within their part of the disk, on a thread of its own: a long one goes on in a new file, the oldest files are deleted,
/// and while the disk is nearly full nothing is written. One that the disk ended goes on in a new file when there is room.
/// </summary>
internal sealed class RecordingKeeper(RunningEngine engine, EngineReporter report) : IDisposable
{
    /// <summary>Between two looks: a camera's uncompressed pictures come to some dozens of megabytes in that time.</summary>
    private const int IntervalMs = 500;

    /// <summary>Room that a recording needs, beyond what stays free, to go on after the disk has ended it.</summary>
    private const long RestartBytes = DiskConfig.Megabyte;

    /// <summary>Looks between two tries to go on: a disk that is full again at once must not be filled with beginnings.</summary>
    private const int RetryLooks = 20;

    private readonly ManualResetEventSlim _isStopping = new();
    private readonly Dictionary<string, FileRing> _rings = new(StringComparer.Ordinal);
    private Thread? _thread;

    /// <summary>Not at the first look, which is taken before the loop runs and so before a recording can end.</summary>
    private int _looksToRetry = 2;
    private bool _hasRefused, _isDisposed;
    private string? _lastFault;

    public void Start()
    {
        _thread = PartThread.Make("recording keeper", Run, TellFault);
        _thread.Start();
    }

    /// <summary>After the frame boundary was closed, so that what waits for it ends. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _isStopping.Set();
            _thread?.Join();
            _isStopping.Dispose();
        }
    }

    /// <summary>Looks once, unless somebody else begins or ends recordings just now.</summary>
    public void Look()
    {
        if (!engine.Recordings.Gate.Wait(0))
        {
            return;
        }

        try
        {
            _looksToRetry = Math.Max(0, _looksToRetry - 1);
            foreach (var recording in engine.Recordings.Open)
            {
                Tend(recording);
                Trim(recording);
            }
        }
        finally
        {
            engine.Recordings.Gate.Release();
        }
    }

    private void Run()
    {
        do
        {
            PartThread.Try(Look, TellFault);
        }
        while (!_isStopping.Wait(IntervalMs));
    }

    private void TellFault(Exception fault)
    {
        string words = PartThread.Words(fault);
        if (words != _lastFault)
        {
            _lastFault = words;
            report(ReportLevel.Warning, $"recordings could not be looked after: {words}");
        }
    }

    private void Tend(Recording recording)
    {
        var disk = engine.State.Config.Disk;
        long least = disk.FreeMegabytes * DiskConfig.Megabyte;
        long free = DiskRoom.FreeBytes(Path.GetDirectoryName(Path.GetFullPath(recording.Path))!);
        bool isLow = DiskRoom.IsLow(free, disk, recording.IsPaused);
        if (isLow != recording.IsPaused)
        {
            recording.IsPaused = isLow;
            string words = isLow ? "pauses" : "goes on";
            report(ReportLevel.Warning, string.Create(CultureInfo.InvariantCulture,
                $"the recording {recording.Path} {words}: {free / DiskConfig.Megabyte} MB are free on its disk (disk.free_mb "
                    + $"{disk.FreeMegabytes}); lost so far {recording.Totals.TraceLostCount} traces, {recording.Totals.FrameLostCount} "
                    + $"frames"));
        }

        bool isLong = recording.Totals.FileBytes >= disk.FileMegabytes * DiskConfig.Megabyte;
        bool canGoOn = recording.HasFailed && _looksToRetry == 0 && free >= least + RestartBytes;
        if (!isLow && (canGoOn || (isLong && !recording.HasFailed)))
        {
            _looksToRetry = recording.HasFailed ? RetryLooks : _looksToRetry;
            GoOn(recording);
        }
    }

    private void GoOn(Recording recording)
    {
        Recording? next = null;
        try
        {
            next = engine.Recordings.Follow(recording, engine.State.Plans());
            engine.Boundary.Run(() =>
            {
                engine.Recordings.End(recording);
                engine.Recordings.Begin(next);
            }).GetAwaiter().GetResult();
            var lost = engine.Recordings.Close(recording);
            if (recording.HasFailed)
            {
                report(ReportLevel.Warning, $"the recording {recording.Path} could not be written and goes on in {next.Path}; lost "
                    + $"{lost.TraceLostCount} traces, {lost.FrameLostCount} frames");
            }

            _hasRefused = false;
        }
        catch (Exception failed) when (failed is EngineRefusedException or OperationCanceledException or InvalidOperationException)
        {
            next?.Dispose();
            if (!_hasRefused && failed is not OperationCanceledException)
            {
                report(ReportLevel.Warning, $"the recording {recording.Path} cannot go on in a new file: {failed.Message}");
            }

            _hasRefused = true;
        }
    }

    private void Trim(Recording recording)
    {
        string path = recording.AskedPath, folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string key = recording.IsAsked ? folder : path;
        if (!_rings.TryGetValue(key, out var ring))
        {
            // The folder of recordings that clients ask for is the device's own, whatever they are called.
            Func<string, bool> isMember = recording.IsAsked ? n => Path.GetExtension(n) == Path.GetExtension(path)
                : n => RecordingName.IsOf(path, n);
            ring = new FileRing(folder, isMember, engine.State.Config.Disk, text => report(ReportLevel.Warning, text));
            _rings[key] = ring;
            ring.Narrow();
        }

        ring.Trim([.. engine.Recordings.Open.Select(r => r.Path)], engine.Clock.GetUtcNow().UtcDateTime);
    }
}
