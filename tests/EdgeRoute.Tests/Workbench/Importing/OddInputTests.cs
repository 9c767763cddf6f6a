using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>
/// Inputs of every element type and layout, from the picture to the answer: the model says which of three colours a picture has most of.
/// </summary>
public sealed class OddInputTests : IDisposable
{
    private const int Side = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TinyOnnx.Float, true, "float32")]
    [InlineData(TinyOnnx.Half, true, "float16")]
    [InlineData(TinyOnnx.UInt8, true, "uint8")]
    [InlineData(TinyOnnx.Float, false, "float32")]
    [InlineData(TinyOnnx.Half, false, "float16")]
    [InlineData(TinyOnnx.UInt8, false, "uint8")]
    public void Every_element_and_layout_is_filled(int type, bool isNchw, string element)
    {
        long[] shape = isNchw ? [1, 3, Side, Side] : [1, Side, Side, 3];
        var spec = Answers(Model(type, isNchw, shape), null);
        Assert.Equal(element, ManifestEnums.Of(ManifestEnums.Elements, spec.Element));
        Assert.Equal(isNchw ? TensorLayout.Nchw : TensorLayout.Nhwc, spec.Layout);
    }

    [Theory]
    [InlineData(-1, 3, -1, -1)]
    [InlineData(-1, -1, -1, -1)]
    [InlineData(-1, 3, Side, -1)]
    public void Sizes_that_are_left_open_are_the_users(params int[] shape)
    {
        var spec = Answers(Model(TinyOnnx.Float, true, [.. shape.Select(s => (long)s)]), (Side, Side));
        Assert.Equal((Side, Side, 3), (spec.Width, spec.Height, spec.ChannelCount));
    }

    /// <summary>Imports it on pictures of one colour each; all of them must be recognised.</summary>
    private FrameInputSpec Answers(TinyOnnx model, (int Width, int Height)? size)
    {
        string path = model.Write(_folder, "model.onnx"), labels = _folder.Write("labels.txt", "red\ngreen\nblue\n");
        foreach (var (colour, index) in new[] { "red", "green", "blue" }.Select((c, i) => (c, i)))
        {
            byte[] rgb = [0, 0, 0];
            rgb[index] = 255;
            var report = ModelImport.Run(new ImportRequest(path, null, labels, _folder.File("pack"), Picture(colour, rgb), size,
                TestPlaces.OnnxRuntimeLibrary, Replaces: true), (_, _) => { });
            Assert.Null(report.Trial!.Fault);
            Assert.StartsWith(colour, report.Trial.Answer[0], StringComparison.Ordinal);
            Assert.Equal(JpegLibrary.TryLoad(out _), File.Exists(report.Trial.Drawn));
        }

        return PackReader.Read(_folder.File("pack")).Stages[0].Input!.Spec;
    }

    /// <summary>Twice the mean of each colour, whichever way the pixels lie.</summary>
    private static TinyOnnx Model(int type, bool isNchw, long[] shape)
    {
        const int Pixels = Side * Side;
        float[] weights = new float[Pixels * 9];
        for (int i = 0; i < Pixels * 3; i++)
        {
            weights[(i * 3) + (isNchw ? i / Pixels : i % 3)] = 2f / Pixels;
        }

        return new TinyOnnx().Input("images", type, shape).Node("Cast", ["images"], "pixels", ("to", TinyOnnx.Float))
            .Node("Flatten", ["pixels"], "flat").Constant("w", [Pixels * 3, 3], weights).Node("MatMul", ["flat", "w"], "out")
            .Declare("out", TinyOnnx.Float, -1, 3);
    }

    /// <summary>A bitmap of one colour, 24 bits a pixel.</summary>
    private string Picture(string name, byte[] rgb)
    {
        const int HeaderBytes = 54, Width = 64;
        byte[] file = new byte[HeaderBytes + (Width * Width * 3)];
        "BM"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(2), file.Length);
        BitConverter.TryWriteBytes(file.AsSpan(10), HeaderBytes);
        BitConverter.TryWriteBytes(file.AsSpan(14), 40);
        BitConverter.TryWriteBytes(file.AsSpan(18), Width);
        BitConverter.TryWriteBytes(file.AsSpan(22), Width);
        BitConverter.TryWriteBytes(file.AsSpan(26), (short)1);
        BitConverter.TryWriteBytes(file.AsSpan(28), (short)24);
        for (int i = HeaderBytes; i < file.Length; i += 3)
        {
            (file[i], file[i + 1], file[i + 2]) = (rgb[2], rgb[1], rgb[0]);
        }

        string path = _folder.File(name + ".bmp");
        File.WriteAllBytes(path, file);
        return path;
    }
}
