using System.Text;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Workbench.Exporting;

public sealed class MaskOutlineTests
{
    [Fact]
    public void A_rectangle_has_four_lines()
    {
        float[] lines = Outline(16, (row, column) => row is >= 4 and < 12 && column is >= 2 and < 8);
        Assert.Equal(
            [[2, 4, 2, 12], [2, 4, 8, 4], [2, 12, 8, 12], [8, 4, 8, 12]], lines.Chunk(4).OrderBy(l => (l[0], l[1], l[2])));
    }

    [Fact]
    public void A_mask_that_fills_the_picture_is_outlined_at_its_edge() =>
        Assert.Equal(64f, Outline(16, (_, _) => true).Chunk(4).Sum(l => Math.Abs(l[2] - l[0]) + Math.Abs(l[3] - l[1])));

    [Fact]
    public void A_hole_has_an_outline_of_its_own() =>
        Assert.Equal(8, Outline(32, (row, column) => row is < 8 or >= 16 || column is < 8 or >= 16).Length / 4);

    /// <summary>Each cell stands for a square of pixels, so that a wall of pixels does not become a wall of lines.</summary>
    [Fact]
    public void Large_masks_are_outlined_in_a_grid()
    {
        const int side = 1024;
        float[] lines = Outline(side, (row, column) => (row - 512) * (row - 512) + ((column - 512) * (column - 512)) < 400 * 400);
        Assert.InRange(lines.Length / 4, 100, 800);
        Assert.All(lines, place => Assert.InRange(place, 512 - 408, 512 + 408));
    }

    [Theory]
    [InlineData("", 4, 4)]
    [InlineData("hello", 4, 4)]
    [InlineData("44444", 4, 4)]
    [InlineData("oooooooooooooooooooooooo", 4, 4)]
    [InlineData("@", 0, 4)]
    [InlineData("@", 100_000, 4)]
    public void What_is_no_mask_has_no_outline(string counts, int width, int height) =>
        Assert.Equal(0, new MaskOutline().Of(counts, width, height).Length);

    private static float[] Outline(int side, Func<int, int, bool> isSet)
    {
        float[] map = [.. Enumerable.Range(0, side * side).Select(c => isSet(c / side, c % side) ? 1f : 0f)];
        return new MaskOutline().Of(Encoding.ASCII.GetString(new MaskRuns().Encode(map, side, 1)), side, side).ToArray();
    }
}
