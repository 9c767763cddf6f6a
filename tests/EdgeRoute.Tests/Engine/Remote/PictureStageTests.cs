using System.Runtime.InteropServices;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>Pictures that go to a server as JPEG: what arrives is what the stage would see, and its answers come back.</summary>
public sealed class PictureStageTests
{
    private const int Side = 96, PatienceMs = 30_000;

    /// <summary>What a JPEG of that quality changes of a smooth picture, in pixel values.</summary>
    private const int PixelsOff = 12;

    private static readonly Dictionary<string, string> Light = new() { ["light"] = "light" };

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    public void A_picture_arrives_as_the_stage_would_see_it_and_its_answer_comes_back(string scheme)
    {
        using var servers = new Servers(isOn: true);
        using var rig = new RemoteRig(servers.PortOf(scheme), models: Light, scheme: scheme, jpegQuality: 90);
        byte[] sent = Smooth(Side, Side);
        PictureModels.WriteTo(MemoryMarshal.Cast<byte, float>(rig.Stages.FrameTensor(0)), sent);
        AwaitAnswer(rig);
        long bytes = rig.Status.BytesOut, answered = rig.Status.AnsweredCount;
        rig.Stages.Run(0);
        Assert.Equal(answered + 1, rig.Status.AnsweredCount);
        byte[] jpeg = servers.Of(scheme).Last;
        Assert.InRange(rig.Status.BytesOut - bytes, jpeg.Length, jpeg.Length + 1000);
        Assert.InRange(jpeg.Length, 1, Side * Side * 3 * sizeof(float) / 10);
        var (rgb, _, _) = PictureModels.Decode(jpeg);
        AssertNear(sent, rgb);
        PictureModels.WriteTo(MemoryMarshal.Cast<byte, float>(rig.Here.FrameTensor(0)), rgb);
        rig.Here.Run(0);
        Assert.Equal(rig.Here.HeadTensors(0).Values(0).ToArray(), rig.Stages.HeadTensors(0).Values(0).ToArray());
        Assert.Empty(rig.Told);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    public void A_run_with_a_picture_allocates_nothing_on_the_loop(string scheme)
    {
        using var servers = new Servers(isOn: true);
        using var rig = new RemoteRig(servers.PortOf(scheme), models: Light, scheme: scheme, jpegQuality: 80);
        AwaitAnswer(rig);
        long before = rig.Status.AnsweredCount;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => rig.Stages.Run(0)));
        Assert.True(rig.Status.AnsweredCount - before > 1000, $"{rig.Status.AnsweredCount - before} of 1600 went there");
    }

    [Theory]
    [InlineData(false, 90, "input 'frame' of the server's model is FP32, and 'jpeg_quality' sends an encoded picture (BYTES)")]
    [InlineData(true, null, "is BYTES, the stage's is FP32; export both alike, or write 'jpeg_quality' where it takes a picture")]
    public void A_model_that_takes_the_other_is_told_and_not_asked(bool isOn, int? quality, string words)
    {
        using var servers = new Servers(isOn);
        using var rig = new RemoteRig(servers.PortOf("http"), models: Light, jpegQuality: quality);
        rig.AwaitTold(words);
        rig.RunAlike(0, 0);
        Assert.Equal(0, rig.Status.RequestCount);
    }

    [Theory]
    [InlineData(ChannelOrder.Rgb, TensorLayout.Nchw, TensorElement.Float32)]
    [InlineData(ChannelOrder.Bgr, TensorLayout.Nchw, TensorElement.Float16)]
    [InlineData(ChannelOrder.Rgb, TensorLayout.Nhwc, TensorElement.Float16)]
    [InlineData(ChannelOrder.Bgr, TensorLayout.Nhwc, TensorElement.UInt8)]
    [InlineData(ChannelOrder.Gray, TensorLayout.Nchw, TensorElement.Float32)]
    public void Any_input_tensor_is_turned_back_into_its_picture(ChannelOrder channels, TensorLayout layout, TensorElement element)
    {
        _ = OrtPlace.Environment;
        const int Width = 41, Height = 24;
        byte[] sent = Smooth(Width, Height);
        bool isWhole = element == TensorElement.UInt8;
        int count = channels == ChannelOrder.Gray ? 1 : 3;
        float[] mean = [.. new[] { 10f, 20f, 30f }.Take(count).Select(m => isWhole ? 0 : m)];
        float[] scale = [.. new[] { 0.01f, 0.02f, 0.03f }.Take(count).Select(s => isWhole ? 1 : s)];
        var spec = new FrameInputSpec(Width, Height, 1, channels, layout, element, FitKind.Stretch, PadPlacement.TopLeft, 0, 0, mean,
            scale);
        using var tensor = OrtTensor.Allocate(TypeOf(element), layout == TensorLayout.Nchw ? [1, count, Height, Width]
            : [1, Height, Width, count]);
        for (int i = 0; i < Width * Height * count; i++)
        {
            var (pixel, channel) = layout == TensorLayout.Nchw ? (i % (Width * Height), i / (Width * Height)) : (i / count, i % count);
            byte value = sent[(pixel * 3) + (channels == ChannelOrder.Bgr ? 2 - channel : channel)];
            Put(tensor, i, (value - mean[channel]) * scale[channel]);
        }

        using var picture = new WirePicture(spec, Width, Height, 95);
        picture.Fill(tensor);
        var (rgb, width, height) = PictureModels.Decode(picture.Bytes[sizeof(int)..].ToArray());
        Assert.Equal((Width, Height), (width, height));
        AssertNear(channels == ChannelOrder.Gray ? [.. sent.Select((_, i) => sent[i / 3 * 3])] : sent, rgb);
    }

    private static OrtElementType TypeOf(TensorElement element) => element switch
    {
        TensorElement.Float32 => OrtElementType.Float,
        TensorElement.Float16 => OrtElementType.Float16,
        _ => OrtElementType.UInt8,
    };

    private static void Put(OrtTensor tensor, int index, float value)
    {
        switch (tensor.ElementType)
        {
            case OrtElementType.Float:
                tensor.Floats[index] = value;
                break;
            case OrtElementType.Float16:
                tensor.Halves[index] = (Half)value;
                break;
            default:
                tensor.Bytes[index] = (byte)value;
                break;
        }
    }

    private static void AwaitAnswer(RemoteRig rig) => Assert.True(SpinWait.SpinUntil(() =>
    {
        rig.Stages.Run(0);
        return rig.Status.AnsweredCount > 0;
    }, PatienceMs), $"{rig.Status.State}, {rig.Status.Fault}; told {string.Join(" | ", rig.Told)}");

    private static void AssertNear(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, PixelsOff);
    }

    /// <summary>RGB, each channel rising another way, so that none can be taken for another.</summary>
    private static byte[] Smooth(int width, int height)
    {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            var (x, y) = (i % width, i / width);
            rgb[i * 3] = (byte)(20 + (x * 200 / width));
            rgb[(i * 3) + 1] = (byte)(230 - (y * 200 / height));
            rgb[(i * 3) + 2] = (byte)(60 + ((x + y) * 100 / (width + height)));
        }

        return rgb;
    }

    /// <summary>The same models over both protocols.</summary>
    private sealed class Servers : IDisposable
    {
        private readonly ConformanceServer _http = new(RemoteRig.ModelsOf(PackRig.Shapes));
        private readonly GrpcServer _grpc = new(RemoteRig.ModelsOf(PackRig.Shapes));

        public Servers(bool isOn) => (_http.Pictures.IsOn, _grpc.Pictures.IsOn) = (isOn, isOn);

        public int PortOf(string scheme) => scheme == "http" ? _http.Port : _grpc.Port;

        public PictureModels Of(string scheme) => scheme == "http" ? _http.Pictures : _grpc.Pictures;

        public void Dispose()
        {
            _http.Dispose();
            _grpc.Dispose();
        }
    }
}
