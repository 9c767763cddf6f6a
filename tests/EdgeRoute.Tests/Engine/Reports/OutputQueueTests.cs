using System.Text;
using EdgeRoute.Engine.Reports;

namespace EdgeRoute.Tests.Engine.Reports;

public sealed class OutputQueueTests
{
    [Fact]
    public void Who_writes_goes_on_while_nobody_reads_and_the_loss_is_told_when_somebody_does()
    {
        using var output = new Gate();
        using var queue = new OutputQueue(output, "standard error");
        for (int i = 0; i < OutputQueue.TextLimit + 50; i++)
        {
            queue.WriteLine($"line {i}");
        }

        Assert.InRange(queue.LostCount, 49, 50);
        output.Open();
        queue.Dispose();
        Assert.StartsWith("line 0\nline 1\n", output.Text, StringComparison.Ordinal);
        Assert.EndsWith($"warning: {queue.LostCount} texts for standard error were lost, because it was not read or could not be written\n",
            output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_takes_nothing_at_the_end_does_not_hold_up_the_end()
    {
        using var output = new Gate();
        var queue = new OutputQueue(output, "standard output");
        queue.WriteLine("never read");
        queue.Dispose();
        queue.WriteLine("too late");
        Assert.Equal(1, queue.LostCount);
        output.Open();
    }

    [Fact]
    public void An_output_that_refuses_is_counted_and_nothing_else()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var queue = new OutputQueue(full, "standard output");
        queue.WriteLine("no room");
        queue.Dispose();
        Assert.Equal(1, queue.LostCount);
    }

    [Fact]
    public void A_text_longer_than_all_that_may_wait_is_written_when_it_is_alone()
    {
        using var output = new Gate();
        output.Open();
        using var queue = new OutputQueue(output, "standard output");
        queue.Write(new string('x', OutputQueue.CharLimit + 1));
        queue.Dispose();
        Assert.Equal(OutputQueue.CharLimit + 1, output.Text.Length);
    }

    /// <summary>A pipe that is not read until it is opened.</summary>
    private sealed class Gate : MemoryStream
    {
        private readonly TaskCompletionSource _isOpen = new();

        public string Text => Encoding.UTF8.GetString(ToArray());

        public void Open() => _isOpen.SetResult();

        public override void Write(byte[] buffer, int offset, int count)
        {
            _isOpen.Task.Wait();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _isOpen.Task.Wait();
            base.Write(buffer);
        }
    }
}
