using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Engine.Loop;

namespace EdgeRoute.Tests.Engine.Frames;

/// <summary>JPEG frames that are unpacked before the loop takes them.</summary>
public sealed class AheadUnpackerTests
{
    private static readonly PictureSize Wanted = new(16, 12);

    [Theory]
    [InlineData(DeliveryMode.EveryFrame, true)]
    [InlineData(DeliveryMode.NewestWins, false)]
    public void A_frame_that_may_be_replaced_before_it_is_taken_stays_packed(DeliveryMode delivery, bool isSecondUnpacked)
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(delivery, signal) { UnpackedSize = _ => Wanted };
        using var ahead = new AheadUnpacker(exchange);
        byte[] jpeg = PictureMaker.Jpeg(64, 48);
        Assert.NotNull(Publish(exchange, ahead, jpeg));
        Assert.Equal(isSecondUnpacked, Publish(exchange, ahead, jpeg) is not null);
        Assert.True(exchange.TryTake(out _));
    }

    [Fact]
    public void Nothing_is_unpacked_for_a_reader_that_wants_it_packed_or_in_another_size()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        using var ahead = new AheadUnpacker(exchange);
        Assert.Null(Publish(exchange, ahead, PictureMaker.Jpeg(64, 48)));
        exchange.UnpackedSize = _ => new PictureSize(64, 48);
        Assert.Null(Publish(exchange, ahead, PictureMaker.Jpeg(64, 48)));
    }

    /// <summary>Tensor, signals and words are those that the loop comes to by itself.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_loop_sees_the_same_whoever_unpacked(int damage)
    {
        byte[] sound = PictureMaker.Jpeg(64, 48), jpeg = damage == 0 ? sound : PictureMaker.WithStrayBytes(sound);
        var tree = SampleGraphs.Cascade();
        using var stages = new ScriptedStageSet(tree, LoopRig.LightAndHeavy(ScriptedStage.Steady(0.9f, 1), ScriptedStage.Steady(0.9f, 1)));
        using var alone = new FramePixels(stages, tree.Variants, null);
        using var helped = new FramePixels(stages, tree.Variants, null);
        using var packed = Packed(jpeg);
        using var unpacked = Packed(jpeg);
        using var unpacker = new JpegUnpacker();
        Assert.True(unpacked.TryUnpack(unpacker, helped.UnpackedSize(unpacked.Layout)), unpacker.ErrorText);
        var none = new Answer(TaskKind.Classification, 0, 2);
        Assert.Equal(alone.Measure(packed, none), helped.Measure(unpacked, none));
        Assert.Equal((damage == 1, damage == 1), (alone.IsDamaged, helped.IsDamaged));
        Assert.True(damage == 0 || alone.DamageText == helped.DamageText);
        Assert.Equal(TensorOf(alone), TensorOf(helped));
    }

    [Fact]
    public void What_cannot_be_unpacked_is_a_fault_of_the_frame_and_told_by_the_loop()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal) { UnpackedSize = _ => Wanted };
        using var ahead = new AheadUnpacker(exchange);
        byte[] jpeg = PictureMaker.Jpeg(64, 48);
        Assert.Null(Publish(exchange, ahead, jpeg[..(jpeg.Length / 2)]));
        exchange.UnpackedSize = _ => throw new InvalidOperationException("a reader on its way out");
        Assert.Null(Publish(exchange, ahead, jpeg));
        Assert.Equal(2, exchange.Counts.Waiting);
    }

    [Fact]
    public void Unpacking_ahead_allocates_nothing()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal) { UnpackedSize = _ => Wanted };
        using var ahead = new AheadUnpacker(exchange);
        byte[] jpeg = PictureMaker.Jpeg(64, 48);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            Assert.NotNull(Publish(exchange, ahead, jpeg));
            Assert.True(exchange.TryTake(out var slot));
            exchange.Release(slot);
        }));
    }

    [Fact]
    public void A_capture_thread_unpacks_what_it_publishes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("1.jpg"), PictureMaker.Jpeg(64, 48));
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal) { UnpackedSize = _ => Wanted };
        var factory = new SourceFactory(TimeProvider.System);
        Assert.True(factory.TryMake(folder.Path, SourceOptions.Usual, out var source, out string problem), problem);
        using var thread = new CaptureThread(0, source, exchange, TimeProvider.System, _ => { });
        thread.Start();
        FrameSlot? slot;
        while (!exchange.TryTake(out slot))
        {
            Assert.True(signal.Wait(CaptureRun.PatienceMs), "the source has no frame");
        }

        Assert.Equal((PixelFormat.Jpeg, 64), (slot.Layout.Format, slot.Layout.Width));
        Assert.Equal((16, 12), (slot.Unpacked(Wanted)?.Layout.Width, slot.Unpacked(Wanted)?.Layout.Height));
    }

    private static FrameSlot? Publish(SlotExchange exchange, AheadUnpacker ahead, ReadOnlySpan<byte> jpeg)
    {
        Assert.True(exchange.TryBegin(0, out var slot));
        jpeg.CopyTo(slot.Prepare(FrameLayout.Compressed(64, 48, jpeg.Length)));
        Assert.Null(slot.Unpacked(Wanted));
        ahead.Unpack(slot);
        Assert.True(exchange.Publish(default));
        return slot.Unpacked(Wanted);
    }

    private static FrameSlot Packed(byte[] jpeg)
    {
        var slot = new FrameSlot();
        jpeg.CopyTo(slot.Prepare(FrameLayout.Compressed(64, 48, jpeg.Length)));
        return slot;
    }

    private static byte[] TensorOf(FramePixels pixels)
    {
        byte[] tensor = new byte[8 * 8 * sizeof(float)];
        pixels.Fill(0, tensor);
        return tensor;
    }
}
