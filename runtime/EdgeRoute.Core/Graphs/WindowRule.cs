namespace EdgeRoute.Core.Graphs;

/// <summary>What says where in a frame it pays to look.</summary>
public enum WindowSource : byte
{
    /// <summary>Blocks of the thumbnail that differ from what has stood there for a while.</summary>
    Motion = 1,

    /// <summary>Small candidates that the answer at hand is not sure of.</summary>
    Doubt = 2,

    /// <summary>What has changed since the last answer, outside the boxes carried over from it.</summary>
    Drift = 3,

    /// <summary>Carried boxes of objects seen only lately.</summary>
    YoungTracks = 4,

    /// <summary>Everywhere: windows that cover the frame evenly.</summary>
    Tiles = 5,
}

/// <summary>What becomes of the answer at hand when a stage has looked at parts of the frame.</summary>
public enum MergeKind : byte
{
    /// <summary>The later answer takes its place.</summary>
    Replace = 0,

    /// <summary>The boxes of both, suppressed class by class.</summary>
    Union = 1,

    /// <summary>The boxes of both; those that show one thing become one box between them.</summary>
    Boxes = 2,
}

/// <summary>Windows that are chosen anew on each frame: its stage runs once on each.</summary>
/// <param name="From">What they are chosen by.</param>
/// <param name="Side">Up to 1 a fraction of the frame's sides, above 1 pixels of the frame.</param>
/// <param name="Count">Windows of a frame at most.</param>
/// <param name="AtLeast">A window that covers less weight than this is none.</param>
public sealed record WindowRule(WindowSource From, double Side, int Count, float AtLeast = 0)
{
    /// <summary>Windows of one edge at most: with four halves the whole frame has been seen.</summary>
    public const int CountMost = 4;

    /// <summary>Pixels of the largest side: no sensor on a robot has more.</summary>
    public const double SideMost = 16384;

    public bool IsFraction => Side <= 1;

    /// <summary>A window in the frame's upper left corner: its sides as fractions of the frame's.</summary>
    public FrameRegion SizeIn(int frameWidth, int frameHeight) => IsFraction ? new FrameRegion(0, 0, Side, Side)
        : new FrameRegion(0, 0, Math.Min(1, Side / Math.Max(frameWidth, 1)), Math.Min(1, Side / Math.Max(frameHeight, 1)));

    /// <summary>As a part of an option's name: <c>doubt</c>, <c>motion*2</c>.</summary>
    public string Name => NameOf(From) + (Count > 1 ? $"*{Count}" : "");

    /// <summary>As manifests spell it.</summary>
    public static string NameOf(WindowSource source) => source switch
    {
        WindowSource.Motion => "motion",
        WindowSource.Doubt => "doubt",
        WindowSource.Drift => "drift",
        WindowSource.YoungTracks => "young_tracks",
        WindowSource.Tiles => "tiles",
        _ => "unknown",
    };
}
