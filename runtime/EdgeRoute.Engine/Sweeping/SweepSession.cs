using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Engine.Sweeping;

/// <summary>A pack and a source opened for a sweep, on the caller's thread: every frame of the source in order, none dropped.</summary>
public sealed class SweepSession : IDisposable
{
    /// <summary>Longest wait within the source, between two looks at how long it has been silent.</summary>
    private const int WaitMs = 5000;

    private readonly OrtEnvironment _environment;
    private readonly IFrameSource _source;
    private readonly PathSweep _sweep;
    private readonly FrameSlot _slot = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _silenceMost;
    private long _sequence;

    private SweepSession(OrtEnvironment environment, LoadedPack pack, IFrameSource source, EngineParts parts, TimeSpan silenceMost)
    {
        _environment = environment;
        Pack = pack;
        _source = source;
        _clock = TimeProvider.System;
        _silenceMost = silenceMost;
        _sweep = new PathSweep(pack, parts.Kernel, _clock);
    }

    public LoadedPack Pack { get; }

    /// <summary>Frames that could not be read or whose stages failed.</summary>
    public long FaultCount { get; private set; }

    public string? LastFault { get; private set; }

    /// <summary>Why the source broke off before its end; null where it has not.</summary>
    public string? BrokenReason { get; private set; }

    /// <inheritdoc cref="IFrameSource.ReadShare"/>
    public double ReadShare => _source.ReadShare;

    /// <exception cref="EngineRefusedException">The library, the pack or the source cannot be used; or the source is live and has no
    /// end.</exception>
    /// <param name="report">Is told what was opened, and warnings.</param>
    public static SweepSession Open(SweepRequest request, EngineReporter report) =>
        EngineParts.Refusing(() =>
        {
            var clock = TimeProvider.System;
            var library = request.LibraryPath is { } path ? new ConfigPath(path, Path.GetFullPath(path), PathNeed.FileOrFolder, default!)
                : null;
            var parts = new EngineParts(RuntimeConfig.Default with { Library = library, ThreadCount = request.ThreadCount },
                request.Schemes, clock, report);
            var frames = parts.MakeSource(request.Source, request.Source, request.CaptureOptions);
            if (frames.IsLive)
            {
                throw new EngineRefusedException(RefusalCause.Config,
                    $"source '{request.Source}' is live and cannot wait for a sweep; record it first and sweep the recording");
            }

            if (!frames.Open())
            {
                string detail = frames.Fault.Detail;
                frames.Dispose();
                throw new EngineRefusedException(RefusalCause.Machine, $"source '{request.Source}': {detail}");
            }

            return Load(request, parts, frames);
        });

    /// <summary>What a policy carries is known when it is played, and a sweep is made before that.</summary>
    private static void Refuse(LoadedPack pack)
    {
        var variant = pack.Tree.Variants.FirstOrDefault(v => v.Windows is { From: WindowSource.Drift or WindowSource.YoungTracks });
        if (variant is not null)
        {
            string stage = pack.Pack.Stages[variant.StageIndex].Name;
            pack.Dispose();
            throw new EngineRefusedException(RefusalCause.Config, $"'{stage}@{variant.Windows!.Name}' looks where the last answer no "
                + "longer fits, which depends on the policy; sweeps know windows by 'motion', 'doubt' and 'tiles'. Take the edge out of a "
                + "copy of the pack to sweep the rest");
        }
    }

