using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Tests.Engine.Frames;

public sealed class SlotExchangeTests
{
    [Fact]
    public void The_newest_frame_wins_and_the_older_is_counted()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        for (int i = 0; i < 5; i++)
        {
            Write(exchange, i);
        }

        Assert.True(exchange.TryTake(out var slot));
        Assert.Equal(4, slot.Stamp.Sequence);
        Assert.Equal(4, slot.Bytes[0]);
        Assert.Equal(new ExchangeCounts(5, 1, 4, 0), exchange.Counts);
        Assert.False(exchange.TryTake(out _));
        exchange.Release(slot);
        Assert.True(signal.Wait(0));
        Assert.False(signal.Wait(0));
    }

    [Fact]
    public void A_frame_that_is_held_is_never_written_over()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal, heldLimit: 2);
        Write(exchange, 1);
        Assert.True(exchange.TryTake(out var first));
        Write(exchange, 2);
        Assert.True(exchange.TryTake(out var second));
        for (int i = 3; i < 50; i++)
        {
            Write(exchange, i);
        }

        Assert.Equal((1, 2), (first.Bytes[0], second.Bytes[0]));
        Assert.Throws<BrokenInvariantException>(() => exchange.TryTake(out _));
        exchange.Release(first);
        Assert.Throws<BrokenInvariantException>(() => exchange.Release(first));
        Assert.True(exchange.TryTake(out var newest));
        Assert.Equal(49, newest.Bytes[0]);
    }

    [Fact]
    public void Where_every_frame_counts_the_writer_waits()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        for (int i = 0; i < SlotExchange.WaitingLimit; i++)
        {
            Write(exchange, i);
        }

        Assert.False(exchange.TryBegin(0, out _));
        Assert.True(exchange.TryTake(out var slot));
        Assert.Equal(0, slot.Stamp.Sequence);
        Write(exchange, SlotExchange.WaitingLimit);
        Assert.False(exchange.TryBegin(0, out _));
        exchange.Release(slot);
        Assert.True(exchange.TryTake(out slot));
        Assert.Equal(1, slot.Stamp.Sequence);
        Assert.Equal(0, exchange.Counts.Dropped);
    }

    [Fact]
    public void Closing_drops_what_waits_and_counts_what_comes_later()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        Write(exchange, 0);
        Write(exchange, 1);
        Assert.True(exchange.TryTake(out var held));
        Assert.True(exchange.TryBegin(0, out var late));
        exchange.Close();
        Fill(late, 9);
        exchange.Publish(new FrameStamp(0, 2, 0, 0));
        Assert.Equal(new ExchangeCounts(3, 1, 2, 0), exchange.Counts);
        Assert.True(exchange.IsClosed);
        Assert.True(exchange.IsDrained);
        Assert.False(exchange.TryBegin(0, out _));
        Assert.False(exchange.TryTake(out _));
        exchange.Release(held);
    }

    [Fact]
    public void A_finished_writer_leaves_its_frames_to_the_reader()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        Write(exchange, 0);
        Assert.True(exchange.TryBegin(0, out _));
        exchange.FinishWriting();
        Assert.False(exchange.IsDrained);
        Assert.True(exchange.TryTake(out var slot));
        exchange.Release(slot);
        Assert.True(exchange.IsDrained);
    }

    [Fact]
    public void A_writer_that_was_replaced_changes_nothing_any_more()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        Assert.True(exchange.TryBegin(0, out var lost));
        int next = exchange.ReplaceWriter();
        Assert.True(exchange.TryBegin(0, out var slot, next));
        Assert.NotSame(lost, slot);
        Fill(lost, 1);
        Assert.False(exchange.Publish(new FrameStamp(0, 7, 0, 0)));
        Assert.False(exchange.TryBegin(0, out _));
        exchange.FinishWriting();
        Fill(slot, 2);
        Assert.True(exchange.Publish(new FrameStamp(0, 8, 0, 0), next));
        Assert.False(exchange.IsDrained);
        Assert.True(exchange.TryTake(out var taken));
        Assert.Equal((8L, (byte)2), (taken.Stamp.Sequence, taken.Bytes[0]));
        Assert.Equal(new ExchangeCounts(1, 1, 0, 0), exchange.Counts);
        lost.Dispose();
    }

    [Theory]
    [InlineData(DeliveryMode.NewestWins)]
    [InlineData(DeliveryMode.EveryFrame)]
    public void Captured_is_taken_plus_dropped_plus_waiting_at_every_moment_under_load(DeliveryMode delivery)
    {
        const int FrameCount = 50_000;
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(delivery, signal);
        var writer = new Thread(() => WriteMany(exchange, FrameCount));
        writer.Start();
        long last = -1, taken = 0, broken = 0, torn = 0;
        while (!exchange.IsDrained)
        {
            signal.Wait(1_000);
            while (exchange.TryTake(out var slot))
            {
                broken += slot.Stamp.Sequence > last ? 0 : 1;
                last = slot.Stamp.Sequence;
                torn += slot.Bytes.IndexOfAnyExcept((byte)last) < 0 ? 0 : 1;
                taken++;
                var counts = exchange.Counts;
                broken += counts.Captured == counts.Taken + counts.Dropped + counts.Waiting ? 0 : 1;
                Thread.SpinWait((int)(last % 64) * 8);
                exchange.Release(slot);
            }
        }

        writer.Join();
        Assert.Equal((0, 0), (broken, torn));
        var end = exchange.Counts;
        Assert.Equal((FrameCount, taken), (end.Captured, end.Taken));
        Assert.Equal(FrameCount, end.Taken + end.Dropped);
        Assert.Equal(FrameCount - 1, last);
        Assert.True(delivery == DeliveryMode.NewestWins || end.Dropped == 0, $"{end.Dropped} frames dropped");
    }

    [Fact]
    public void Closing_wakes_a_writer_that_waits_for_a_slot()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        for (int i = 0; i < SlotExchange.WaitingLimit; i++)
        {
            Write(exchange, i);
        }

        bool isBegun = true;
        var writer = new Thread(() => isBegun = exchange.TryBegin(Timeout.Infinite, out _));
        writer.Start();
        exchange.Close();
        Assert.True(writer.Join(30_000));
        Assert.False(isBegun);
    }

    private static void WriteMany(SlotExchange exchange, int count)
    {
        for (int i = 0; i < count; i++)
        {
            FrameSlot? slot;
            while (!exchange.TryBegin(1_000, out slot))
            {
            }

            Fill(slot, i);
            exchange.Publish(new FrameStamp(0, i, 0, 0));
        }

        exchange.FinishWriting();
    }

    private static void Write(SlotExchange exchange, int sequence)
    {
        Assert.True(exchange.TryBegin(0, out var slot));
        Fill(slot, sequence);
        exchange.Publish(new FrameStamp(0, sequence, 0, 0));
    }

    private static void Fill(FrameSlot slot, int value) => slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 16, 4)).Fill((byte)value);
}
