using System.Text;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Workbench.Exporting;

/// <summary>
/// A folder with a recording of two cameras, the first with JPEGs and decisions of the real router, the second with raw pictures, and the
/// answers of the first; exported and read by others.
/// </summary>
internal sealed class ExportSample : IDisposable
{
    public const int FrameCount = 40, Width = 64, Height = 48;

    /// <summary>Capture of the first camera's first frame, as <see cref="RecordingSamples.Trace"/> has it.</summary>
    private const long FirstNs = 5_000_000_000, FrameNs = 33_000_000;

    private readonly FrameCompressor _compressor = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("edgeroute-export-").FullName;

    public string RecordingPath => Path.Combine(Folder, "run.erec");

    public string AnswersPath => Path.Combine(Folder, "answers.jsonl");

    public string OutPath => Path.Combine(Folder, "run.mcap");

    public void Dispose()
    {
        _compressor.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Nanoseconds since 1970 at which a frame of the first camera was captured.</summary>
    public static long UtcOf(long sequence) =>
        RecordingSamples.Session.UtcNs + FirstNs + (sequence * FrameNs) - RecordingSamples.Session.StartNs;

    /// <param name="session">Null: that of the samples, whose clock knows the time of day.</param>
    public byte[] Record(SessionStart? session = null, bool withPictures = true, bool withEnd = true)
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, session ?? RecordingSamples.Session);
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        writer.WriteEvent(new RecordedEvent(FirstNs - 1, -1, EventKind.Note, "the run began"));
        for (int i = 0; i < FrameCount; i++)
        {
            // Traces come before their frames now and then, as a recording thread may write them.
            if (i % 3 == 0)
            {
                writer.WriteTrace(RecordingSamples.Trace(router, i, i));
            }

            if (withPictures)
            {
                WritePictures(writer, i);
            }

            if (i % 3 != 0)
            {
                writer.WriteTrace(RecordingSamples.Trace(router, i, i));
            }
        }

        writer.WriteEvent(new RecordedEvent(FirstNs + (FrameCount * FrameNs), 1, EventKind.SourceFault, "camera gone"));
        if (withEnd)
        {
            writer.WriteEnd(new SessionEnd(FirstNs + 9_000_000_000, 0, 0, 0, [default, default]));
        }
        else
        {
            writer.Flush();
        }

        return stream.ToArray();
    }

    /// <summary>Answers as the device writes them, one for each frame of the first camera: a turned box, key points and a mask.</summary>
    public static string Answers(long captureShiftNs = 0)
    {
        var lines = new StringBuilder();
        for (int i = 0; i < FrameCount; i++)
        {
            lines.Append(JsonSerializer.Serialize(AnswerOf(i, captureShiftNs))).Append('\n');
        }

        return lines.ToString();
    }

    public ExportReport Export(byte[] recording, ExportRequest? request = null, string? answers = null)
    {
        File.WriteAllBytes(RecordingPath, recording);
        if (answers is not null)
        {
            File.WriteAllText(AnswersPath, answers);
        }

        request ??= Request(answers is null ? null : AnswersPath);
        return new McapExport(RecordingPath, request, "edgeroute test").Run(OutPath, null, mayReplace: true, _ => { },
            CancellationToken.None);
    }

    public static ExportRequest Request(string? answersPath = null, ExportInstant? from = null, ExportInstant? to = null,
        bool isCompressed = true, params string[] sources) => new(answersPath, sources, from, to, isCompressed);

    private void WritePictures(RecordWriter writer, int index)
    {
        var rgb = FrameLayout.Packed(PixelFormat.Rgb, Width, Height);
        var pixels = new byte[rgb.SizeBytes];
        pixels.AsSpan().Fill((byte)(index * 5));
        byte[] jpeg = _compressor.Compress(rgb, pixels).ToArray();
        long captureNs = FirstNs + (index * FrameNs);
        writer.WriteFrame(new FrameStamp(0, index, captureNs, 0), FrameLayout.Compressed(0, 0, jpeg.Length), jpeg);
        if (index % 10 == 0)
        {
            var nv12 = FrameLayout.Packed(PixelFormat.Nv12, 32, 16);
            writer.WriteFrame(new FrameStamp(1, index, captureNs + 5, 0), nv12, new byte[nv12.SizeBytes]);
        }
    }

    private static Dictionary<string, object> AnswerOf(int index, long captureShiftNs)
    {
        const int side = 16;
        float[] map = [.. Enumerable.Range(0, side * side).Select(c => c / side is >= 4 and < 12 && c % side is >= 2 and < 8 ? 1f : 0f)];
        string counts = Encoding.ASCII.GetString(new MaskRuns().Encode(map, side, 1));
        return new Dictionary<string, object>
        {
            ["source"] = "front", ["sequence"] = index, ["capture_ns"] = FirstNs + (index * FrameNs) + captureShiftNs,
            ["capture_utc_ns"] = UtcOf(index) + captureShiftNs, ["end"] = "completed", ["path"] = "light", ["latency_ms"] = 12.5,
            ["late"] = false, ["stale"] = false, ["task"] = "detection", ["carried"] = false, ["age_ms"] = 0, ["seen_sequence"] = index,
            ["detections"] = new object[]
            {
                new Dictionary<string, object>
                {
                    ["class"] = "cup", ["class_index"] = 1, ["confidence"] = 0.75, ["box"] = (double[])[0.25, 0.5, 0.5, 0.25],
                    ["track"] = 7, ["track_ms"] = 1200, ["keypoints"] = (double[][])[[0.5, 0.5, 0.9], [0.1, 0.1, 0.1]],
                    ["mask"] = new { size = (int[])[side, side], counts },
                },
                new Dictionary<string, object>
                {
                    ["class"] = "pen", ["class_index"] = 2, ["confidence"] = 0.5, ["box"] = (double[])[0, 0, 0.25, 0.25],
                    ["corners"] = (double[][])[[0, 0], [0.2, 0.1], [0.2, 0.2], [0, 0.1]], ["angle"] = 0.4,
                },
            },
        };
    }
}
