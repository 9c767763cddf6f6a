using System.Buffers.Binary;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Workbench.Training;

/// <summary>
/// Writes labelled frames for training as one little-endian stream.
/// <para>Start: <c>"ERTT"</c>, u16 version (1), u16 width, u16 height, u16 number of classes.</para>
/// <para>Each frame: u32 index, f32 clutter, u32 box count; per box f32 left, f32 top, f32 width, f32 height (fractions of the frame), f32
/// visible fraction, u32 class; then <c>width * height * 3</c> bytes of RGB, row by row.</para>
/// </summary>
public static class TabletopDataWriter
{
    public const ushort Version = 1;

    private const int BoxBytes = 24;
    private const int FrameHeaderBytes = 12;

    /// <summary>
    /// Ticks a table is left to move before its picture is taken: from none to this many, so that things are also seen on their way.
    /// </summary>
    private const int SettleTickLimit = 40;

    public static void Write(TabletopDataRequest request, Stream stream)
    {
        var world = new TabletopWorld(request.Seed, request.MakeClutter(), request.Width / (float)request.Height);
        var renderer = new TabletopRenderer(request.Width, request.Height, request.Seed);
        var truth = new TabletopTruth();
        var settle = new SeededRandom(~request.Seed);
        byte[] record = new byte[FrameHeaderBytes + (BoxBytes * TabletopScene.ObjectLimit) + (request.Width * request.Height * 3)];
        WriteStart(request, stream);
        for (long index = 0; request.Count == 0 || index < request.Count; index++)
        {
            for (int tick = settle.NextIndex(2) * settle.NextIndex(SettleTickLimit); tick > 0; tick--)
            {
                world.Advance();
            }

            truth.TellFrom(world.Scene);
            int labelBytes = WriteLabels(record, (uint)index, truth);
            int pixelBytes = request.Width * request.Height * 3;
            renderer.Draw(world.Scene, record.AsSpan(labelBytes, pixelBytes));
            stream.Write(record.AsSpan(0, labelBytes + pixelBytes));
            world.LayNextTable();
        }
    }

    private static void WriteStart(TabletopDataRequest request, Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        "ERTT"u8.CopyTo(start);
        BinaryPrimitives.WriteUInt16LittleEndian(start[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(start[6..], (ushort)request.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], (ushort)request.Height);
        BinaryPrimitives.WriteUInt16LittleEndian(start[10..], (ushort)TabletopPalette.ClassCount);
        stream.Write(start);
    }

    private static int WriteLabels(Span<byte> record, uint index, TabletopTruth truth)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, index);
        BinaryPrimitives.WriteSingleLittleEndian(record[4..], truth.Clutter);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)truth.Count);
        int at = FrameHeaderBytes;
        for (int i = 0; i < truth.Count; i++, at += BoxBytes)
        {
            ref readonly var box = ref truth.Boxes[i];
            BinaryPrimitives.WriteSingleLittleEndian(record[at..], box.Left);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 4)..], box.Top);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 8)..], box.Width);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 12)..], box.Height);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 16)..], truth.VisibleFractions[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(record[(at + 20)..], (uint)box.ClassIndex);
        }

        return at;
    }
}
