using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;

namespace EdgeRoute.Tests.Engine.Preprocess;

public sealed class PreprocessorTests
{
    private const byte Guard = 0xA5;
    private const int GuardBytes = 64;

    public static TheoryData<string, PixelFormat> KernelsAndFormats()
    {
        var data = new TheoryData<string, PixelFormat>();
        foreach (var kernel in PreprocessKernels.All)
        {
            foreach (var format in FrameMaker.Formats)
            {
                data.Add(kernel.Name, format);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(KernelsAndFormats))]
    public void Any_input_of_any_frame_equals_the_definition_within_one_grey_level(string kernel, PixelFormat format)
    {
        var random = new Random(1000 + (int)format);
        for (int i = 0; i < 40; i++)
        {
            var spec = RandomSpec(random);
            var region = RandomRegion(random);
            double scale = random.Next(2) == 0 ? 1 : 0.25 + (random.NextDouble() * 0.75);
            var layout = FrameMaker.Layout(format, RandomSide(random), RandomSide(random), (ColorSpace)random.Next(4), random);
            Check(new Preprocessor(spec, scale, region, PreprocessKernels.ByName(kernel)), spec, region, layout,
                FrameMaker.Noise(layout, random));
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndFormats))]
    public void The_smallest_frames_work(string kernel, PixelFormat format)
    {
        var random = new Random(7);
        for (int width = 1; width <= 5; width++)
        {
            for (int height = 1; height <= 5; height++)
            {
                var spec = Spec(9, 7, FitKind.Stretch);
                var layout = FrameMaker.Layout(format, width, height, ColorSpace.Bt601Limited, random);
                Check(new Preprocessor(spec, 1, FrameRegion.Full, PreprocessKernels.ByName(kernel)), spec, FrameRegion.Full, layout,
                    FrameMaker.Noise(layout, random));
            }
        }
    }

