using System.Buffers.Binary;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Tabletop;
using EdgeRoute.Workbench.Training;

namespace EdgeRoute.Tests.Workbench.Training;

public sealed class PickPlaceDataWriterTests
{
    /// <summary>Read as the recipe reads it: by the documented layout, to the last byte.</summary>
    [Fact]
    public void Frames_have_the_documented_layout()
    {
        byte[] data = Write(s => PickPlaceDataWriter.WriteFrames(new TabletopDataRequest(40, 3, 48, 48, "uniform"), s));
        Assert.Equal("ERPP"u8.ToArray(), data[..4]);
        int at = 12, heldCount = 0;
        for (uint index = 0; index < 40; index++)
        {
            Assert.Equal(index, BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at)));
            int things = BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at + 8)),
                held = BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at + 12));
            Assert.InRange(things, 2, TabletopScene.ObjectLimit);
            Assert.InRange(held, -1, things - 1);
            if (held >= 0)
            {
                heldCount++;
                Assert.Equal(data.AsSpan(at + 16, 8).ToArray(), data.AsSpan(at + 24 + (20 * held), 8).ToArray());
            }

            at += 24 + (things * 20) + (48 * 48 * 3);
        }

        Assert.Equal(data.Length, at);
        Assert.InRange(heldCount, 5, 30);
    }

    [Fact]
    public void Plans_are_the_experts()
    {
        byte[] data = Write(s => PickPlaceDataWriter.WritePlans(300, 5, s));
        int planLength = PickPlaceRules.PlanSteps * PickPlaceRules.ActionLength;
        Assert.Equal(12 + (300 * 4 * (7 + planLength)), data.Length);
        var numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(data.AsSpan(12));
        var plan = new float[planLength];
        for (int i = 0; i < 300; i++)
        {
            var record = numbers.Slice(i * (7 + planLength), 7 + planLength);
            var situation = new PickPlaceSituation(
                record[0], record[1], record[2] > 0, record[3], record[4], record[5], record[6]);
            PickPlaceExpert.WritePlan(situation, plan);
            Assert.Equal(plan, record[7..].ToArray());
        }
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes()
    {
        byte[] Frames(ulong seed) => Write(s => PickPlaceDataWriter.WriteFrames(new TabletopDataRequest(8, seed, 48, 48, "0.7"), s));
        Assert.Equal(Frames(3), Frames(3));
        Assert.NotEqual(Frames(3), Frames(4));
    }

    private static byte[] Write(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
