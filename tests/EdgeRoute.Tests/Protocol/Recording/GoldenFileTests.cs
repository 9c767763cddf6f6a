using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Sweeping;

namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>
/// The files in tests/fixtures/protocol never change: what was recorded once must be readable for ever. A new version of the format adds
/// files. EDGEROUTE_WRITE_FIXTURES=1 writes those that are missing.
/// </summary>
public sealed class GoldenFileTests
{
    private static readonly string[] Names = ["whole.erec", "cut.erec", "damaged.erec", "unfinished.erec", "later.erec", "other.erec",
        "sweep.erec", "details.erec", "told.erec"];

    public static TheoryData<string> Files => new(Names);

    [Fact]
    public void The_checksum_is_the_published_one() => Assert.Equal(0xE3069283u, Crc32C.Of(Encoding.ASCII.GetBytes("123456789")));

    [Theory]
    [MemberData(nameof(Files))]
    public void The_writer_gives_the_golden_bytes(string name)
    {
        string path = TestPlaces.Fixture("protocol", name);
        if (Environment.GetEnvironmentVariable("EDGEROUTE_WRITE_FIXTURES") == "1" && !File.Exists(path))
        {
            File.WriteAllBytes(path, Build(name));
        }

        Assert.Equal(File.ReadAllBytes(path), Build(name));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_independent_reader_sees_the_same(string name)
    {
        string path = TestPlaces.Fixture("protocol", name);
        var theirs = JsonNode.Parse(RunPython(path));
        var ours = JsonNode.Parse(RecordingJson.Of(File.ReadAllBytes(path)).ToJsonString());
        Assert.True(JsonNode.DeepEquals(theirs, ours), $"read.py: {theirs}\nours: {ours}");
    }

    [Fact]
    public void Each_golden_file_stops_as_its_name_says()
    {
        Assert.Equal(
            [ReadStop.Complete, ReadStop.Cut, ReadStop.Damaged, ReadStop.Unfinished, ReadStop.UnknownVersion, ReadStop.NotRecording,
                ReadStop.Unfinished, ReadStop.Unfinished, ReadStop.Unfinished],
            Names.Select(name => ReadAll(File.ReadAllBytes(TestPlaces.Fixture("protocol", name))).Stop));
    }

    [Fact]
    public void What_was_read_writes_the_same_bytes_again()
    {
        byte[] golden = File.ReadAllBytes(TestPlaces.Fixture("protocol", "whole.erec"));
        var reader = new RecordReader(new MemoryStream(golden));
        var copy = new MemoryStream();
        RecordWriter? writer = null;
        while (reader.Read())
        {
            writer = Copy(reader, writer, copy);
        }

        Assert.Equal(golden, copy.ToArray());
        Assert.Equal(golden.Length, writer!.LengthBytes);
        Assert.Equal(1, reader.UnknownCount);
    }

    [Fact]
    public void Swept_frames_are_known() => Assert.Equal(0,
        ReadAll(File.ReadAllBytes(TestPlaces.Fixture("protocol", "sweep.erec"))).UnknownCount);

    [Fact]
    public void What_frames_are_told_is_known()
    {
        var reader = new RecordReader(new MemoryStream(RecordingSamples.ToldFile()));
        var told = new List<(long Sequence, string State, string? Instruction)>();
        while (reader.Read())
        {
            told.AddRange(reader.Kind == RecordKind.Told
                ? [(reader.Told.Sequence, string.Join(' ', reader.Told.State), reader.Told.Instruction)] : []);
        }

        Assert.Equal([(0, "0.5 -1 1", "put the red star on the blue pad"), (1, "0.25 0 -1", null), (2, "", "grün")], told.ToArray());
        Assert.Equal(0, reader.UnknownCount);
    }

    private static RecordWriter Copy(RecordReader reader, RecordWriter? writer, Stream target)
    {
        switch (reader.Kind)
        {
            case RecordKind.SessionStart: return new RecordWriter(target, reader.Session!);
            case RecordKind.Trace: writer!.WriteTrace(reader.Trace); break;
            case RecordKind.Frame: writer!.WriteFrame(reader.FrameStamp, reader.FrameLayout, reader.FrameBytes); break;
            case RecordKind.Event: writer!.WriteEvent(reader.Event!); break;
            case RecordKind.SessionEnd: writer!.WriteEnd(reader.End!); break;
            default: writer!.WriteRecord(reader.Kind, reader.Payload); break;
        }

        return writer!;
    }

    private static byte[] Build(string name)
    {
        byte[] whole = RecordingSamples.WholeFile();
        int end = whole.Length - RecordingFormat.RecordHeaderBytes - RecordingFormat.SessionEndHeaderBytes
            - (2 * RecordingFormat.TallyBytes);
        switch (name)
        {
            case "cut.erec": return whole[..(whole.Length / 2)];
            case "unfinished.erec": return whole[..end];
            case "sweep.erec": return SweptSamples.File();
            case "details.erec": return SweptSamples.DetailedFile();
            case "told.erec": return RecordingSamples.ToldFile();
            case "other.erec": return [.. "This is not a recording."u8];
            case "damaged.erec": whole[whole.Length * 2 / 3] ^= 0x10; return whole;
            case "later.erec":
                whole[8] = RecordingFormat.Version + 1;
                BitConverter.TryWriteBytes(whole.AsSpan(12), Crc32C.Of(whole.AsSpan(0, 12)));
                return whole[..64];
            default: return whole;
        }
    }

    internal static RecordReader ReadAll(byte[] file)
    {
        var reader = new RecordReader(new MemoryStream(file));
        while (reader.Read())
        {
        }

        return reader;
    }

    private static string RunPython(string path)
    {
        var start = new ProcessStartInfo("python3", [TestPlaces.Fixture("protocol", "read.py"), path])
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
