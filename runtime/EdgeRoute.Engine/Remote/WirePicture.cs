using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// The picture in a stage's input tensor as a JPEG, for a server's model that takes an encoded one. Of the tensor's width and height, as
/// the stage would see it: cut and scaled, before mean and scale. Allocates nothing once it is made.
/// </summary>
internal sealed class WirePicture : IDisposable
{
    /// <summary>Before each element of a BYTES tensor stands its length.</summary>
    private const int HeadBytes = sizeof(int);

    private readonly FrameInputSpec _spec;
    private readonly int _quality, _width, _height;
    private readonly JpegEncoder _encoder = JpegEncoder.Create();
    private readonly byte[] _pixels, _row, _bytes;
    private readonly float[] _values, _factors, _terms;
    private int _length = HeadBytes;

    /// <param name="quality">Of the JPEG, 1 to 100.</param>
    public WirePicture(FrameInputSpec spec, int width, int height, int quality)
    {
        (_spec, _quality) = (spec, quality);
        (_width, _height) = (width, height);
        int count = spec.ChannelCount;
        _pixels = new byte[width * height * count];
        _bytes = new byte[HeadBytes + JpegEncoder.SizeLimitBytes(width, height, JpegSampling.HalfBoth)];
        int rowLength = spec.Layout == TensorLayout.Nchw ? width : width * count;
        (_row, _values) = (new byte[rowLength], new float[rowLength]);
        (_factors, _terms) = (new float[width * count], new float[width * count]);
        for (int i = 0; i < _factors.Length; i++)
        {
            // By channel one after the other, or mixed: as the rows of the tensor are. A half more rounds where what follows cuts off.
            int channel = spec.Layout == TensorLayout.Nchw ? i / width : i % count;
            (_factors[i], _terms[i]) = (1 / spec.Scale[channel], spec.Mean[channel] + 0.5f);
        }
    }

    /// <summary>The element of the picture that was made last.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public WirePicture Twin() => new(_spec, _width, _height, _quality);

    /// <exception cref="RemoteFaultException">The library refuses the picture.</exception>
    public void Fill(OrtTensor tensor)
    {
        int count = _spec.ChannelCount, planes = _spec.Layout == TensorLayout.Nchw ? count : 1;
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = 0; y < _height; y++)
            {
                ReadRow(tensor, (plane * _height) + y, plane);
                Place(y, plane, planes);
            }
        }

        try
        {
            var into = _bytes.AsSpan(HeadBytes);
            int length = count == 1 ? _encoder.EncodeGray(_pixels, _width, _height, _width, _quality, into)
                : _encoder.EncodeRgb(_pixels, _width, _height, _width * count, _quality, into);
            BinaryPrimitives.WriteInt32LittleEndian(_bytes, length);
            _length = HeadBytes + length;
        }
        catch (InvalidDataException fault)
        {
            throw new RemoteFaultException($"the picture makes no JPEG ({fault.Message})", inner: fault);
        }
    }

    public void Dispose() => _encoder.Dispose();

    /// <summary>A row of the tensor as pixels.</summary>
    private void ReadRow(OrtTensor tensor, int row, int plane)
    {
        int start = row * _row.Length;
        switch (tensor.ElementType)
        {
            case OrtElementType.Float:
                tensor.Floats.Slice(start, _row.Length).CopyTo(_values);
                break;
            case OrtElementType.Float16:
                TensorPrimitives.ConvertToSingle(tensor.Halves.Slice(start, _row.Length), _values);
                break;
            default:
                TensorPrimitives.ConvertChecked<byte, float>(tensor.Bytes.Slice(start, _row.Length), _values);
                break;
        }

        TensorPrimitives.MultiplyAdd(_values, _factors.AsSpan(plane * _row.Length, _row.Length),
            _terms.AsSpan(plane * _row.Length, _row.Length), _values);
        ToBytes(_values, _row);
    }

    /// <summary>Cut off behind the point, and at 0 and 255.</summary>
    private static void ToBytes(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        int step = Vector128<byte>.Count, part = Vector128<float>.Count, i = 0;
        for (; i <= values.Length - step; i += step)
        {
            var low = Vector128.Narrow(ToWhole(values[i..]), ToWhole(values[(i + part)..]));
            var high = Vector128.Narrow(ToWhole(values[(i + (2 * part))..]), ToWhole(values[(i + (3 * part))..]));
            Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).CopyTo(bytes[i..]);
        }

        for (; i < values.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(values[i], 0, byte.MaxValue);
        }
    }

    private static Vector128<int> ToWhole(ReadOnlySpan<float> values) => Vector128.ConvertToInt32(
        Vector128.Min(Vector128.Max(Vector128.Create(values), Vector128<float>.Zero), Vector128.Create((float)byte.MaxValue)));

    /// <summary>Into RGB or gray, whatever the tensor's order.</summary>
    private void Place(int y, int plane, int planes)
    {
        var into = _pixels.AsSpan(y * _width * _spec.ChannelCount, _width * _spec.ChannelCount);
        bool isTurned = _spec.Channels == ChannelOrder.Bgr;
        if (planes > 1)
        {
            for (int x = 0, at = isTurned ? 2 - plane : plane; x < _width; x++, at += planes)
            {
                into[at] = _row[x];
            }

            return;
        }

        _row.CopyTo(into);
        for (int at = 0; isTurned && at < into.Length; at += 3)
        {
            (into[at], into[at + 2]) = (into[at + 2], into[at]);
        }
    }
}