    private static SweepSession Load(SweepRequest request, EngineParts parts, IFrameSource frames)
    {
        string manifest = Path.GetFullPath(request.ManifestPath);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Directory.Exists(manifest) ? manifest
            : Path.GetDirectoryName(manifest)!));
        OrtEnvironment? environment = null;
        try
        {
            environment = parts.OpenEnvironment();
            var pack = parts.LoadPack(name, request.ManifestPath, request.FilesFolder, environment);
            Refuse(pack);
            return new SweepSession(environment, pack, frames, parts, request.SilenceMost);
        }
        catch
        {
            frames.Dispose();
            environment?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The next frame's number and whether there is one; its pixels lie in the session until <see cref="Sweep"/> or the next call.
    /// </summary>
    public bool TryNext(out long sequence)
    {
        long silentSince = _clock.GetTimestamp();
        while (true)
        {
            var outcome = _source.Read(_slot, WaitMs, out long sourceNs);
            switch (outcome)
            {
                case ReadOutcome.Frame:
                    sequence = _sequence++;
                    long nowNs = _clock.NowNs();
                    _slot.Commit(new FrameStamp(0, sequence, nowNs, sourceNs < 0 ? nowNs : sourceNs));
                    return true;
                case ReadOutcome.Nothing when _source.Fault.Kind == SourceFaultKind.UnreadablePicture:
                    Count(_source.Fault.Detail);
                    silentSince = _clock.GetTimestamp();
                    break;
                case ReadOutcome.Nothing when _clock.GetElapsedTime(silentSince) < _silenceMost:
                    break;
                default:
                    sequence = -1;
                    BrokenReason = outcome == ReadOutcome.End ? null : WhyBroken(outcome);
                    LastFault = BrokenReason ?? LastFault;
                    return false;
            }
        }
    }

    private string WhyBroken(ReadOutcome outcome) => outcome == ReadOutcome.Fault ? _source.Fault.Detail : FormattableString.Invariant(
        $"it has given neither a frame nor its end for {_silenceMost.TotalSeconds:0.###} s, so that what decodes it most likely hangs; ")
        + "write the footage anew, as MP4 with H.264";

    /// <summary>Runs every path on the frame at hand; null where its pixels cannot be read, which is counted.</summary>
    public SweptFrame? Sweep()
    {
        long failed = _sweep.FailedRunCount;
        try
        {
            var frame = _sweep.Run(_slot);
            if (_sweep.FailedRunCount > failed)
            {
                Count(_sweep.LastFault);
            }

            return frame;
        }
        catch (FrameUnusableException unusable)
        {
            Count(unusable.Message);
            return null;
        }
    }

    /// <summary>What the frame swept last left in a float32 output of a variant's model, answer or not; good until the next one.</summary>
    /// <param name="output">An output that the model declares.</param>
    public ReadOnlySpan<float> Values(int variantIndex, string output) => ((OnnxStageSet)Pack.Stages).Output(variantIndex, output).Floats;

    public ReadOnlySpan<long> Shape(int variantIndex, string output) => ((OnnxStageSet)Pack.Stages).Output(variantIndex, output).Shape;

    /// <summary>What the frame swept last left in the outputs that a variant's head decodes, in the exit's order, as the head sees them:
    /// numbers of any type widened, and changing rows filled up to their limit.</summary>
    public IReadOnlyList<(float[] Values, long[] Shape)> HeadOutputs(int variantIndex)
    {
        var tensors = ((OnnxStageSet)Pack.Stages).HeadTensors(variantIndex);
        return [.. Enumerable.Range(0, tensors.Count).Select(i => (tensors.Values(i).ToArray(), tensors.Shape(i).ToArray()))];
    }

    /// <summary>The frame at hand with one of its answers drawn into it, as a JPEG.</summary>
    /// <exception cref="DllNotFoundException">libjpeg-turbo is absent; the message names the package.</exception>
    /// <exception cref="InvalidDataException">The frame cannot be drawn.</exception>
    public byte[] Annotate(SweptVariant ran)
    {
        using var annotator = new FrameAnnotator();
        string path = ran.Answer is { NodeIndex: >= 0 } answer ? Pack.Tree.Nodes[answer.NodeIndex].PathName : "";
        return annotator.DrawJpeg(_slot.Layout, _slot.Bytes, new FrameAnnotation(Pack.Pack.Name, _slot.Stamp.Sequence, path,
            Pack.Pack.Title, ran.Ms, FrameEnd.Completed, ran.Answer, Pack.Pack.Labels));
    }

    public void Dispose()
    {
        _source.Close();
        _source.Dispose();
        _sweep.Dispose();
        Pack.Dispose();
        _environment.Dispose();
        _slot.Dispose();
    }

    private void Count(string? fault)
    {
        FaultCount++;
        LastFault = fault;
    }
}
