using System.Numerics;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>What a camera does to a picture: blur and noise, over whole rows of packed RGB, several pixels at a time.</summary>
internal sealed class PixelFilters
{
    /// <summary>Noise values kept per level; half of them are laid at a time, from a random start, so that no pattern shows.</summary>
    private const int NoiseLength = 1 << 15;

    /// <summary>
    /// Levels kept ready, so that drawing needs no multiplication; deviation in grey levels is index times <see cref="NoiseStep"/>.
    /// </summary>
    private const int NoiseLevelCount = 13;

    private const float NoiseStep = 0.5f;

    private readonly short[][] _noise = new short[NoiseLevelCount][];
    private SeededRandom _random;
    private byte[] _line;
    private byte[] _lineAbove;

    public PixelFilters(int width, ulong seed)
    {
        (_line, _lineAbove) = (new byte[width * 3], new byte[width * 3]);
        _random = new SeededRandom(seed);
        for (int level = 0; level < NoiseLevelCount; level++)
        {
            _noise[level] = new short[NoiseLength];
        }

        for (int i = 0; i < NoiseLength; i++)
        {
            float value = _random.NextGaussian();
            for (int level = 0; level < NoiseLevelCount; level++)
            {
                _noise[level][i] = (short)MathF.Round(value * level * NoiseStep);
            }
        }
    }

    /// <summary>Adds noise of a deviation in grey levels, to the nearest level kept.</summary>
    public void AddNoise(Span<byte> pixels, float deviation)
    {
        var noise = _noise[Math.Clamp((int)MathF.Round(deviation / NoiseStep), 0, NoiseLevelCount - 1)].AsSpan();
        for (int start = 0; start < pixels.Length; start += NoiseLength / 2)
        {
            int length = Math.Min(NoiseLength / 2, pixels.Length - start);
            AddTo(pixels.Slice(start, length), noise.Slice(_random.NextIndex(NoiseLength / 2), length));
        }
    }

    private static void AddTo(Span<byte> pixels, ReadOnlySpan<short> noise)
    {
        int i = 0;
        for (; i + Vector<byte>.Count <= pixels.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[i..]), out var low, out var high);
            var first = Vector.AsVectorInt16(low) + new Vector<short>(noise[i..]);
            var second = Vector.AsVectorInt16(high) + new Vector<short>(noise[(i + Vector<short>.Count)..]);
            Vector.Narrow(ToByte(first), ToByte(second)).CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp(pixels[i] + noise[i], 0, 255);
        }
    }

    private static Vector<ushort> ToByte(Vector<short> values) =>
        Vector.AsVectorUInt16(Vector.Min(Vector.Max(values, Vector<short>.Zero), new Vector<short>(255)));

    /// <summary>Mixes each pixel with its neighbours: first left and right, then above and below.</summary>
    public void Blur(Span<byte> pixels, float share)
    {
        int side = (int)(share * 128), middle = 256 - (2 * side), rowBytes = _line.Length, height = pixels.Length / rowBytes;
        if (side == 0 || rowBytes < 9 || height < 3)
        {
            return;
        }

        for (int y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * rowBytes, rowBytes);
            row.CopyTo(_line);
            Mix(row[3..^3], _line.AsSpan(0, rowBytes - 6), _line.AsSpan(3, rowBytes - 6), _line.AsSpan(6), middle, side);
        }

        pixels[..rowBytes].CopyTo(_lineAbove);
        for (int y = 1; y < height - 1; y++)
        {
            var row = pixels.Slice(y * rowBytes, rowBytes);
            row.CopyTo(_line);
            Mix(row, _lineAbove, _line, pixels.Slice((y + 1) * rowBytes, rowBytes), middle, side);
            (_line, _lineAbove) = (_lineAbove, _line);
        }
    }

    private static void Mix(
        Span<byte> result, ReadOnlySpan<byte> before, ReadOnlySpan<byte> at, ReadOnlySpan<byte> after, int middleWeight, int sideWeight)
    {
        var (middle, side) = (new Vector<ushort>((ushort)middleWeight), new Vector<ushort>((ushort)sideWeight));
        int i = 0;
        for (; i + Vector<byte>.Count <= result.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(before[i..]), out var beforeLow, out var beforeHigh);
            Vector.Widen(new Vector<byte>(at[i..]), out var atLow, out var atHigh);
            Vector.Widen(new Vector<byte>(after[i..]), out var afterLow, out var afterHigh);
            var low = ((atLow * middle) + ((beforeLow + afterLow) * side)) >>> 8;
            var high = ((atHigh * middle) + ((beforeHigh + afterHigh) * side)) >>> 8;
            Vector.Narrow(low, high).CopyTo(result[i..]);
        }

        for (; i < result.Length; i++)
        {
            result[i] = (byte)(((at[i] * middleWeight) + ((before[i] + after[i]) * sideWeight)) >> 8);
        }
    }
}
