using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Tests.Engine.Frames;

public sealed class TaskMailboxTests : IDisposable
{
    private const long Ms = 1_000_000;

    private readonly TaskMailbox _mailbox = new(200);
    private readonly FrameSlot _slot = new();

    public void Dispose() => _slot.Dispose();

    private FrameSlot At(long nowMs)
    {
        _slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 4, 4));
        _mailbox.Tell(_slot, nowMs * Ms);
        return _slot;
    }

    [Fact]
    public void A_frame_gets_the_freshest_state_until_it_is_too_old()
    {
        Assert.StartsWith("the robot state was never told", At(0).StateFault, StringComparison.Ordinal);
        Assert.True(_slot.State.IsEmpty);
        Assert.True(_mailbox.Put([1, 2], 1000 * Ms, 1000 * Ms));
        Assert.True(_mailbox.Put([3, 4], 1010 * Ms, 1010 * Ms));
        Assert.Equal([3, 4], At(1020).State.ToArray());
        Assert.Null(_slot.StateFault);
        Assert.Equal([3, 4], At(1210).State.ToArray());
        Assert.Equal("the robot state is 812 ms old, max_age_ms is 200: whoever puts it over the channel has stopped, or is too slow",
            At(1822).StateFault);
        Assert.True(_slot.State.IsEmpty);
        Assert.Equal(812, _mailbox.AgeMs(1822 * Ms));
    }

    [Fact]
    public void A_state_measured_earlier_does_not_replace_a_later_one_unless_that_is_too_old()
    {
        _mailbox.Put([1], 1000 * Ms, 1000 * Ms);
        Assert.False(_mailbox.Put([2], 990 * Ms, 1010 * Ms));
        Assert.Equal([1], At(1010).State.ToArray());
        // A clock that went back must not lock out what comes after it.
        Assert.True(_mailbox.Put([3], 900 * Ms, 1201 * Ms));
        Assert.Equal((3, 1), (_mailbox.PutCount, _mailbox.OlderCount));
    }

    [Fact]
    public void The_same_words_stay_the_same_string()
    {
        Assert.Null(At(0).Instruction);
        _mailbox.Instruct(new string("put it down"), 0);
        string first = At(1).Instruction!;
        _mailbox.Instruct(new string("put it down"), 0);
        Assert.Same(first, At(2).Instruction);
        _mailbox.Instruct("", 0);
        Assert.Null(At(3).Instruction);
    }

    [Fact]
    public void A_task_that_is_too_old_fails_the_frame_until_it_is_put_again_or_taken_away()
    {
        var mailbox = new TaskMailbox(200) { InstructionMaxAgeMs = 5000 };
        string? Fault(long ms)
        {
            mailbox.Tell(_slot, ms * Ms);
            return _slot.InstructionFault;
        }

        Assert.Null(Fault(9000));
        mailbox.Instruct("put it down", 1000 * Ms);
        Assert.Null(Fault(6000));
        Assert.Equal("the instruction 'put it down' is 5.1 s old, instruction_max_age_ms is 5000: put it again over the channel, or an "
            + "empty one to take it away", Fault(6100));
        mailbox.Instruct("put it down", 6200 * Ms, isRetained: true);
        Assert.NotNull(Fault(6200));
        mailbox.Instruct("put it down", 6300 * Ms);
        Assert.Null(Fault(6300));
        mailbox.Instruct("put it up", 20_000 * Ms, isRetained: true);
        Assert.Null(Fault(20_000));
        Assert.NotNull(Fault(30_000));
        mailbox.Instruct("", 30_000 * Ms);
        Assert.Null(Fault(30_000));
    }

    [Fact]
    public void Telling_a_frame_allocates_nothing()
    {
        _mailbox.Put([1, 2, 3], 0, 0);
        _mailbox.Instruct("put it down", 0);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => At(10)));
    }
}
