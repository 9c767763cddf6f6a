using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Tests.Protocol.Recording;

public sealed class FrameRecordCodecTests
{
    private static readonly FrameStamp Stamp = new(1, long.MaxValue, long.MinValue, -1);

    [Fact]
    public void Every_layout_comes_back()
    {
        Span<byte> header = stackalloc byte[RecordingFormat.FrameHeaderBytes];
        foreach (var (layout, bytes) in RecordingSamples.Frames())
        {
            FrameRecordCodec.Encode(Stamp, layout, header);
            Assert.Null(FrameRecordCodec.Decode(header, bytes.Length, out var stamp, out var decoded));
            Assert.Equal((Stamp, layout), (stamp, decoded));
            Assert.NotNull(FrameRecordCodec.Decode(header, bytes.Length - 1, out _, out _));
            Assert.NotNull(FrameRecordCodec.Decode(header, bytes.Length + 1, out _, out _));
        }
    }

    /// <summary>A consumer indexes rows by the layout, so a layout that passes must keep every row inside the bytes.</summary>
    [Fact]
    public void A_layout_that_passes_keeps_every_row_inside()
    {
        var random = new Random(5);
        int passed = 0;
        foreach (var (layout, bytes) in Enumerable.Repeat(RecordingSamples.Frames(), 2000).SelectMany(f => f))
        {
            var odd = layout with
            {
                Width = Odd(random, layout.Width), Height = Odd(random, layout.Height),
                Plane0 = Odd(random, layout.Plane0), Plane1 = Odd(random, layout.Plane1), Plane2 = Odd(random, layout.Plane2),
            };
            if (FrameRecordCodec.FindProblem(default, odd, bytes.Length) is null)
            {
                passed++;
                Assert.Equal(bytes.Length, odd.SizeBytes);
                Assert.All(RowEnds(odd), end => Assert.InRange(end, 1, bytes.Length));
            }
        }

        Assert.True(passed > 500, $"{passed} passed");
    }

    private static int Odd(Random random, int value) => random.Next(12) switch { 0 => int.MaxValue, 1 => -1, 2 => value + 1, 3 => value - 1,
        _ => value };

    private static PlaneLayout Odd(Random random, PlaneLayout plane) => new(Odd(random, plane.OffsetBytes), Odd(random, plane.StrideBytes));

    private static IEnumerable<long> RowEnds(FrameLayout l)
    {
        (PlaneLayout Plane, int Rows, int RowBytes)[] planes = l.Format switch
        {
            PixelFormat.Nv12 => [(l.Plane0, l.Height, l.Width), (l.Plane1, l.ChromaHeight, l.ChromaWidth * 2)],
            PixelFormat.I420 => [(l.Plane0, l.Height, l.Width), (l.Plane1, l.ChromaHeight, l.ChromaWidth),
                (l.Plane2, l.ChromaHeight, l.ChromaWidth)],
            PixelFormat.Yuy2 => [(l.Plane0, l.Height, l.ChromaWidth * 4)],
            PixelFormat.Rgb or PixelFormat.Bgr => [(l.Plane0, l.Height, l.Width * 3)],
            PixelFormat.Gray8 => [(l.Plane0, l.Height, l.Width)],
            _ => [(l.Plane0, 1, l.Plane0.StrideBytes)],
        };
        return planes.SelectMany(p => Enumerable.Range(0,
            p.Rows).Select(row => p.Plane.OffsetBytes + ((long)p.Plane.StrideBytes * row) + p.RowBytes));
    }
}
