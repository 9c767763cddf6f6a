using EdgeRoute.Protocol.Framing;

namespace EdgeRoute.TestBench.Messages;

/// <summary>
/// Throws damaged messages at whatever takes bytes: the codec, or a live session. Anything but a <see cref="MessagePackException"/> that
/// comes out is a failure, and so is a message that makes its taker allocate out of proportion. Message i of a seed is always the same.
/// </summary>
/// <param name="target">Takes one message; true if it was accepted. May refuse by false or with a
/// <see cref="MessagePackException"/>.</param>
/// <param name="seeds">Valid messages to be damaged.</param>
internal sealed class MessageFuzz(int seed, IEnumerable<byte[]> seeds, Func<byte[], bool> target)
{
    private readonly MessageMutator _mutator = new(seeds);

    /// <summary>
    /// What the calling thread may allocate for a message of no bytes: visitors, an exception with its text and its stack, and that again
    /// for what refused inside.
    /// </summary>
    public long ConstantBytes { get; init; } = 64 << 10;

    /// <summary>
    /// What it may allocate for each byte of the message: the emptiest map is one byte, and becomes the largest message with all its lists.
    /// </summary>
    public long FactorBytes { get; init; } = 3 << 10;

    /// <summary>Off where the target works on threads of its own.</summary>
    public bool MeasuresBytes { get; init; } = true;

    public MessageFuzzReport Run(long count, Action<MessageFuzzReport>? progress = null)
    {
        var report = new MessageFuzzReport(0, 0, 0, 0, 0);
        for (long i = 0; i < count; i++)
        {
            report = One(i, report);
            if ((i + 1) % 100_000 == 0)
            {
                progress?.Invoke(report);
            }
        }

        return report;
    }

    /// <summary>A message of this seed, to look at.</summary>
    public byte[] Message(long index) => _mutator.Make(unchecked(seed ^ (int)(((ulong)index * 0x9E37_79B9_7F4A_7C15) >> 32)));

    private MessageFuzzReport One(long index, MessageFuzzReport report)
    {
        byte[] message = Message(index);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isAccepted = Take(index, message);
        long bytes = MeasuresBytes ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
        // What is compiled or cached at first use is allocated once; only what comes again is the message's own.
        if (bytes > Allowed(message))
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Take(index, message);
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (bytes > Allowed(message))
            {
                throw new InvalidOperationException($"{Words(index, message)} allocated {bytes} bytes; {Allowed(message)} are allowed");
            }
        }

        return new MessageFuzzReport(report.MessageCount + 1, report.AcceptedCount + (isAccepted ? 1 : 0),
            report.MessageBytes + message.Length,
            Math.Max(report.MostBytes, bytes), Math.Max(report.MostFactor, message.Length == 0 ? 0 : bytes / message.Length));
    }

    private bool Take(long index, byte[] message)
    {
        try
        {
            return target(message);
        }
        catch (MessagePackException)
        {
            return false;
        }
        catch (Exception other)
        {
            throw new InvalidOperationException($"{Words(index, message)} brought out {other.GetType().Name}: {other.Message}", other);
        }
    }

    private long Allowed(byte[] message) => ConstantBytes + (FactorBytes * message.Length);

    private string Words(long index, byte[] message) =>
        $"message {index} of seed {seed} ({message.Length} bytes, {Convert.ToHexString(message)})";
}

/// <summary>What a run of <see cref="MessageFuzz"/> saw.</summary>
/// <param name="MostBytes">Allocated for one message.</param>
/// <param name="MostFactor">Bytes allocated for each byte of one message, exceptions and all.</param>
internal sealed record MessageFuzzReport(long MessageCount, long AcceptedCount, long MessageBytes, long MostBytes, long MostFactor)
{
    public override string ToString() => $"{MessageCount:N0} messages, {MessageBytes / Math.Max(MessageCount, 1)} bytes on average, "
        + $"{AcceptedCount:N0} accepted, "
        + $"{MessageCount - AcceptedCount:N0} refused; at most {MostBytes:N0} bytes allocated for one, {MostFactor:N0} for a byte of one";
}
