using System.Globalization;
using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// Whether footage shows enough for a certificate, and whether its costs were measured undisturbed; in words, with what to do.
/// </summary>
internal static class FootageDoubts
{
    /// <summary>
    /// Independent moments at which the teacher must see something: on an empty scene every path agrees, and what is certified there holds
    /// there only.
    /// </summary>
    private const int MomentsLeast = 10;

    /// <summary>p95 over p50; on a quiet machine runs of a path differ by some percent.</summary>
    private const double SpreadMost = 1.5;

    /// <summary>Fewer runs have no p95.</summary>
    private const int RunsLeast = 20;

    /// <summary>Why nothing can be certified on it; null where that is no reason.</summary>
    /// <param name="part">The frames that certify.</param>
    /// <param name="blocks">Their independent blocks.</param>
    public static string? NothingToSee(SweptRecording part, RouteNode teacher, BlockMeans blocks)
    {
        if (part.Task != TaskKind.Detection)
        {
            return null;
        }

        double[] seen = [.. part.Frames.Select(f => f.Variants[teacher.VariantIndex].Answer is { DetectionCount: > 0 } ? 1.0 : 0)];
        int moments = blocks.Of(seen).Count(b => b > 0);
        return moments >= MomentsLeast ? null : string.Create(CultureInfo.InvariantCulture,
            $"none, because '{teacher.PathName}' sees something on {seen.Sum():0} of the {seen.Length} frames that certify, at {moments} ")
            + $"independent moments, and {MomentsLeast} are needed: on an empty scene all paths agree, and a floor certified there holds "
            + "there only. Record what the robot is to detect, coming and going, for longer";
    }

    /// <summary>The costs are those of a machine that did something else as well; null where nothing speaks for it.</summary>
    public static string? Busy(SweptRecording part)
    {
        var heaviest = part.HeaviestNode();
        var cost = part.Profile().OfVariant(heaviest.VariantIndex);
        return part.Frames.Count < RunsLeast || !(cost.MsP95 > SpreadMost * cost.MsP50) ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"'{heaviest.PathName}' took {cost.MsP50:0.0} ms on the median and {cost.MsP95:0.0} ms at p95: ")
            + "something else ran meanwhile, and all costs are off. End it, and calibrate again with a new --sweep folder";
    }
}
