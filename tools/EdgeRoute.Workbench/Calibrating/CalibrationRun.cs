using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// From an opened sweep to a calibration document: fit to the earlier frames, certify floors on the later ones, and say what looks weak.
/// </summary>
public static class CalibrationRun
{
    /// <summary>Out-of-sample calibration error from which on a fit is warned of.</summary>
    private const double EceWarning = 0.08;

    /// <summary>Independent blocks below which a certificate says little.</summary>
    private const int BlockWarning = 60;

    public static CalibrationDocument Run(OpenedSweep sweep, CalibrateRequest request, Action<string> progress, CancellationToken cancel)
    {
        var fitPart = sweep.Part.Part(0, request.FitShare);
        var restPart = request.FitShare < 1 ? sweep.Part.Part(request.FitShare, 1) : sweep.Part;
        var fitted = new Calibrator(fitPart, sweep.JudgeOf(fitPart), sweep.Tracking).Fit(progress, cancel);
        progress($"playing the rule on {restPart.Frames.Count} frames{(request.FitShare < 1 ? " that nothing was fitted to" : "")}");
        double[] grid = PriceGrid.Of(fitPart);
        var plays = PlaysOf(sweep, restPart, fitted, grid, cancel);
        var document = Describe(sweep, fitted, request);
        document.Curve = [.. grid.Zip(plays, (price, play) => CurvePoint(price, play, restPart))];
        if (request.FitShare < 1)
        {
            Certify(document, plays, request, restPart, sweep);
        }

        Warn(document, sweep, fitted);
        return document;
    }

    private static List<IReadOnlyList<PlayedFrame>> PlaysOf(
        OpenedSweep sweep, SweptRecording part, FittedCalibration fitted, double[] grid, CancellationToken cancel)
    {
        var judge = sweep.JudgeOf(part);
        var policy = new ValuePolicy(fitted.Calibration);
        var plays = new List<IReadOnlyList<PlayedFrame>>();
        foreach (double price in grid)
        {
            cancel.ThrowIfCancellationRequested();
            var router = new Router(part.Tree, fitted.Costs, policy) { Operating = OperatingPoint.Free with { PricePerMs = (float)price } };
            plays.Add(new SweepPlayer(part, judge, sweep.Tracking).Play(router));
        }

        return plays;
    }

    private static CalibrationDocument Describe(OpenedSweep sweep, FittedCalibration fitted, CalibrateRequest request)
    {
        var document = new CalibrationDocument
        {
            Pack = sweep.Pack.Name,
            ManifestSha256 = sweep.Pack.ManifestSha256,
            Source = Path.GetFileName(request.Choice.Source),
            FramesSha256 = HashOf(sweep.Part.Frames),
            FrameCount = sweep.Part.Frames.Count,
            Teacher = sweep.Labels is null ? sweep.Teacher.PathName : "labels",
            HeaviestPath = sweep.All.HeaviestNode().PathName,
            DoubtBand = sweep.DoubtBand,
            Device = Environment.MachineName,
            Costs = [.. CostsOf(sweep.Part.Tree, fitted)],
            Fits = [.. fitted.Fits.Select(FitOf)],
        };
        CalibrationFile.Put(document, sweep.Part.Tree, fitted.Calibration);
        return document;
    }

