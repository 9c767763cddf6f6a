using System.Buffers.Binary;
using EdgeRoute.Simulation.Tabletop;
using EdgeRoute.Workbench.Training;

namespace EdgeRoute.Tests.Workbench.Training;

public sealed class TabletopDataWriterTests
{
    /// <summary>Read as the recipe reads it: by the documented layout, to the last byte.</summary>
    [Fact]
    public void The_stream_has_the_documented_layout()
    {
        byte[] data = Write(new TabletopDataRequest(5, 3, 64, 48, "0.5"));
        Assert.Equal("ERTT"u8.ToArray(), data[..4]);
        var start = Enumerable.Range(2, 4).Select(i => (int)BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(2 * i)));
        Assert.Equal([1, 64, 48, TabletopPalette.ClassCount], start);
        int at = 12;
        for (uint index = 0; index < 5; index++)
        {
            Assert.Equal(index, BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at)));
            Assert.Equal(0.5f, BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(at + 4)));
            int boxes = BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at + 8));
            Assert.InRange(boxes, 1, TabletopScene.ObjectLimit);
            at += 12 + (boxes * 24) + (64 * 48 * 3);
        }

        Assert.Equal(data.Length, at);
    }

    [Fact]
    public void The_same_request_writes_the_same_bytes()
    {
        var request = new TabletopDataRequest(8, 3, 64, 48, "auto");
        Assert.Equal(Write(request), Write(request));
        Assert.NotEqual(Write(request), Write(request with { Seed = 4 }));
    }

    [Theory]
    [InlineData(-1, 64, "auto", "--count")]
    [InlineData(1, 8, "auto", "--width")]
    [InlineData(1, 64, "2", "--clutter")]
    public void What_cannot_be_written_is_refused_by_name(long count, int width, string clutter, string option) =>
        Assert.Contains(option, new TabletopDataRequest(count, 1, width, 48, clutter).FindProblem());

    private static byte[] Write(TabletopDataRequest request)
    {
        using var stream = new MemoryStream();
        TabletopDataWriter.Write(request, stream);
        return stream.ToArray();
    }
}
