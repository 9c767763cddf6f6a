namespace EdgeRoute.Tests;

public sealed class AllocationWindowsTests
{
    private object? _kept;

    [Fact]
    public void What_happens_once_does_not_count_even_late()
    {
        int frame = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => _kept = frame++ is 150 or 1599 ? new byte[1000] : _kept));
        Assert.NotNull(_kept);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void One_object_in_a_hundred_frames_counts(int period)
    {
        int frame = 0;
        long bytes = AllocationWindows.LeastBytesOf(() => _kept = ++frame % period == 0 ? new object() : _kept);
        Assert.InRange(bytes, 24 * 100 / period, long.MaxValue);
    }

    [Fact]
    public void A_collection_that_grows_with_the_frames_counts()
    {
        var grown = new List<long>();
        Assert.NotEqual(0, AllocationWindows.LeastBytesOf(() => grown.Add(1)));
    }

    [Fact]
    public void Nothing_is_measured_before_the_last_frame()
    {
        var windows = new AllocationWindows();
        for (int i = 0; i < windows.TotalFrameCount - 1; i++)
        {
            windows.EndFrame();
        }

        Assert.Throws<Xunit.Sdk.TrueException>(() => windows.LeastBytes);
        windows.EndFrame();
        Assert.Equal(0, windows.LeastBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AllocationWindows(99));
    }
}
