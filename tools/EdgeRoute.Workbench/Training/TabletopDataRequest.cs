using System.Globalization;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Workbench.Training;

/// <summary>What to write: <paramref name="Count"/> frames (0: no end) of a seed, at a size.</summary>
/// <param name="Clutter"><c>auto</c>, <c>uniform</c> (every table at a level of its own, evenly over 0..1) or a level.</param>
public sealed record TabletopDataRequest(long Count, ulong Seed, int Width, int Height, string Clutter)
{
    /// <summary>What cannot be done, for people; null when all is well.</summary>
    public string? FindProblem()
    {
        if (Count < 0)
        {
            return $"--count {Count}: must be 0 (no end) or more frames";
        }

        if (!IsSide(Width) || !IsSide(Height))
        {
            return $"--width {Width} --height {Height}: each must be {TabletopSettings.SideLeast} to {TabletopSettings.SideMost} pixels";
        }

        return Clutter is "auto" or "uniform" || TryLevel(out _) ? null
            : $"--clutter {Clutter}: must be auto, uniform or a level from 0 to 1";
    }

    public TabletopClutter MakeClutter()
    {
        if (Clutter == "auto")
        {
            return TabletopClutter.Auto();
        }

        if (Clutter == "uniform")
        {
            return TabletopClutter.Uniform();
        }

        return TabletopClutter.Fixed(TryLevel(out float level) ? level : throw new InvalidOperationException(FindProblem()));
    }

    private bool TryLevel(out float level) =>
        float.TryParse(Clutter, NumberStyles.Float, CultureInfo.InvariantCulture, out level) && level is >= 0 and <= 1;

    private static bool IsSide(int side) => side is >= TabletopSettings.SideLeast and <= TabletopSettings.SideMost;
}

/// <summary>Which training data of the tabletop worlds.</summary>
public enum TabletopDataKind
{
    /// <summary>Frames and boxes, see <see cref="TabletopDataWriter"/>.</summary>
    Shapes,

    /// <summary>Frames of the robot arm, see <see cref="PickPlaceDataWriter.WriteFrames"/>.</summary>
    PickPlace,

    /// <summary>The expert's plans, see <see cref="PickPlaceDataWriter.WritePlans"/>.</summary>
    Plans,
}
