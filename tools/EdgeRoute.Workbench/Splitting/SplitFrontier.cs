using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// What a router makes of a pack that was cut: its gains are calibrated on some of the frames that nothing was fitted on, and every way of
/// routing is played through the others.
/// </summary>
public static class SplitFrontier
{
    /// <summary>As <c>edgeroute calibrate</c> takes both where nothing is said.</summary>
    private const double DoubtBand = 0.1, Confidence = 0.95;

    /// <summary>Frames of a block that are fitted on, and of one that judges.</summary>
    private const int BlockFrames = 4;

    private const string SweepName = ".split-sweep";

    /// <summary>Writes the calibration beside the manifest, and the picture where its name is given.</summary>
    /// <param name="plot">Of the files, without ending; null for none.</param>
    /// <exception cref="InvalidDataException">There are too few frames.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the pack stays.</exception>
    public static IReadOnlyList<FrontierPoint> Run(SplitRequest request, SplitReport split, string? plot, EngineReporter report,
        Action<string> progress, CancellationToken cancel)
    {
        string folder = Path.GetDirectoryName(split.Manifest)!, sweep = Path.Combine(folder, SweepName);
        try
        {
            var choice = new SweepChoice(folder, null, request.Source, 0, request.Labels, sweep, request.FrameLimit * request.Every,
                FrameSpan.All, DoubtBand, null, request.Library, request.ThreadCount);
            var opened = OpenedSweep.Open(choice, report, p => progress(FormattableString.Invariant(
                $"every path on every frame: {p.DoneCount} done, {p.MsPerFrame:0} ms each")), cancel);
            var fits = Part(opened, block => block % 4 == 1);
            var document = CalibrationRun.Run(fits, new CalibrateRequest(choice, [], Confidence, 1), progress, cancel);
            string path = Path.Combine(folder, CalibrationFile.UsualName);
            File.WriteAllBytes(path, CalibrationFile.Write(document));
            var judges = Part(opened, block => block % 4 == 3);
            var loaded = CalibrationFile.Read(path, opened.Pack, opened.All.Tree);
            var points = new FrontierRun(judges).Run(loaded.Calibration, progress, cancel);
            if (plot is not null)
            {
                new FrontierPlot(opened.Pack.Name, opened.All.Name, judges.Part.Frames.Count, split.Reference).Write(plot, points);
            }

            return points;
        }
        finally
        {
            if (Directory.Exists(sweep))
            {
                Directory.Delete(sweep, recursive: true);
            }
        }
    }

    /// <summary>The frames of some blocks; every other block was fitted on.</summary>
    private static OpenedSweep Part(OpenedSweep opened, Func<long, bool> isIn)
    {
        var frames = opened.All.Frames.Where(f => isIn(f.Stamp.Sequence / BlockFrames)).ToList();
        return frames.Count >= 2 ? opened with
        {
            Part = new SweptRecording(opened.All.Name, opened.All.Tree, opened.All.Task, frames) { Plan = opened.All.Plan },
        } : throw new InvalidDataException($"'{opened.All.Name}' has {opened.All.Frames.Count} frames; at least {4 * BlockFrames} are "
            + "needed to calibrate on some and to judge on others");
    }
}
