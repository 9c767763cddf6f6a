using System.Buffers.Binary;
using System.Xml.Linq;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Plotting;

namespace EdgeRoute.Tests.Workbench.Frontiers;

public sealed class FrontierPlotTests
{
    private static readonly FrontierPoint[] Points =
    [
        Point("fixed", "light", 0.66, 5), Point("fixed", "heavy", 1, 16), Point("fixed", "light>heavy", 1, 21),
        Point("cascade", "light, Margin >= 0.4", 0.95, 8), Point("random", "reuse 0.5", 0.93, 9), Point("oracle", "price 0.01", 0.99,
            2), Point("value", "price 0.01", 0.97, 6),
        Point("value", "price 0.001", 0.995, 9) with { Regret = 0.43 }, Point("every_nth", "heavy on every 2. frame", 0.96, 8),
        Point("time_oracle", "price 0.01", 0.99, 1.5) with { Regret = 0 },
    ];

    [Fact]
    public void A_frontier_is_written_as_SVG_and_PNG()
    {
        using var folder = new TemporaryFolder();
        new FrontierPlot("shapes", "monday.mp4", 300, "'heavy'").Write(folder.File("pictures", "f"), Points);

        string[] texts = [.. XDocument.Load(folder.File("pictures", "f.svg")).Descendants().Where(e => e.Name.LocalName == "text")
            .Select(e => e.Value.Trim())];
        Assert.Contains("shapes on monday.mp4: quality against device time, 300 frames", texts);
        Assert.Contains("mean device time per frame (ms)", texts);
        Assert.Contains("heavy", texts);
        Assert.Contains("light: 0.660, below", texts);
        Assert.Contains("value rule, one point per price; regret 43% at 1 point less", texts);
        foreach (string legend in new[] { "fixed path", "random choices", "heaviest path on every", "threshold cascades", "oracle (",
            "oracle over time (knows later frames too)" })
        {
            Assert.Contains(texts, t => t.StartsWith(legend, StringComparison.Ordinal));
        }

        byte[] png = File.ReadAllBytes(folder.File("pictures", "f.png"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.Equal(PlotSheet.Width * PlotSheet.PixelsPerUnit, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.Equal(PlotSheet.Height * PlotSheet.PixelsPerUnit, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
    }

    [Fact]
    public void Points_without_a_fixed_path_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => new FrontierPlot("shapes", "monday.mp4", 300, "'heavy'").Write(folder.File("f"),
            [.. Points.Where(p => p.Family != "fixed")]));
    }

    private static FrontierPoint Point(string family, string name, double quality, double ms) => new(family, name, quality, ms, ms / 16,
        null, null);
}
