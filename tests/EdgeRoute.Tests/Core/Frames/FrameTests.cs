using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Core.Frames;

public sealed class FrameTests
{
    [Theory]
    [InlineData(PixelFormat.Nv12, 5, 3, 27)] // 15 luma + 2 rows of 3 UV pairs
    [InlineData(PixelFormat.I420, 5, 3, 27)]
    [InlineData(PixelFormat.Yuy2, 5, 3, 36)]
    [InlineData(PixelFormat.Rgb, 5, 3, 45)]
    [InlineData(PixelFormat.Gray8, 5, 3, 15)]
    public void Odd_sides_have_a_chroma_sample_for_the_last_column(PixelFormat format, int width, int height, int bytes) =>
        Assert.Equal(bytes, FrameLayout.Packed(format, width, height).SizeBytes);

    [Fact]
    public void A_side_beyond_the_limit_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameLayout.Packed(PixelFormat.Rgb, FrameLayout.SideLimit + 1, 1));

    [Fact]
    public void Overlap_is_one_for_the_same_box_and_zero_for_boxes_apart()
    {
        var box = new Detection(0.1f, 0.1f, 0.2f, 0.2f, 1, 0);
        Assert.Equal(1, box.OverlapWith(box), 5);
        Assert.Equal(0, box.OverlapWith(box with { Left = 0.5f }));
        Assert.Equal(1f / 3, box.OverlapWith(box with { Left = 0.2f }), 4);
        Assert.Equal(0, box.OverlapWith(box with { Width = float.NaN }));
    }

    [Fact]
    public void The_tally_balances_when_every_captured_frame_has_ended()
    {
        var tally = new EndTally { Captured = 6 };
        foreach (var end in Enum.GetValues<FrameEnd>().Where(e => e != FrameEnd.None))
        {
            tally = tally.With(end);
        }

        Assert.Equal(0, tally.InFlight);
        Assert.Throws<ArgumentOutOfRangeException>(() => tally.With(FrameEnd.None));
    }
}
