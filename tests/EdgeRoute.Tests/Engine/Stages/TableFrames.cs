using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>Frames of the simulated table, in memory.</summary>
internal static class TableFrames
{
    public static FrameLayout Layout { get; } = FrameLayout.Packed(PixelFormat.Rgb, 320, 240);

    /// <summary>Every <paramref name="step"/>th frame of one seed at one clutter.</summary>
    public static List<byte[]> Take(int seed, string clutter, int count, int step)
    {
        using var source = new TabletopSource(TabletopSettings.Parse(
            $"sim://tabletop?width=320&height=240&fps=0&seed={seed}&clutter={clutter}", out _)!);
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        var frames = new List<byte[]>();
        for (int i = 0; i < count * step; i++)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
            if (i % step == 0)
            {
                frames.Add(slot.Bytes.ToArray());
            }
        }

        return frames;
    }

    /// <summary>Easy and hard tables in turn.</summary>
    public static List<byte[]> Mixed(int count) =>
        [.. Take(41, "0", count / 2, 20).Zip(Take(42, "0.6", count / 2, 20)).SelectMany(pair => new[] { pair.First, pair.Second })];
}
