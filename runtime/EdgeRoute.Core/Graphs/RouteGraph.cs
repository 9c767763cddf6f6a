namespace EdgeRoute.Core.Graphs;

/// <summary>The part of the frame an edge hands to a stage, as fractions of the frame's sides.</summary>
public readonly record struct FrameRegion(double Left, double Top, double Width, double Height)
{
    public static FrameRegion Full => new(0, 0, 1, 1);

    public bool IsInside => Left >= 0 && Top >= 0 && Width > 0 && Height > 0 && Left + Width <= 1 + 1e-9 && Top + Height <= 1 + 1e-9;
}

/// <summary>One model file in the graph.</summary>
/// <param name="Name">Unique in the pack.</param>
/// <param name="HasExit">It ends in a head that yields a usable answer.</param>
/// <param name="TakesFrame">It has an input tensor made from the frame.</param>
/// <param name="FeatureStageIndices">Stages whose features it consumes; each must lie on every path that reaches it.</param>
public sealed record RouteStage(string Name, bool HasExit, bool TakesFrame, IReadOnlyList<int> FeatureStageIndices);

/// <summary>A way on: from the frame, or from the end of a stage, to a stage or to the previous answer.</summary>
/// <param name="FromStageIndex">A stage, or <see cref="RouteGraph.Frame"/>.</param>
/// <param name="ToStageIndex">A stage, or <see cref="RouteGraph.Previous"/>.</param>
/// <param name="KeepRatios">Fractions of tokens kept, each in (0, 1]; one option each.</param>
/// <param name="InputScales">Fractions of the stage's nominal input size, each in (0, 1]; one option each.</param>
/// <param name="Region">The part of the frame used where the stage takes the frame.</param>
public sealed record RouteEdge(
    int FromStageIndex, int ToStageIndex, IReadOnlyList<double> KeepRatios, IReadOnlyList<double> InputScales, FrameRegion Region)
{
    /// <summary>Windows chosen on each frame, in place of <see cref="Region"/>; null for none.</summary>
    public WindowRule? Windows { get; init; }

    /// <summary>What becomes of the answer at hand.</summary>
    public MergeKind Merge { get; init; }

    /// <summary>The stage sees a part of the frame, so that to come back to it is to look at something else.</summary>
    public bool SeesPart => Windows is not null || Region != FrameRegion.Full;
}

/// <summary>A model pack's stages and edges as declared. <see cref="RouteTree"/> enumerates the paths.</summary>
public sealed class RouteGraph
{
    /// <summary>As <see cref="RouteEdge.FromStageIndex"/>: the edge leaves the frame.</summary>
    public const int Frame = -1;

    /// <summary>As <see cref="RouteEdge.ToStageIndex"/>: the edge reuses the previous answer.</summary>
    public const int Previous = -2;

    /// <summary>Stages per pack. Eight tiers of four stages is far beyond what fits one board's memory.</summary>
    public const int StageLimit = 32;

    /// <summary>Edges per pack: every stage reached from three places.</summary>
    public const int EdgeLimit = 96;

    public RouteGraph(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges)
    {
        var problems = RouteGraphCheck.FindProblems(stages, edges);
        if (problems.Count > 0)
        {
            throw new ArgumentException("The route graph is not usable: " + string.Join("; ", problems));
        }

        (Stages, Edges) = (stages, edges);
    }

    public IReadOnlyList<RouteStage> Stages { get; }

    public IReadOnlyList<RouteEdge> Edges { get; }
}
