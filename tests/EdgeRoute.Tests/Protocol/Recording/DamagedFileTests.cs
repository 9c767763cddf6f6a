using System.Buffers.Binary;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>Whatever happens to a file, the reader yields the good records before the damage, says where it is, and never throws.</summary>
public sealed class DamagedFileTests
{
    private const int MutationCount = 100_000;

    private static readonly byte[] Whole = RecordingSamples.WholeFile();

    /// <summary>Offset of each record, and the end of the file.</summary>
    private static readonly long[] Offsets = [.. ReadOffsets(Whole).Offsets, Whole.Length];

    [Fact]
    public void Every_cut_is_readable_up_to_the_cut()
    {
        for (int length = 0; length < Whole.Length; length++)
        {
            var (offsets, reader) = ReadOffsets(Whole[..length]);
            int wholeRecords = Offsets.Count(o => o <= length && o > Offsets[0]);
            Assert.Equal(Offsets[..wholeRecords], offsets);
            Assert.Equal(ExpectedStop(length), reader.Stop);
            Assert.Equal(length < Offsets[0] ? 0 : Offsets[wholeRecords], reader.OffsetBytes);
            Assert.NotEmpty(reader.StopText);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_found_in_its_record()
    {
        byte[] file = SmallFile();
        long[] all = [.. ReadOffsets(file).Offsets, file.Length];
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            var (offsets, reader) = ReadOffsets(file);
            int hit = Array.FindLastIndex(all, o => o <= bit / 8);
            Assert.True(offsets.AsSpan().SequenceEqual(all.AsSpan(0, Math.Max(hit, 0))), $"bit {bit}: other records than those before it");
            Assert.True(reader.Stop is ReadStop.Damaged or ReadStop.NotRecording, $"bit {bit}: {reader.Stop}");
            Assert.Equal(hit < 0 ? 0 : all[hit], reader.OffsetBytes);
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Random_damage_never_throws_and_never_costs_memory()
    {
        // A file of small records: damage hits structure often. Every second mutant gets good checksums, so that the damage reaches the
        // decoders.
        byte[] small = SmallFile();
        var random = new Random(20261122);
        var stops = new int[Enum.GetValues<ReadStop>().Length];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < MutationCount; i++)
        {
            byte[] mutant = Mutate(small, random);
            if (i % 2 == 0)
            {
                SealAgain(mutant);
            }

            stops[(int)ReadOffsets(mutant).Reader.Stop]++;
        }

        long perFile = (GC.GetAllocatedBytesForCurrentThread() - before) / MutationCount;
        Assert.True(perFile < 64 * 1024, $"{perFile} bytes allocated per file");
        Assert.True(stops[(int)ReadStop.Complete] > 100 && stops[(int)ReadStop.Damaged] > 1000 && stops[(int)ReadStop.Cut] > 1000,
            string.Join(" ", stops));
        Assert.Equal(0, stops[(int)ReadStop.None] + stops[(int)ReadStop.StreamFailed]);
    }

    [Fact]
    public void A_length_that_lies_costs_no_memory()
    {
        // A frame that claims 128 MiB under a good checksum, in a file of a few kilobytes.
        byte[] file = [.. Whole[..(int)Offsets[1]], .. new byte[RecordingFormat.RecordHeaderBytes + 100]];
        var header = file.AsSpan((int)Offsets[1]);
        BinaryPrimitives.WriteInt32LittleEndian(header, RecordingFormat.PayloadBytesLimit);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)RecordKind.Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(header[..8]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var (_, reader) = ReadOffsets(file);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 * 1024);
        Assert.Equal(ReadStop.Cut, reader.Stop);
    }

    [Fact]
    public void A_length_over_its_maximum_is_damage()
    {
        byte[] file = [.. Whole];
        var header = file.AsSpan((int)Offsets[2]);
        BinaryPrimitives.WriteUInt32LittleEndian(header, uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(header[..8]));
        var (_, reader) = ReadOffsets(file);
        Assert.Equal(ReadStop.Damaged, reader.Stop);
        Assert.Contains("4294967295 bytes", reader.StopText);
    }

    [Fact]
    public void A_stream_that_fails_is_a_stop_of_its_own()
    {
        using var closed = new MemoryStream(Whole);
        var reader = new RecordReader(closed);
        Assert.True(reader.Read());
        closed.Dispose();
        Assert.False(reader.Read());
        Assert.Equal(ReadStop.StreamFailed, reader.Stop);
        Assert.False(reader.Read());
    }

    private static ReadStop ExpectedStop(int length)
    {
        if (length == 0)
        {
            return ReadStop.NotRecording;
        }

        if (Offsets.Contains(length))
        {
            return ReadStop.Unfinished;
        }

        return ReadStop.Cut;
    }

    private static (long[] Offsets, RecordReader Reader) ReadOffsets(byte[] file)
    {
        var offsets = new List<long>();
        var reader = new RecordReader(new MemoryStream(file));
        while (reader.Read())
        {
            offsets.Add(reader.OffsetBytes);
        }

        return ([.. offsets], reader);
    }

    private static byte[] SmallFile()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        writer.WriteTrace(RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 0, 1));
        foreach (var (layout, bytes) in RecordingSamples.Frames())
        {
            writer.WriteFrame(new EdgeRoute.Core.Frames.FrameStamp(0, 0, 1, 2), layout, bytes);
        }

        writer.WriteEvent(new RecordedEvent(6, 0, EventKind.Note, "ünïcode"));
        writer.WriteEnd(new SessionEnd(7, 0, 0, 0, [default, default]));
        return stream.ToArray();
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] mutant = random.Next(8) == 0 ? file[..random.Next(file.Length)] : [.. file];
        int changes = random.Next(1, 5);
        for (int i = 0; i < changes && mutant.Length > 0; i++)
        {
            int at = random.Next(mutant.Length);
            mutant[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => (byte)(mutant[at] ^ (1 << random.Next(8))),
                _ => (byte)random.Next(256) };
        }

        return mutant;
    }

    /// <summary>Makes every checksum of the file good again, as far as its lengths lead.</summary>
    private static void SealAgain(byte[] file)
    {
        int at = RecordingFormat.FileHeaderBytes;
        if (file.Length >= at)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), Crc32C.Of(file.AsSpan(0, 12)));
        }

        while (at + RecordingFormat.RecordHeaderBytes <= file.Length)
        {
            var record = file.AsSpan(at);
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], Crc32C.Of(record[..8]));
            long length = BinaryPrimitives.ReadUInt32LittleEndian(record);
            length += -length & (RecordingFormat.AlignmentBytes - 1);
            if (length > record.Length - RecordingFormat.RecordHeaderBytes)
            {
                return;
            }

            var payload = record.Slice(RecordingFormat.RecordHeaderBytes, (int)length);
            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], Crc32C.Of(payload));
            at += RecordingFormat.RecordHeaderBytes + payload.Length;
        }
    }
}
