using System.Reflection;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>The part of the fuzz that every test run does; <c>./build.sh soak fuzz</c> runs the ten million.</summary>
public sealed class MessageFuzzTests
{
    private const int Seed = 20_261, MessageCount = 100_000;

    [Fact]
    public void A_hundred_thousand_damaged_messages_are_read_or_refused()
    {
        var report = new MessageFuzz(Seed, CodecTarget.Seeds, new CodecTarget().Take).Run(MessageCount);
        Assert.Equal(MessageCount, report.MessageCount);
        // Both ends must be met, or the mutations are too tame or too wild to find anything.
        Assert.InRange(report.AcceptedCount, MessageCount / 50, MessageCount * 9 / 10);
    }

    [Fact]
    public void Every_method_is_among_the_seeds()
    {
        var names = typeof(ControlMethod).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(names.Order(StringComparer.Ordinal), ControlCalls.All.Select(c => c.Method).Order(StringComparer.Ordinal));
        var notifications = typeof(ControlNotification).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(notifications.Order(StringComparer.Ordinal),
            ControlCalls.Notifications.Select(n => n.Method).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_message_of_a_seed_is_always_the_same()
    {
        var (one, again) = (new MessageFuzz(5, CodecTarget.Seeds, _ => true), new MessageFuzz(5, CodecTarget.Seeds, _ => true));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(one.Message(i), again.Message(i)));
        Assert.NotEqual(one.Message(1), new MessageFuzz(6, CodecTarget.Seeds, _ => true).Message(1));
    }

    [Fact]
    public void What_comes_out_beside_the_one_exception_is_a_failure_that_names_its_seed()
    {
        var fuzz = new MessageFuzz(7, CodecTarget.Seeds, _ => throw new IndexOutOfRangeException("outside"));
        Assert.Contains("message 0 of seed 7", Assert.Throws<InvalidOperationException>(() => fuzz.Run(1)).Message);
        Assert.Equal(10, new MessageFuzz(7, CodecTarget.Seeds, _ => throw new MessagePackException("no")).Run(10).MessageCount);
    }

    [Fact]
    public void A_message_that_makes_its_taker_allocate_out_of_proportion_is_a_failure()
    {
        byte[]? kept = null;
        var fuzz = new MessageFuzz(8, [[0xC0]], m => (kept = new byte[1 << 27]).Length > m.Length);
        Assert.Contains("are allowed", Assert.ThrowsAny<Exception>(() => fuzz.Run(1)).Message);
        Assert.NotNull(kept);
    }
}
