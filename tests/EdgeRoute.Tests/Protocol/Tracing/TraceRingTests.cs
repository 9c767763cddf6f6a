using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Protocol.Tracing;

public sealed class TraceRingTests
{
    [Fact]
    public void A_full_ring_loses_the_oldest_and_counts_them()
    {
        var ring = new TraceRing(8);
        for (int i = 0; i < 21; i++)
        {
            ring.Push(Numbered(i));
        }

        Assert.Equal(Enumerable.Range(13, 8).Select(i => (long)i), TakeAll(ring));
        Assert.Equal((21, 13), (ring.PushedCount, ring.LostCount));
    }

    [Fact]
    public void Two_threads_lose_nothing_uncounted_and_tear_nothing()
    {
        // The pusher never waits, so the ring is lapped over and over while it is read.
        const int Count = 300_000;
        var ring = new TraceRing(16);
        var pusher = new Thread(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                ring.Push(Numbered(i));
            }
        });
        pusher.Start();
        long taken = 0, last = -1;
        var record = default(TraceRecord);
        bool isLast;
        do
        {
            isLast = !pusher.IsAlive;
            while (ring.TryTake(ref record))
            {
                long number = record.Stamp.Sequence;
                Assert.True(number > last, $"{number} after {last}");
                Assert.Equal((number, number, number), (record.HeadsNs, record.Decisions[0].SlackNs, record.Decisions[5].SlackNs));
                (last, taken) = (number, taken + 1);
            }
        }
        while (!isLast);

        Assert.Equal(Count, taken + ring.LostCount);
        Assert.Equal(Count - 1, last);
    }

    [Fact]
    public void Pushing_and_taking_allocate_nothing()
    {
        var ring = new TraceRing();
        var record = Numbered(1);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            ring.Push(record);
            Assert.True(ring.TryTake(ref record));
        }));
    }

    [Fact]
    public void A_capacity_that_is_no_power_of_two_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new TraceRing(12));

    private static TraceRecord Numbered(long number)
    {
        var record = new TraceRecord { Stamp = new FrameStamp(0, number, 0, 0), HeadsNs = number };
        record.Decisions[0].SlackNs = number;
        record.Decisions[5].SlackNs = number;
        return record;
    }

    private static List<long> TakeAll(TraceRing ring)
    {
        var numbers = new List<long>();
        var record = default(TraceRecord);
        while (ring.TryTake(ref record))
        {
            numbers.Add(record.Stamp.Sequence);
        }

        return numbers;
    }
}
