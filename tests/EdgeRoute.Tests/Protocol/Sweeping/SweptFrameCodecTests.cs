using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Sweeping;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Protocol.Sweeping;

public sealed class SweptFrameCodecTests
{
    /// <summary>
    /// What a payload of nonsense may make the reader allocate beside the payload itself: the variants of the largest tree, without
    /// answers.
    /// </summary>
    private const long SlackBytes = 128 << 10;

    private static readonly TaskKind[] Tasks = [TaskKind.Classification, TaskKind.Detection, TaskKind.Embedding, TaskKind.Policy];

    [Property(MaxTest = 1000)]
    public void What_was_written_is_read_bit_by_bit(int seed)
    {
        var task = Tasks[(uint)seed % Tasks.Length];
        var written = SweptSamples.Frame(seed, task);
        byte[] bytes = SweptFrameCodec.Encode(written);
        Assert.True(SweptFrameCodec.TryDecode(bytes, task, out var read, out string problem), problem);
        Assert.Equal(written.Stamp, read.Stamp);
        Assert.Equal(written.Luma, read.Luma);
        Assert.Equal(float.PositiveInfinity, read.Signals.AgeMs);
        Assert.Equal(written.Variants.Select(v => v.Answer is null), read.Variants.Select(v => v.Answer is null));
        foreach (var (before, after) in written.Variants.Zip(read.Variants).Where(p => p.First.Answer is not null))
        {
            Assert.Equal((task, before.Answer!.NodeIndex, written.Stamp), (after.Answer!.Task, after.Answer.NodeIndex, after.Answer.Stamp));
            Assert.Equal(before.Answer.Detections, after.Answer.Detections);
            Assert.Equal(before.Answer.Values, after.Answer.Values);
        }

        Assert.Equal(bytes, SweptFrameCodec.Encode(read));
    }

    private static readonly DetailForm[] Forms = [new(DetailKind.Keypoints, 5), DetailForm.Corners, DetailForm.Mask];

    [Property(MaxTest = 200)]
    public void Details_are_read_bit_by_bit(int seed)
    {
        var form = Forms[(uint)seed % Forms.Length];
        var written = SweptSamples.Detailed(seed, form);
        byte[] bytes = SweptFrameCodec.Encode(written);
        Assert.True(SweptFrameCodec.TryDecode(bytes, TaskKind.Detection, out var read, out string problem), problem);
        foreach (var (before, after) in written.Variants.Zip(read.Variants).Where(p => p.First.Answer is not null))
        {
            var (a, b) = (before.Answer!.Details, after.Answer!.Details);
            Assert.Equal((form, a.FrameWidth, a.FrameHeight), (b.Form, b.FrameWidth, b.FrameHeight));
            for (int i = 0; i < before.Answer.DetectionCount; i++)
            {
                Assert.Equal(a.Points(i).ToArray(), b.Points(i).ToArray());
                Assert.Equal(a.Mask(i).ToArray(), b.Mask(i).ToArray());
            }
        }

        Assert.Equal(bytes, SweptFrameCodec.Encode(read));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_picture_that_boxes_are_followed_in_is_kept(bool hasDetails)
    {
        var written = (hasDetails ? SweptSamples.Detailed(3, Forms[0]) : SweptSamples.Frame(3, TaskKind.Detection)) with
        {
            Picture = [1, 2, 3, 250],
        };
        byte[] bytes = SweptFrameCodec.Encode(written);
        Assert.True(SweptFrameCodec.TryDecode(bytes, TaskKind.Detection, out var read, out string problem), problem);
        Assert.Equal(written.Picture, read.Picture);
        Assert.Equal(bytes, SweptFrameCodec.Encode(read));
        Assert.False(SweptFrameCodec.TryDecode(bytes.AsSpan(0, bytes.Length - 1), TaskKind.Detection, out _, out problem));
        Assert.Contains("ends inside a field", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Details_that_are_cut_are_refused()
    {
        var plain = SweptSamples.Frame(3, TaskKind.Detection);
        byte[] bytes = SweptFrameCodec.Encode(SweptSamples.Detailed(3, Forms[0])), without = SweptFrameCodec.Encode(plain);
        Assert.True(bytes.Length > without.Length);
        for (int length = without.Length + 1; length < bytes.Length; length++)
        {
            Assert.False(SweptFrameCodec.TryDecode(bytes.AsSpan(0, length), TaskKind.Detection, out _, out string problem));
            Assert.Contains("ends inside a field", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Signals_that_compare_with_other_answers_are_not_kept()
    {
        var exit = new ExitSignals(0.1f, 0.2f, 0.3f, 0.4f, 5, 0.6f, 0.7f, CarriedAgreement: 0.8f, Consistency: 0.9f);
        var frame = new SweptFrame(default, FrameSignals.Unknown, [], [new SweptVariant(1, exit, null)]);
        Assert.True(SweptFrameCodec.TryDecode(SweptFrameCodec.Encode(frame), TaskKind.Detection, out var read, out _));
        Assert.Equal(exit with { CarriedAgreement = 0, Consistency = 0 }, read.Variants[0].Exit);
    }

    [Fact]
    public void A_payload_that_is_cut_anywhere_is_refused()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            byte[] bytes = SweptFrameCodec.Encode(SweptSamples.Frame(seed, TaskKind.Detection));
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(SweptFrameCodec.TryDecode(bytes.AsSpan(0, length), TaskKind.Detection, out var frame, out string problem),
                    $"{length} of {bytes.Length} bytes");
                Assert.Null(frame);
                Assert.Contains("ends inside a field", problem, StringComparison.Ordinal);
            }
        }
    }

    [Property(MaxTest = 2000)]
    public void Random_bytes_neither_throw_nor_allocate_without_bound(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(2000)];
        random.NextBytes(bytes);
        Decode(bytes);
        // Small counts in front, so that what follows is reached.
        bytes.AsSpan(0, Math.Min(8, bytes.Length)).Clear();
        if (bytes.Length > 64)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(4), random.Next(512));
            BitConverter.TryWriteBytes(bytes.AsSpan(52), random.Next(8));
        }

        Decode(bytes);
    }

    [Property(MaxTest = 2000)]
    public void Damaged_bytes_neither_throw_nor_allocate_without_bound(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = SweptFrameCodec.Encode(SweptSamples.Frame(seed, TaskKind.Detection));
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int at = random.Next(bytes.Length - 4);
            BitConverter.TryWriteBytes(bytes.AsSpan(at), random.Next(3) switch { 0 => int.MaxValue, 1 => -1, _ => 1 << random.Next(31) });
        }

        Decode(bytes);
    }

    [Theory]
    [InlineData(4, 513)]
    [InlineData(4, -1)]
    [InlineData(52, (64 << 10) + 1)]
    [InlineData(52, -1)]
    public void A_count_beyond_its_maximum_is_refused_though_the_bytes_are_there(int at, int count)
    {
        var bytes = new byte[4 << 20];
        BitConverter.TryWriteBytes(bytes.AsSpan(at), count);
        Assert.False(SweptFrameCodec.TryDecode(bytes, TaskKind.Detection, out _, out string problem));
        Assert.Contains("beyond its maximum", problem, StringComparison.Ordinal);
    }

    private static void Decode(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = SweptFrameCodec.TryDecode(bytes, TaskKind.Detection, out var frame, out string problem);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(isRead, frame is not null);
        Assert.Equal(isRead, problem.Length == 0);
        Assert.True(allocated <= SlackBytes + (2L * bytes.Length), $"{allocated} bytes allocated for {bytes.Length}");
    }
}
