using EdgeRoute.Core.Frames;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Boxes against another model's, by how sure each is.</summary>
public sealed class BoxPrecisionTests
{
    private static Detection Box(float left, float confidence, int kind = 0) => new(left, 0.1f, 0.1f, 0.2f, confidence, kind);

    private static double Of(Detection[] judged, params Detection[] wanted)
    {
        var precision = new BoxPrecision();
        precision.Add(judged, wanted);
        return precision.Value();
    }

    [Fact]
    public void The_same_boxes_are_worth_one_and_every_fault_costs_by_how_sure_it_was()
    {
        Detection[] wanted = [Box(0.1f, 0.9f), Box(0.3f, 0.5f), Box(0.6f, 0.4f, 2)];
        Assert.Equal(1, Of(wanted, wanted), 1e-9);
        Assert.Equal(1, Of([], []), 1e-9);
        Assert.Equal(0, Of([], wanted), 1e-9);
        Assert.Equal(2.0 / 3, Of(wanted[..2], wanted), 1e-9);
        Assert.Equal(2.0 / 3, Of([wanted[0], wanted[1], Box(0.6f, 0.4f, kind: 1)], wanted), 1e-9);
        double unsure = Of([.. wanted, Box(0.8f, 0.1f)], wanted), between = Of([.. wanted, Box(0.8f, 0.6f)], wanted);
        Assert.Equal(1, unsure, 1e-9);
        Assert.InRange(between, 0.7, 0.95);
        Assert.True(Of([.. wanted, Box(0.8f, 0.95f)], wanted) < between);
        Assert.InRange(Of([.. wanted, wanted[0]], wanted), 0.7, 0.95);
    }

    [Fact]
    public void Boxes_shift_by_confidence_that_went_elsewhere()
    {
        static double Shift(Detection[] judged, params Detection[] wanted)
        {
            var shift = new BoxShift();
            shift.Add(judged, wanted);
            return shift.Value();
        }

        Detection[] wanted = [Box(0.1f, 0.8f), Box(0.5f, 0.2f)];
        Assert.Equal(0, Shift(wanted, wanted), 1e-6);
        Assert.Equal(0, Shift([], []), 1e-6);
        Assert.Equal(1, Shift([], wanted), 1e-6);
        Assert.Equal(0.2, Shift([wanted[0]], wanted), 1e-6);
        Assert.Equal(0.1, Shift([wanted[0] with { Confidence = 0.7f }, wanted[1]], wanted), 1e-6);
        Assert.Equal(0.3, Shift([.. wanted, Box(0.8f, 0.3f)], wanted), 1e-6);
        Assert.Equal(1.6, Shift([wanted[0] with { ClassIndex = 1 }, wanted[1]], wanted), 1e-6);
        float overlap = wanted[0].OverlapWith(Box(0.12f, 1));
        Assert.Equal(0.8 * (1 - overlap), Shift([Box(0.12f, 0.8f), wanted[1]], wanted), 1e-6);
        Assert.Equal(0.3, Shift([], []) + Shift([Box(0.1f, 0.3f)], []), 1e-6);
    }

    /// <summary>With one class, precision at every box that is right, as the plain computation has it at 101 recalls.</summary>
    [Fact]
    public void It_is_the_area_that_benchmarks_take_at_101_places()
    {
        var random = new Random(5);
        var all = new BoxPrecision();
        var pictures = new List<AveragePrecision.Picture>();
        for (int i = 0; i < 60; i++)
        {
            Detection[] wanted = [.. Enumerable.Range(0, random.Next(1, 6)).Select(k => Box(k * 0.15f, 1))];
            Detection[] judged = [.. wanted.Where(_ => random.NextDouble() < 0.8).Select(w => w with
            {
                Left = w.Left + (random.NextDouble() < 0.2 ? 0.07f : 0.01f), Confidence = (float)random.NextDouble(),
            })];
            all.Add(judged, wanted);
            pictures.Add(new(wanted, judged));
        }

        Assert.Equal(AveragePrecision.At(0.5, pictures), all.Value(), 0.02);
    }
}
