using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>A sweep that is complete, with all that is needed to judge policies on it.</summary>
/// <param name="All">Every frame; <paramref name="Part"/> is the span asked for.</param>
public sealed record OpenedSweep(Pack Pack, SweptRecording All, SweptRecording Part, RouteNode Teacher, FrameLabels? Labels,
    double DoubtBand, long FaultCount)
{
    /// <summary>How detections are carried when policies are played: as the engine carries them.</summary>
    public TrackerSettings Tracking => TrackingOf(Pack, Teacher, DoubtBand);

    /// <summary>The tracker of a pack: the teacher's exit says from which confidence on there is a detection.</summary>
    public static TrackerSettings TrackingOf(Pack pack, RouteNode teacher, double doubtBand) =>
        new(1, pack.Stages[teacher.StageIndex].Exit?.Detection?.Threshold ?? 0, (float)doubtBand);

    /// <summary>Sweeps what is not swept yet.</summary>
    /// <exception cref="EngineRefusedException">The pack, the source or the library cannot be used.</exception>
    /// <exception cref="InvalidDataException">The sweep folder or the labels do not fit, or there are no frames.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was swept is kept.</exception>
    public static OpenedSweep Open(SweepChoice choice, EngineReporter report, Action<SweepProgress> progress, CancellationToken cancel)
    {
        var request = new SweepRequest(choice.Pack, choice.Files, choice.Source, choice.FramesPerSecond, choice.Library, choice.ThreadCount,
            SimulatedSources.Schemes);
        var labels = choice.Labels is null ? null : FrameLabels.Read(choice.Labels, choice.Source);
        long faults = 0;
        var all = SweepRun.Run(request, new SweepFolder(choice.Sweep), choice.FrameLimit, report,
            p => { faults = p.FaultCount; progress(p); }, cancel);
        cancel.ThrowIfCancellationRequested();
        var part = all.Part(choice.Span.From, choice.Span.To);
        if (part.Frames.Count < 2)
        {
            throw new InvalidDataException($"'{choice.Source}' has {all.Frames.Count} usable frames, {part.Frames.Count} of them in the "
                + "span; at least 2 are needed");
        }

        var pack = PackReader.Read(choice.Pack, choice.Files);
        return new OpenedSweep(pack, all, part, TeacherOf(all, choice.Teacher), labels, choice.DoubtBand, faults);
    }

    /// <summary>Judges answers on a part of this sweep.</summary>
    public QualityJudge JudgeOf(SweptRecording part) =>
        new(part, new AgreementSettings(DetectionLimit) { DoubtBand = (float)DoubtBand }, Thresholds, Teacher, Labels);

    private int DetectionLimit => Math.Max(1, Pack.Stages.Max(s => s.Exit?.Detection?.Limit ?? 0));

    private List<float> Thresholds =>
        [.. All.Tree.Nodes.Select(n => n.StageIndex >= 0 ? Pack.Stages[n.StageIndex].Exit?.Detection?.Threshold ?? 0 : 0)];

    private static RouteNode TeacherOf(SweptRecording sweep, string? name)
    {
        if (name is null)
        {
            return sweep.HeaviestNode();
        }

        if (sweep.Tree.FindPath(name) is { VariantIndex: >= 0 } node)
        {
            return node;
        }

        throw new InvalidDataException($"the pack has no path '{name}' to teach; its paths are {string.Join(", ", sweep.Tree.PathNames)}");
    }
}
