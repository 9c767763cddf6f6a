using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>What a frame of the footage is for.</summary>
internal enum FrameRole : byte
{
    Skipped,
    Calibrates,
    Judges,
    End,
}

/// <summary>
/// The pack, the footage and the place for models that are tried: a folder inside that of the pack's files, since a manifest names no file
/// outside of it. It goes when all is done.
/// </summary>
internal sealed class QuantizeScene : IDisposable
{
    /// <summary>Frames that follow each other have one purpose, so that a video's next picture is not what was calibrated on.</summary>
    private const int BlockFrames = 4;

    private const string WorkName = ".quantize";

    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly EngineReporter _report;
    private readonly Action<string> _progress;
    private readonly CancellationToken _cancel;
    private readonly HashSet<string> _told = [];
    private readonly Dictionary<FrameRole, long> _counts = [];

    public QuantizeScene(QuantizeRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        (_report, _progress, _cancel) = (report, progress, cancel);
        Request = request;
        Pack = PackReader.Read(request.Pack, request.Files);
        Manifest = SiblingManifest.Read(Pack.ManifestPath);
        FilesFolder = Path.GetFullPath(request.Files ?? Path.GetDirectoryName(Pack.ManifestPath)!);
        WorkFolder = Path.Combine(FilesFolder, WorkName);
        var board = BoardIdentity.Read(new SystemFiles());
        (WeightBits, CutsSumsHere) = (request.WeightBitsOn(board), board.CutsSumsOfBytes);
        Clear();
        Directory.CreateDirectory(WorkFolder);
    }

    public QuantizeRequest Request { get; }

    public int WeightBits { get; }

    public bool CutsSumsHere { get; }

    public Pack Pack { get; }

    /// <summary>As written.</summary>
    public JsonObject Manifest { get; }

    public string FilesFolder { get; }

    public string WorkFolder { get; }

    public EngineReporter Report => (level, text) =>
    {
        // Each pass opens the same pack again.
        if (_told.Add(text))
        {
            _report(level, text);
        }
    };

    public void ThrowIfCancelled() => _cancel.ThrowIfCancellationRequested();

    public SiblingFile Written(string name, string path) => SiblingFile.Of(name, FilesFolder, path);

    /// <summary>Runs a pack on the frames of one purpose.</summary>
    /// <param name="what">For progress.</param>
    /// <param name="take">Given each frame that was swept, and its session; false where the stage did not answer on it.</param>
    /// <param name="frameMost">Frames at most.</param>
    /// <returns>How many frames were used.</returns>
    /// <exception cref="InvalidDataException">None was.</exception>
    /// <exception cref="EngineRefusedException">The pack, the source or the library cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public int Pass(string what, JsonObject manifest, FrameRole role, Func<SweepSession, SweptFrame, bool> take,
        int frameMost = int.MaxValue)
    {
        string path = Path.Combine(WorkFolder, "manifest.json");
        File.WriteAllText(path, SiblingManifest.TextOf(manifest));
        var request = new SweepRequest(path, FilesFolder, Request.Source, 0, Request.Library, Request.ThreadCount,
            SimulatedSources.Schemes);
        using var session = SweepSession.Open(request, Report);
        long start = Clock.GetTimestamp();
        int done = 0;
        while (done < frameMost && session.TryNext(out long sequence) && RoleOf(sequence) is not FrameRole.End and var found)
        {
            _cancel.ThrowIfCancellationRequested();
            if (found == role && session.Sweep() is { } frame)
            {
                done += take(session, frame) ? 1 : 0;
                Tell(what, role, done, frameMost, Clock.GetElapsedTime(start).TotalSeconds);
            }
        }

        if (done == 0)
        {
            string fault = session.LastFault is { } last ? $". The last one failed: {last}" : "";
            string left = role == FrameRole.Judges ? " left to judge on" : "";
            throw new InvalidDataException($"'{Request.Source}' has no usable frame{left}; at least {2 * BlockFrames} are needed{fault}");
        }

        if (done < frameMost)
        {
            _counts[role] = done;
        }

        return done;
    }

    public void Dispose() => Clear();

    internal FrameRole RoleOf(long sequence)
    {
        long index = sequence / Request.Every;
        if (index >= Request.FrameLimit)
        {
            return FrameRole.End;
        }

        if (sequence % Request.Every != 0)
        {
            return FrameRole.Skipped;
        }

        return index / BlockFrames % 2 == 0 ? FrameRole.Calibrates : FrameRole.Judges;
    }

    /// <summary>How many frames there will be is known once the footage was gone through.</summary>
    private void Tell(string what, FrameRole role, int done, int frameMost, double seconds)
    {
        bool isKnown = _counts.TryGetValue(role, out long count);
        long total = Math.Min(isKnown ? count : (Request.FrameLimit + 1) / 2, frameMost);
        double left = seconds / Math.Max(done, 1) * Math.Max(total - done, 0);
        _progress(string.Create(CultureInfo.InvariantCulture,
            $"{what}: frame {done} of {(isKnown ? "" : "at most ")}{total}, {(isKnown ? "" : "at most ")}{left:0} s left"));
    }

    private void Clear()
    {
        if (Directory.Exists(WorkFolder))
        {
            Directory.Delete(WorkFolder, recursive: true);
        }
    }
}
