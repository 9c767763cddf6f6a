using System.Buffers.Binary;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>A server's models behind a step that decodes a picture, as ensembles have it.</summary>
internal sealed class PictureModels
{
    private const string FrameName = "frame";

    /// <summary>Inputs for the frame are encoded pictures.</summary>
    public volatile bool IsOn;

    /// <summary>The JPEG that came last.</summary>
    public volatile byte[] Last = [];

    public bool Takes(OrtTensorSpec input) => IsOn && input.Name == FrameName;

    /// <summary>The model's own input, made of an element of a BYTES tensor.</summary>
    public OrtTensor Take(ReadOnlySpan<byte> element, ReadOnlySpan<long> shape)
    {
        Assert.All(shape.ToArray(), size => Assert.Equal(1, size));
        Assert.Equal(element.Length - sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(element));
        Last = element[sizeof(int)..].ToArray();
        var (rgb, width, height) = Decode(Last);
        var tensor = OrtTensor.Allocate(OrtElementType.Float, [1, 3, height, width]);
        WriteTo(tensor.Floats, rgb);
        return tensor;
    }

    public static (byte[] Rgb, int Width, int Height) Decode(byte[] jpeg)
    {
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        byte[] rgb = new byte[header.Width * header.Height * 3];
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, rgb, header.Width * 3), decoder.ErrorText);
        return (rgb, header.Width, header.Height);
    }

    /// <summary>As the shapes pack wants it: plane by plane, 0 to 1.</summary>
    public static void WriteTo(Span<float> planes, byte[] rgb)
    {
        int count = rgb.Length / 3;
        for (int i = 0; i < rgb.Length; i++)
        {
            planes[(i % 3 * count) + (i / 3)] = rgb[i] * (1 / 255f);
        }
    }
}
