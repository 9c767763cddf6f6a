using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Calibrating;

/// <summary>From real sessions to a file and back.</summary>
public sealed class CalibrationRunTests(ShapesSweeps sweeps) : IClassFixture<ShapesSweeps>
{
    private const double FitShare = 0.5;

    [SkippableFact]
    public void What_was_calibrated_decides_alike_after_it_was_written_and_read()
    {
        var sweep = sweeps.WithoutReuse;
        var document = Run(sweep, FitShare);
        var loaded = WriteAndRead(sweep, document);
        var fitPart = sweep.Part.Part(0, FitShare);
        var fitted = new Calibrator(fitPart, sweep.JudgeOf(fitPart), sweep.Tracking).Fit(_ => { }, CancellationToken.None);
        var costs = new CostTable(sweep.Part.Tree);
        loaded.FillCosts(sweep.Part.Tree, costs);
        var router = new Router(sweep.Part.Tree, costs, new ValuePolicy(loaded.Calibration));
        var taken = new HashSet<int>();
        foreach (double price in document.Curve.Select(c => c.PricePerMs))
        {
            router.Operating = OperatingPoint.Free with { PricePerMs = (float)price };
            var before = Play(sweep, new Router(sweep.Part.Tree, fitted.Costs,
                new ValuePolicy(fitted.Calibration)) { Operating = router.Operating });
            var after = Play(sweep, router);
            Assert.Equal(before, after);
            taken.UnionWith(after.Select(p => p.NodeIndex));
        }

        Assert.True(taken.Count > 1, "the prices should not all lead to one path, or nothing is shown");
        Assert.Equal(fitted.Calibration.ContextCount, loaded.Calibration.ContextCount);
    }

    [SkippableFact]
    public void A_calibration_with_reuse_survives_the_file_bit_by_bit()
    {
        var sweep = sweeps.Whole;
        var document = Run(sweep, FitShare);
        var loaded = WriteAndRead(sweep, document);
        byte[] written = CalibrationFile.Write(document);
        CalibrationFile.Put(document, sweep.Part.Tree, loaded.Calibration);
        Assert.Equal(written, CalibrationFile.Write(document));
        Assert.Contains(document.Nodes[0].Options, o => o.Name == "previous");
        Assert.Equal(sweep.Part.Frames.Count, document.FrameCount);
        Assert.Equal("heavy_1>heavy_2", document.HeaviestPath);
        Assert.Equal(64, document.FramesSha256.Length);
    }

    [SkippableFact]
    public void Certified_floors_point_into_the_curve_and_few_frames_are_warned_of()
    {
        var sweep = sweeps.WithoutReuse;
        var document = Run(sweep, FitShare);
        Assert.Equal([0.5, 0.97], document.Floors.Select(f => f.Floor));
        Assert.All(document.Floors, f => Assert.InRange(f.PriceIndex, -1, document.Curve.Count - 1));
        Assert.All(document.Floors, f => Assert.NotEmpty(f.Reason));
        Assert.True(document.Floors[0].PriceIndex >= document.Floors[1].PriceIndex, "a lower floor cannot allow less");
        Assert.Contains(document.Warnings, w => w.Contains("little to certify a floor with", StringComparison.Ordinal));
        Assert.Equal(document.Curve.Select(c => c.PricePerMs).Order(), document.Curve.Select(c => c.PricePerMs));
        Assert.All(document.Curve, c => Assert.InRange(c.Quality, 0, 1));
        Assert.All(document.Curve, c => Assert.InRange(c.HeavyShare ?? double.NaN, 0, 1));
        Assert.True(document.Curve[0].HeavyShare > document.Curve[^1].HeavyShare, "the highest price buys the fewest heavy frames");
    }

    [SkippableFact]
    public void Without_frames_to_certify_on_no_floor_is_claimed() => Assert.Empty(Run(sweeps.WithoutReuse, 1).Floors);

    [SkippableFact]
    public void A_cancelled_calibration_ends_at_once()
    {
        var sweep = sweeps.WithoutReuse;
        Assert.ThrowsAny<OperationCanceledException>(() => CalibrationRun.Run(sweep, RequestOf(FitShare), _ => { },
            new CancellationToken(canceled: true)));
    }

    private static IReadOnlyList<PlayedFrame> Play(OpenedSweep sweep, Router router) => new SweepPlayer(sweep.Part,
        sweep.JudgeOf(sweep.Part), sweep.Tracking).Play(router);

    private CalibrationDocument Run(OpenedSweep sweep, double fitShare) => CalibrationRun.Run(sweep, RequestOf(fitShare), _ => { },
        CancellationToken.None);

    private CalibrateRequest RequestOf(double fitShare) => new(sweeps.ChoiceOf(ShapesSweeps.ShapesFolder, "whole"), [0.5, 0.97],
        0.95, fitShare);

    private LoadedCalibration WriteAndRead(OpenedSweep sweep, CalibrationDocument document)
    {
        string path = Path.Combine(sweeps.Folder, "calibration.json");
        File.WriteAllBytes(path, CalibrationFile.Write(document));
        return CalibrationFile.Read(path, sweep.Pack, sweep.Part.Tree);
    }
}
