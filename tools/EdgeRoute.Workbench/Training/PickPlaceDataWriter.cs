using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Workbench.Training;

/// <summary>
/// Writes what the pick-and-place networks learn from as one little-endian stream.
/// <para>Frames: <c>"ERPP"</c>, u16 version (1), u16 width, u16 height, u16 0; then per frame u32 index, f32 clutter, u32 number of pads
/// and things, i32 index of the held thing or -1, f32 gripper x and y; per pad or thing f32 x, y, radius (table units), u32 shape, u32
/// colour; then <c>width * height * 3</c> bytes of RGB, row by row.</para>
/// <para>Plans: <c>"ERPL"</c>, u16 version (1), u16 steps, u16 values per step, u16 0; then per plan seven f32 (gripper x, y, 1 while
/// holding else 0, thing x, y, pad x, y) and the expert's <c>steps * values</c> f32.</para>
/// </summary>
public static class PickPlaceDataWriter
{
    public const ushort Version = 1;

    private const int StartBytes = 12;
    private const int FrameHeaderBytes = 24;
    private const int ThingBytes = 20;
    private const int SituationLength = 7;

    /// <summary>Plans written at a time.</summary>
    private const int PlanBatch = 256;

    private const float NearDeviation = 0.06f;

    public static void WriteFrames(TabletopDataRequest request, Stream stream)
    {
        var world = new PickPlaceWorld(request.Seed, request.MakeClutter());
        var renderer = new TabletopRenderer(request.Width, request.Height, request.Seed);
        var random = new SeededRandom(~request.Seed);
        int pixelBytes = request.Width * request.Height * 3;
        byte[] record = new byte[FrameHeaderBytes + (ThingBytes * TabletopScene.ObjectLimit) + pixelBytes];
        WriteStart(stream, "ERPP"u8, (ushort)request.Width, (ushort)request.Height);
        for (long index = 0; request.Count == 0 || index < request.Count; index++)
        {
            PickPlaceScatter.Arrange(world, ref random);
            int at = WriteLabels(record, (uint)index, world);
            renderer.Draw(world.Scene, record.AsSpan(at, pixelBytes));
            stream.Write(record.AsSpan(0, at + pixelBytes));
            world.LayNextTable();
        }
    }

    /// <summary>Situations without pictures: the chunk head is a function of seven numbers, and learns it from millions of them.</summary>
    public static void WritePlans(long count, ulong seed, Stream stream)
    {
        var random = new SeededRandom(seed);
        int planLength = PickPlaceRules.PlanSteps * PickPlaceRules.ActionLength, length = SituationLength + planLength;
        float[] batch = new float[length * PlanBatch];
        WriteStart(stream, "ERPL"u8, PickPlaceRules.PlanSteps, PickPlaceRules.ActionLength);
        for (long written = 0; count == 0 || written < count;)
        {
            int here = count == 0 ? PlanBatch : (int)Math.Min(PlanBatch, count - written);
            for (int i = 0; i < here; i++)
            {
                var at = AnySituation(ref random);
                var record = batch.AsSpan(i * length, length);
                ReadOnlySpan<float> situation = [at.GripperX, at.GripperY, at.IsHolding ? 1 : 0, at.ThingX, at.ThingY, at.PadX, at.PadY];
                situation.CopyTo(record);
                PickPlaceExpert.WritePlan(at, record[SituationLength..]);
            }

            stream.Write(MemoryMarshal.AsBytes(batch.AsSpan(0, here * length)));
            written += here;
        }
    }

    private static PickPlaceSituation AnySituation(ref SeededRandom random)
    {
        var (thingX, thingY, padX, padY) = (random.NextUnit(), random.NextUnit(), random.NextUnit(), random.NextUnit());
        bool isHolding = random.NextUnit() < 0.45f, isNear = random.NextUnit() < 0.5f;
        var (nearX, nearY) = isHolding ? (padX, padY) : (thingX, thingY);
        float gripperX = isNear ? nearX + (NearDeviation * random.NextGaussian()) : random.NextUnit();
        float gripperY = isNear ? nearY + (NearDeviation * random.NextGaussian()) : random.NextUnit();
        return isHolding
            ? new PickPlaceSituation(gripperX, gripperY, true, gripperX, gripperY, padX, padY)
            : new PickPlaceSituation(gripperX, gripperY, false, thingX, thingY, padX, padY);
    }

    private static void WriteStart(Stream stream, ReadOnlySpan<byte> magic, ushort first, ushort second)
    {
        Span<byte> start = stackalloc byte[StartBytes];
        start.Clear();
        magic.CopyTo(start);
        BinaryPrimitives.WriteUInt16LittleEndian(start[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(start[6..], first);
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], second);
        stream.Write(start);
    }

    private static int WriteLabels(Span<byte> record, uint index, PickPlaceWorld world)
    {
        var things = world.Scene.Objects[..^1];
        BinaryPrimitives.WriteUInt32LittleEndian(record, index);
        BinaryPrimitives.WriteSingleLittleEndian(record[4..], world.Scene.Clutter);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], things.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], world.HeldIndex);
        BinaryPrimitives.WriteSingleLittleEndian(record[16..], world.GripperX);
        BinaryPrimitives.WriteSingleLittleEndian(record[20..], world.GripperY);
        int at = FrameHeaderBytes;
        foreach (ref readonly var thing in things)
        {
            BinaryPrimitives.WriteSingleLittleEndian(record[at..], thing.X);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 4)..], thing.Y);
            BinaryPrimitives.WriteSingleLittleEndian(record[(at + 8)..], thing.Radius);
            BinaryPrimitives.WriteInt32LittleEndian(record[(at + 12)..], (int)thing.Shape);
            BinaryPrimitives.WriteInt32LittleEndian(record[(at + 16)..], thing.ColorIndex);
            at += ThingBytes;
        }

        return at;
    }
}
