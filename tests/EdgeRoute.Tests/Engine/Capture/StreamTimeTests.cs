using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class StreamTimeTests
{
    private readonly StreamTime _time = new();

    public StreamTimeTests() => _time.Begin();

    [Fact]
    public void A_file_keeps_its_time_and_goes_on_one_frame_later_when_it_starts_again()
    {
        Assert.Equal([205, 245, 285], Of(25, 205, 245, 285));
        _time.BeginPass();
        Assert.True(_time.IsSameBegin(205_000_000));
        Assert.False(_time.IsSameBegin(3_000_000_000));
        Assert.Equal([325, 365, 405], Of(25, 205, 245, 285));
        _time.BeginPass();
        Assert.Equal([445], Of(25, 205));
    }

    [Fact]
    public void Where_first_frames_are_dropped_the_distances_stay()
    {
        Assert.Equal([0, 40, 80], Of(25, 0, 40, 80));
        _time.BeginPass();
        Assert.Equal([200, 240], Of(25, 80, 120));
    }

    [Fact]
    public void Frames_without_a_time_follow_the_rate_or_the_usual_one()
    {
        Assert.Equal([0, 100, 200], Of(10, -1, -1, -1));
        _time.BeginPass();
        Assert.Equal([300, 400], Of(10, -1, -1));
        _time.Begin();
        Assert.Equal([0, 40], Of(0, 0, -1));
    }

    [Fact]
    public void Where_the_rate_varies_the_last_distance_parts_the_passes()
    {
        Assert.Equal([0, 30, 90], Of(0, 0, 30, 90));
        Assert.False(_time.IsPassEmpty);
        _time.BeginPass();
        Assert.True(_time.IsPassEmpty);
        Assert.Equal([150], Of(0, 0));
    }

    private List<long> Of(int rate, params long[] streamMs) =>
        [.. streamMs.Select(ms => _time.Of(ms < 0 ? -1 : ms * 1_000_000, rate, 1) / 1_000_000)];
}