    [Theory]
    [InlineData(PixelFormat.Nv12, FitKind.Stretch, 352)]
    [InlineData(PixelFormat.I420, FitKind.Letterbox, 416)]
    [InlineData(PixelFormat.Rgb, FitKind.CenterCrop, 224)]
    public void The_sizes_of_the_real_models_work(PixelFormat format, FitKind fit, int side)
    {
        var layout = FrameLayout.Packed(format, 768, 432);
        byte[] frame = FrameMaker.Noise(layout, new Random(11));
        var spec = Spec(side, side, fit);
        double[] exact = ExactPreprocess.Run(spec, side, side, FrameRegion.Full, frame, layout);
        foreach (var kernel in PreprocessKernels.All)
        {
            Check(new Preprocessor(spec, 1, FrameRegion.Full, kernel), spec, FrameRegion.Full, layout, frame, exact);
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndFormats))]
    public void A_prepared_run_allocates_nothing(string kernel, PixelFormat format)
    {
        foreach (var element in Enum.GetValues<TensorElement>())
        {
            var spec = Spec(29, 13, FitKind.Letterbox) with { Element = element,
                Layout = element == TensorElement.Float32 ? TensorLayout.Nchw : TensorLayout.Nhwc };
            var preprocessor = new Preprocessor(spec, 1, FrameRegion.Full, PreprocessKernels.ByName(kernel));
            var layout = FrameLayout.Packed(format, 71, 45);
            byte[] frame = FrameMaker.Noise(layout, new Random(3)), tensor = new byte[preprocessor.TensorBytes];
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => preprocessor.Run(frame, layout, tensor)));
        }
    }

    [Fact]
    public void A_new_layout_is_prepared_on_the_fly_and_an_old_one_not_again()
    {
        var preprocessor = new Preprocessor(Spec(16, 16, FitKind.Stretch), 1, FrameRegion.Full);
        byte[] tensor = new byte[preprocessor.TensorBytes];
        foreach (var layout in (FrameLayout[])[FrameLayout.Packed(PixelFormat.Rgb, 40, 30), FrameLayout.Packed(PixelFormat.Nv12, 20, 50)])
        {
            preprocessor.Run(FrameMaker.Noise(layout, new Random(1)), layout, tensor);
            Assert.Equal((layout.Width, layout.Height), (preprocessor.Mapping.FrameWidth, preprocessor.Mapping.FrameHeight));
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => preprocessor.Prepare(layout)));
        }
    }

    [Theory]
    [InlineData(FitKind.Letterbox, PadPlacement.TopLeft, 416, 416, 0, 768f / 416, 0f, 768f / 416, 0f)]
    [InlineData(FitKind.Letterbox, PadPlacement.Center, 416, 416, 0, 768f / 416, 0f, 768f / 416, -91 * 768f / 416)]
    [InlineData(FitKind.Stretch, PadPlacement.TopLeft, 352, 352, 0, 768f / 352, 0f, 432f / 352, 0f)]
    [InlineData(FitKind.CenterCrop, PadPlacement.TopLeft, 224, 224, 248, 432f / 248, (768 - (224 * 432f / 248)) / 2, 432f / 248,
        (432 - (224 * 432f / 248)) / 2)]
    public void The_mapping_leads_back_to_frame_pixels(
        FitKind fit, PadPlacement placement, int width, int height, int shorter, float scaleX, float offsetX, float scaleY, float offsetY)
    {
        var preprocessor = new Preprocessor(Spec(width, height, fit) with { ResizeShorter = shorter, Placement = placement }, 1,
            FrameRegion.Full);
        preprocessor.Prepare(FrameLayout.Packed(PixelFormat.Nv12, 768, 432));
        var mapping = preprocessor.Mapping;
        Assert.Equal(scaleX, mapping.ScaleX, 4);
        Assert.Equal(offsetX, mapping.OffsetX, 3);
        Assert.Equal(scaleY, mapping.ScaleY, 4);
        Assert.Equal(offsetY, mapping.OffsetY, 3);
    }

    [Fact]
    public void The_mapping_of_a_region_is_in_whole_frame_pixels()
    {
        var preprocessor = new Preprocessor(Spec(100, 100, FitKind.Stretch), 1, new FrameRegion(0.5, 0.25, 0.5, 0.5));
        preprocessor.Prepare(FrameLayout.Packed(PixelFormat.Rgb, 400, 200));
        var mapping = preprocessor.Mapping;
        Assert.Equal((2f, 200f, 1f, 50f), (mapping.ScaleX, mapping.OffsetX, mapping.ScaleY, mapping.OffsetY));
        Assert.Equal((400, 200, 100, 100), (mapping.FrameWidth, mapping.FrameHeight, mapping.TensorWidth, mapping.TensorHeight));
    }

    [Theory]
    [InlineData(416, 32, 1.0, 416)]
    [InlineData(416, 32, 0.5, 224)]
    [InlineData(416, 32, 0.01, 32)]
    [InlineData(224, 16, 0.75, 176)]
    public void Scaled_sides_are_multiples(int side, int multiple, double scale, int expected) =>
        Assert.Equal(expected, Preprocessor.ScaledSide(side, multiple, scale));

    [Theory]
    [InlineData(FitKind.Stretch, 0.5, 640, 360, 200, 100)]
    [InlineData(FitKind.Stretch, 1.0, 640, 360, 100, 100)]
    [InlineData(FitKind.Letterbox, 1.0, 640, 320, 100, 50)]
    [InlineData(FitKind.CenterCrop, 1.0, 496, 248, 248, 124)]
    [InlineData(FitKind.Stretch, 1.0, 80, 60, 80, 60)]
    public void The_size_wanted_of_a_frame_is_the_least_that_covers_the_tensor(
        FitKind fit, double regionWidth, int width, int height, int wantedWidth, int wantedHeight)
    {
        var preprocessor = new Preprocessor(Spec(100, 100, fit), 1, new FrameRegion(0, 0, regionWidth, 1));
        Assert.Equal((wantedWidth, wantedHeight), preprocessor.FrameSizeWanted(width, height));
    }

    [Theory]
    [MemberData(nameof(KernelsAndFormats))]
    public void A_region_that_moves_yields_the_bits_of_one_that_stands_still(string kernel, PixelFormat format)
    {
        var random = new Random(300 + (int)format);
        for (int i = 0; i < 12; i++)
        {
            var (spec, layout) = (RandomSpec(random), FrameMaker.Layout(format, RandomSide(random), RandomSide(random),
                (ColorSpace)random.Next(4), random));
            byte[] frame = FrameMaker.Noise(layout, random);
            var moving = new Preprocessor(spec, 1, FrameRegion.Full, PreprocessKernels.ByName(kernel));
            for (int move = 0; move < 8; move++)
            {
                var region = RandomRegion(random);
                var still = new Preprocessor(spec, 1, region, PreprocessKernels.ByName(kernel));
                byte[] expected = new byte[still.TensorBytes], found = new byte[moving.TensorBytes];
                still.Run(frame, layout, expected);
                moving.Aim(region);
                moving.Run(frame, layout, found);
                Assert.True(expected.AsSpan().SequenceEqual(found), $"{spec} of {layout}, {region}");
                Assert.Equal(still.Mapping, moving.Mapping);
            }
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndFormats))]
    public void Moving_a_region_allocates_nothing(string kernel, PixelFormat format)
    {
        var random = new Random(400 + (int)format);
        var layout = FrameMaker.Layout(format, 190, 130, ColorSpace.Bt601Limited, random);
        byte[] frame = FrameMaker.Noise(layout, random);
        var moving = new Preprocessor(Spec(64, 48, FitKind.Letterbox), 1, FrameRegion.Full, PreprocessKernels.ByName(kernel));
        FrameRegion[] regions = [.. Enumerable.Range(0, 16).Select(_ => RandomRegion(random))];
        byte[] tensor = new byte[moving.TensorBytes];
        int at = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            moving.Aim(regions[at++ % regions.Length]);
            moving.Run(frame, layout, tensor);
        }));
    }

    [Fact]
    public void A_region_outside_of_the_frame_is_refused()
    {
        var moving = new Preprocessor(Spec(8, 8, FitKind.Stretch), 1, FrameRegion.Full);
        Assert.Contains("leaves the frame", Assert.Throws<ArgumentException>(() => moving.Aim(new FrameRegion(0.5, 0, 0.6, 1))).Message);
    }

    [Fact]
    public void Unusable_inputs_are_refused_with_every_reason()
    {
        var spec = Spec(0, 10, FitKind.CenterCrop) with { Mean = [0], ResizeShorter = 4 };
        var error = Assert.Throws<ArgumentException>(() => new Preprocessor(spec, 2, new FrameRegion(0.5, 0, 1, 1)));
        foreach (string part in (string[])["0x10", "1 means and 3 scales", "input scale is 2", "leaves the frame", "raise ResizeShorter"])
        {
            Assert.Contains(part, error.Message);
        }
    }

    [Fact]
    public void Short_buffers_and_bad_layouts_are_refused_before_anything_is_written()
    {
        var preprocessor = new Preprocessor(Spec(8, 8, FitKind.Stretch), 1, FrameRegion.Full);
        var layout = FrameLayout.Packed(PixelFormat.I420, 33, 21);
        byte[] frame = new byte[layout.SizeBytes], tensor = new byte[preprocessor.TensorBytes];
        tensor.AsSpan().Fill(Guard);
        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame.AsSpan(1), layout, tensor));
        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame, layout, tensor.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame, layout with { Plane0 = new PlaneLayout(0, 32) }, tensor));
        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame, layout with { Plane2 = new PlaneLayout(layout.SizeBytes, 17) },
            tensor));
        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame, FrameLayout.Compressed(33, 21, 100), tensor));
        Assert.All(tensor, value => Assert.Equal(Guard, value));
    }

    [Fact]
    public void Kernels_are_found_by_name_and_a_wrong_name_lists_them()
    {
        Assert.Equal(ScalarKernel.KernelName, PreprocessKernels.ByName("scalar").Name);
        Assert.Equal(PreprocessKernels.Default.Name, new Preprocessor(Spec(8, 8, FitKind.Stretch), 1, FrameRegion.Full).KernelName);
        Assert.Contains("scalar", Assert.Throws<ArgumentException>(() => PreprocessKernels.ByName("vector9")).Message);
    }

    [Fact]
    public void The_portable_pair_dot_equals_the_instruction()
    {
        var random = new Random(5);
        for (int i = 0; i < 1000; i++)
        {
            var a = Vector128.Create(random.NextInt64(), random.NextInt64()).AsInt16() & Vector128.Create((short)255);
            var b = Vector128.Create(random.NextInt64(), random.NextInt64()).AsInt16() & Vector128.Create((short)AxisTaps.WeightOne);
            Assert.Equal(BytePairs.Dot(a, b), BytePairs.DotPortable(a, b));
        }
    }

    private static void Check(Preprocessor preprocessor, FrameInputSpec spec, FrameRegion region, FrameLayout layout, byte[] frame) =>
        Check(
            preprocessor, spec, region, layout, frame,
            ExactPreprocess.Run(spec, preprocessor.TensorWidth, preprocessor.TensorHeight, region, frame, layout));

    private static void Check(
        Preprocessor preprocessor, FrameInputSpec spec, FrameRegion region, FrameLayout layout, byte[] frame, double[] exact)
    {
        byte[] memory = new byte[preprocessor.TensorBytes + (2 * GuardBytes)];
        memory.AsSpan().Fill(Guard);
        var tensor = memory.AsSpan(GuardBytes, preprocessor.TensorBytes);
        preprocessor.Run(frame, layout, tensor);
        Assert.Equal(-1, memory.AsSpan(0, GuardBytes).IndexOfAnyExcept(Guard));
        Assert.Equal(-1, memory.AsSpan(GuardBytes + preprocessor.TensorBytes).IndexOfAnyExcept(Guard));

        int area = preprocessor.TensorWidth * preprocessor.TensorHeight;
        for (int i = 0; i < exact.Length; i++)
        {
            int channel = spec.Layout == TensorLayout.Nchw ? i / area : i % spec.ChannelCount;
            var (actual, expected, allowed) = spec.Element switch
            {
                TensorElement.Float32 => (MemoryMarshal.Cast<byte, float>(tensor)[i], exact[i], 0.1 * spec.Scale[channel]),
                TensorElement.Float16 => ((double)MemoryMarshal.Cast<byte, Half>(tensor)[i], exact[i], (0.1 * spec.Scale[channel])
                    + (Math.Abs(exact[i]) / 1024)),
                _ => (tensor[i], Math.Clamp(exact[i], 0, 255), 0.6),
            };
            Assert.True(
                Math.Abs(actual - expected) <= Math.Abs(allowed) + 1e-6,
                $"{preprocessor.KernelName} {layout.Format} {layout.Width}x{layout.Height} {spec.Fit} {spec.Element} {spec.Layout} "
                    + $"{spec.Channels} region {region} " +
                $"tensor {preprocessor.TensorWidth}x{preprocessor.TensorHeight} at {i}: {actual} instead of {expected}");
        }
    }

    private static FrameInputSpec Spec(int width, int height, FitKind fit) => new(
        width, height, 1, ChannelOrder.Rgb, TensorLayout.Nchw, TensorElement.Float32, fit, PadPlacement.TopLeft,
        fit == FitKind.CenterCrop ? Math.Max(width, height) + 24 : 0, 114, [123.675f, 116.28f, 103.53f], [1 / 58.395f, 1 / 57.12f,
            1 / 57.375f]);

    private static FrameInputSpec RandomSpec(Random random)
    {
        int width = 1 + random.Next(70), height = 1 + random.Next(50);
        var channels = (ChannelOrder)(1 + random.Next(3));
        var element = (TensorElement)(1 + random.Next(3));
        int count = channels == ChannelOrder.Gray ? 1 : 3;
        bool bytes = element == TensorElement.UInt8;
        return new FrameInputSpec(
            width, height, 1 + random.Next(4), channels, (TensorLayout)(1 + random.Next(2)), element, (FitKind)(1 + random.Next(3)),
            (PadPlacement)(1 + random.Next(2)), Math.Max(width, height) + random.Next(20), random.Next(256),
            [.. Enumerable.Range(0, count).Select(_ => bytes ? 0 : (float)random.Next(200))],
            [.. Enumerable.Range(0, count).Select(_ => bytes ? 1 : (float)(random.NextDouble() + 0.01))]);
    }

    private static FrameRegion RandomRegion(Random random)
    {
        double left = random.NextDouble() * 0.9, top = random.NextDouble() * 0.9;
        return random.Next(2) == 0
            ? FrameRegion.Full
            : new FrameRegion(left, top, 0.001 + (random.NextDouble() * (0.999 - left)), 0.001 + (random.NextDouble() * (0.999 - top)));
    }

    private static int RandomSide(Random random) => random.Next(4) == 0 ? 1 + random.Next(4) : 1 + random.Next(200);
}
