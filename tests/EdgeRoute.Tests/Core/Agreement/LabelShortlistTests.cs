using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class LabelShortlistTests
{
    private const long HourNs = 3_600_000_000_000;

    [Fact]
    public void The_most_doubtful_frames_of_a_period_are_kept()
    {
        var random = new Random(1);
        var shortlist = new LabelShortlist(10, HourNs);
        var doubts = new List<double>();
        for (int i = 0; i < 1000; i++)
        {
            double predicted = random.NextDouble(), observed = random.NextDouble();
            doubts.Add(LabelShortlist.DoubtOf(predicted, observed));
            shortlist.Offer(Stamp(i, i * 1_000_000_000L), predicted, observed);
        }

        Assert.Equal(doubts.OrderDescending().Take(10), shortlist.Kept.ToArray().Select(f => f.Doubt).OrderDescending());
        Assert.Equal((1000L, 990L, 10), (shortlist.OfferedCount, shortlist.PassedOverCount, shortlist.Count));
    }

    [Fact]
    public void What_the_caller_holds_is_what_the_list_keeps()
    {
        var random = new Random(2);
        var shortlist = new LabelShortlist(5, HourNs);
        var held = new HashSet<long>();
        for (int i = 0; i < 500; i++)
        {
            var outcome = shortlist.Offer(Stamp(i, i), random.NextDouble(), random.NextDouble());
            Assert.True(!outcome.IsKept || held.Add(i));
            Assert.True(!outcome.HasReplaced || held.Remove(outcome.Replaced.Stamp.Sequence));
        }

        Assert.Equal(held.Order(), shortlist.Kept.ToArray().Select(f => f.Stamp.Sequence).Order());
    }

    [Fact]
    public void Each_period_has_its_budget_and_older_frames_stay()
    {
        var shortlist = new LabelShortlist(2, HourNs);
        int kept = Enumerable.Range(0, 40).Count(i =>
        {
            var outcome = shortlist.Offer(Stamp(i, i * HourNs / 10), 0.5, 0);
            Assert.False(outcome.HasReplaced);
            return outcome.IsKept;
        });
        Assert.Equal(2 * 4, kept);
    }

    [Fact]
    public void A_file_that_starts_again_begins_no_new_period()
    {
        var shortlist = new LabelShortlist(3, HourNs);
        int kept = Enumerable.Range(0, 1000).Count(i => shortlist.Offer(Stamp(i, i % 10 * 1_000_000_000L), 0.5, 0).IsKept);
        Assert.Equal(3, kept);
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(0.5, 0.5, 0.5)]
    [InlineData(1, 0, 0.5)]
    [InlineData(0.5, 0, 0.75)]
    [InlineData(7, -3, 0.5)]
    public void Doubt_is_surprise_and_indecision(double predicted, double observed, double expected) =>
        Assert.Equal(expected, LabelShortlist.DoubtOf(predicted, observed), 1e-12);

    [Fact]
    public void Gains_that_are_no_numbers_are_refused_and_counted()
    {
        var shortlist = new LabelShortlist(3, HourNs);
        Assert.False(shortlist.Offer(Stamp(0, 0), double.NaN, 0).IsKept);
        Assert.False(shortlist.Offer(Stamp(1, 1), 0, double.NaN).IsKept);
        Assert.Equal((2L, 0), (shortlist.RefusedCount, shortlist.Count));
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelShortlist(0, HourNs));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelShortlist(LabelShortlist.FrameLimit + 1, HourNs));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelShortlist(1, 0));
    }

    [Fact]
    public void Offering_allocates_nothing()
    {
        var shortlist = new LabelShortlist(50, HourNs);
        int i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            shortlist.Offer(Stamp(i, i * HourNs / 100), i % 7 / 7.0, i % 5 / 5.0);
            i++;
        }));
    }

    private static FrameStamp Stamp(long sequence, long sourceNs) => new(0, sequence, sourceNs, sourceNs);
}
