using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Tabletop;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>The shipped pack, end to end, against what really lies on tables that no training saw.</summary>
public sealed class ShapesQualityTests(ITestOutputHelper output)
{
    private const int TableCount = 10;
    private const int FramesPerTable = 20;

    /// <summary>Frames from one scored frame to the next: by then the things on the table have moved on.</summary>
    private const int Step = 6;

    private const float OverlapLeast = 0.5f;

    /// <summary>Of shapes covered more than this nobody can ask; neither finding nor missing them counts.</summary>
    private const float VisibleLeast = 0.35f;

    private readonly record struct Score(int Right, int Wrong, int Missed)
    {
        public double F1 => 2.0 * Right / Math.Max(1, (2 * Right) + Wrong + Missed);

        public static Score operator +(Score a, Score b) => new(a.Right + b.Right, a.Wrong + b.Wrong, a.Missed + b.Missed);
    }

    [SkippableFact]
    public void The_last_exit_finds_nine_of_ten_and_more_than_the_light_one()
    {
        string[] paths = ["light", "light>heavy_1>heavy_2"];
        var rigs = paths.Select(p => new PackRig(PackRig.Shapes, tree => new FixedPolicy(tree, p))).ToArray();
        var scores = new Score[paths.Length];
        foreach (int seed in Enumerable.Range(3_000_000, TableCount))
        {
            ScoreTable(seed, rigs, scores);
        }

        Array.ForEach(rigs, r => r.Dispose());
        Assert.All(rigs, r => Assert.Equal(TableCount * FramesPerTable,
            r.Stream.Tally.Completed + r.Stream.Tally.Exited + r.Stream.Tally.Escalated));
        string figures = string.Create(CultureInfo.InvariantCulture,
            $"F1 light {scores[0].F1:0.000} {scores[0]}, last exit {scores[1].F1:0.000} {scores[1]}");
        output.WriteLine(figures);
        Assert.True(scores[1].F1 >= 0.9 && scores[1].F1 > scores[0].F1, figures);
    }

    private static void ScoreTable(int seed, PackRig[] rigs, Score[] scores)
    {
        using var source = new TabletopSource(TabletopSettings.Parse($"sim://tabletop?fps=0&seed={seed}", out _)!);
        using var slot = new FrameSlot();
        source.Open();
        for (int i = 0; i < FramesPerTable * Step; i++)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
            for (int r = 0; r < rigs.Length && i % Step == 0; r++)
            {
                int at = r;
                rigs[r].OnAnswer = answer => scores[at] += ScoreOf(answer.Detections, source.LastTruth);
                rigs[r].Feed(slot.Layout, slot.Bytes);
            }
        }
    }

    /// <summary>The surest box first takes the best true shape of its class that is left.</summary>
    private static Score ScoreOf(ReadOnlySpan<Detection> found, TabletopTruth truth)
    {
        var taken = new bool[truth.Count];
        var (right, wrong) = (0, 0);
        foreach (var box in found)
        {
            int best = BestMatch(box, truth, taken);
            if (best < 0)
            {
                wrong++;
                continue;
            }

            taken[best] = true;
            right += truth.VisibleFractions[best] >= VisibleLeast ? 1 : 0;
        }

        int missed = 0;
        for (int i = 0; i < truth.Count; i++)
        {
            missed += !taken[i] && truth.VisibleFractions[i] >= VisibleLeast ? 1 : 0;
        }

        return new Score(right, wrong, missed);
    }

    private static int BestMatch(in Detection box, TabletopTruth truth, bool[] taken)
    {
        var (best, overlap) = (-1, OverlapLeast);
        for (int i = 0; i < truth.Count; i++)
        {
            float shared = truth.Boxes[i].OverlapWith(box);
            if (!taken[i] && truth.Boxes[i].ClassIndex == box.ClassIndex && shared >= overlap)
            {
                (best, overlap) = (i, shared);
            }
        }

        return best;
    }
}