    private static IEnumerable<CalibrationDocument.CostPart> CostsOf(RouteTree tree, FittedCalibration fitted) =>
        tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0).DistinctBy(o =>
            o.Name).Select(o => new CalibrationDocument.CostPart
        {
            Option = o.Name, MsP50 = fitted.Costs.OfVariant(o.VariantIndex).MsP50, MsP95 = fitted.Costs.OfVariant(o.VariantIndex).MsP95,
        });

    private static CalibrationDocument.FitPart FitOf(PlanFit fit) => new()
    {
        Path = fit.PathName, Option = fit.OptionName, Plan = fit.PlanIndex, Estimator = fit.EstimatorName, MeanGain = fit.MeanGain,
        Ece = fit.Gain.Ece, R2 = Finite(fit.Gain.R2),
        Reliability = [.. fit.Gain.Bins.Select(b => new CalibrationDocument.BinPart { Estimated = b.Estimated, Observed = b.Observed })],
    };

    private static CalibrationDocument.CurvePart CurvePoint(double price, IReadOnlyList<PlayedFrame> play, SweptRecording part)
    {
        var score = PlayScore.Of(play);
        int heaviest = part.HeaviestNode().VariantIndex;
        double heavyShare = play.Average(p => part.Tree.Nodes[p.NodeIndex].VariantIndex == heaviest ? 1.0 : 0);
        return new() { PricePerMs = price, Quality = score.Quality, Ms = score.Ms, HeavyShare = heavyShare };
    }

    /// <summary>
    /// Losses of 0 or 1 go to the exact binomial test, graded ones to the bets, which are the tightest here; frames of a video go in
    /// blocks.
    /// </summary>
    private static void Certify(CalibrationDocument document, List<IReadOnlyList<PlayedFrame>> plays, CalibrateRequest request,
        SweptRecording part, OpenedSweep sweep)
    {
        var losses = plays.ConvertAll(play => play.Select(p => 1.0 - p.Quality).ToArray());
        string shortest = "";
        foreach (double floor in request.Floors)
        {
            // Prices far beyond the floor are never tested; how long their losses stay alike says nothing here.
            var tested = losses.TakeWhile((l, i) => i == 0 || l.Average() <= 2 * (1 - floor)).ToList();
            var blocks = BlockMeans.Plan(tested, [part.Frames.Count]);
            shortest = blocks.BlockCount < BlockWarning ? blocks.Summary : shortest;
            var blockLosses = tested.ConvertAll(l => blocks.Of(l));
            bool isBinary = blockLosses.All(l => l.All(v => v is 0 or 1));
            var certificate = LearnThenTest.Certify(blockLosses, new FloorGoal(floor, request.Confidence),
                isBinary ? LossTest.Binomial : LossTest.Betting);
            string? refusal = certificate.IsCertified && sweep.Labels is null
                ? FootageDoubts.NothingToSee(part, sweep.Teacher, blocks) : null;
            document.Floors.Add(new() { Floor = floor, Confidence = request.Confidence,
                PriceIndex = refusal is null ? certificate.PriceIndex : -1, Reason = refusal ?? certificate.Reason });
        }

        if (shortest.Length > 0)
        {
            document.Warnings.Add($"{shortest}. That is little to certify a floor with: record more, at different times of day.");
        }
    }

    private static void Warn(CalibrationDocument document, OpenedSweep sweep, FittedCalibration fitted)
    {
        if (sweep.FaultCount > 0)
        {
            document.Warnings.Add($"{sweep.FaultCount} frames could not be read or failed in a stage and were left out.");
        }

        foreach (var fit in fitted.Fits.Where(f => f.Gain.Ece > EceWarning))
        {
            document.Warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"The gain of '{fit.OptionName}' at '{fit.PathName}' is off by {fit.Gain.Ece:0.00} on average ")
                + "on frames it was not fitted to: its signals say little, or the scene changes.");
        }

        document.Warnings.AddRange(new[] { FootageDoubts.Busy(sweep.Part), DriftOf(sweep.Part) }.OfType<string>());
    }

    /// <summary>Compares the first and the last third by the signals of the frames alone.</summary>
    private static string? DriftOf(SweptRecording part)
    {
        var (first, last) = (part.Part(0, 1.0 / 3).Frames, part.Part(2.0 / 3, 1).Frames);
        (string Name, Func<SweptFrame, double> Of)[] signals =
            [("exposure", f => f.Signals.Exposure), ("contrast", f => f.Signals.Contrast), ("sharpness", f => f.Signals.Sharpness),
                ("noise", f => f.Signals.Noise)];
        foreach (var (name, of) in signals)
        {
            double spread = Math.Sqrt((Variance(first, of) + Variance(last, of)) / 2) + 1e-4, before = first.Average(of),
                after = last.Average(of);
            if (Math.Abs(after - before) > 2 * spread)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"The recording drifts: {name} goes from {before:0.000} in its first third to {after:0.000} in its last; ")
                    + "what is fitted to one may not hold in the other.";
            }
        }

        return null;
    }

    private static double Variance(IReadOnlyList<SweptFrame> frames, Func<SweptFrame, double> of)
    {
        double mean = frames.Average(of);
        return frames.Average(f => Math.Pow(of(f) - mean, 2));
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    /// <summary>Over thumbnails and times: enough to tell recordings apart, and the frames themselves need not be kept.</summary>
    private static string HashOf(IReadOnlyList<SweptFrame> frames)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> stamp = stackalloc byte[2 * sizeof(long)];
        foreach (var frame in frames)
        {
            BinaryPrimitives.WriteInt64LittleEndian(stamp, frame.Stamp.Sequence);
            BinaryPrimitives.WriteInt64LittleEndian(stamp[sizeof(long)..], frame.Stamp.SourceNs);
            hash.AppendData(stamp);
            hash.AppendData(frame.Luma);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
