using System.Globalization;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtWeightSharingTests
{
    private const int Rows = 2048;
    private const int Columns = 4096;

    [SkippableFact]
    public void Two_models_read_the_same_weights_file()
    {
        float[] weights = [.. File.ReadAllBytes(OrtPlace.Model("external.weights")).Chunk(4).Select(bytes => BitConverter.ToSingle(bytes))];
        Assert.Equal(Enumerable.Range(0, 8).Select(i => weights[i]), RunFirstRow("external_a.onnx"));
        Assert.Equal(RunFirstRow("external_a.onnx"), RunFirstRow("external_b.onnx"));
    }

    /// <summary>
    /// Counted in the mappings of the weights file, which belong to this test alone: clean pages are shared with every other mapping of the
    /// file, so a second session costs none of the 32 MB again; with prepacking each session makes a private copy and keeps no mapping.
    /// </summary>
    [SkippableFact]
    public void Weights_stay_mapped_and_clean_when_prepacking_is_off()
    {
        using var folder = new TemporaryFolder();
        string model = CopyLargeModel(folder);
        using OrtSession first = Open(model, disablePrepacking: true), second = Open(model, disablePrepacking: true);
        Assert.Equal(RunLarge(first), RunLarge(second));

        List<string[]> mappings = [.. MappingsOf(folder.File("external_large.weights"))];
        Assert.Equal(2, mappings.Count);
        Assert.All(mappings, mapping =>
        {
            Assert.Equal(Rows * Columns * 4 / 1024, Kilobytes(mapping, "Size:"));
            Assert.Equal(0, Kilobytes(mapping, "Private_Dirty:"));
            Assert.Equal(0, Kilobytes(mapping, "Anonymous:"));
        });
    }

    [SkippableFact]
    public void Prepacking_keeps_no_mapping()
    {
        using var folder = new TemporaryFolder();
        using OrtSession session = Open(CopyLargeModel(folder), disablePrepacking: false);
        RunLarge(session);
        Assert.Empty(MappingsOf(folder.File("external_large.weights")));
    }

    private static float[] RunFirstRow(string name)
    {
        using OrtSession session = OrtPlace.Open(name);
        using var run = new OrtRun(session);
        using OrtTensor x = OrtTensor.Allocate(OrtElementType.Float, [1, 16]);
        x.Floats[0] = 1;
        run.SetInput(0, x);
        run.Run();
        using OrtTensor y = run.TakeOutput(0);
        return y.Floats.ToArray();
    }

    private static string CopyLargeModel(TemporaryFolder folder)
    {
        File.Copy(OrtPlace.Model("external_large.onnx"), folder.File("external_large.onnx"));
        using FileStream weights = File.Create(folder.File("external_large.weights"));
        var row = new byte[Columns * 4];
        for (int i = 0; i < Rows; i++)
        {
            BitConverter.TryWriteBytes(row, (float)i);
            weights.Write(row);
        }
        return folder.File("external_large.onnx");
    }

    private static OrtSession Open(string model, bool disablePrepacking)
        => OrtSession.Open(OrtPlace.Environment, model, new OrtSessionRequest { DisablePrepacking = disablePrepacking });

    private static float RunLarge(OrtSession session)
    {
        using var run = new OrtRun(session);
        using OrtTensor x = OrtTensor.Allocate(OrtElementType.Float, [1, Rows]);
        x.Floats[^1] = 2;
        run.SetInput(0, x);
        run.Run();
        using OrtTensor y = run.TakeOutput(0);
        Assert.Equal(2 * (Rows - 1), y.Floats[0]);
        return y.Floats[0];
    }

    /// <summary>The lines of /proc/self/smaps about each mapping of a file.</summary>
    private static IEnumerable<string[]> MappingsOf(string path)
    {
        string[] lines = File.ReadAllLines("/proc/self/smaps");
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].EndsWith(path, StringComparison.Ordinal))
            {
                yield return [.. lines.Skip(i + 1).TakeWhile(line => !line.StartsWith("VmFlags", StringComparison.Ordinal))];
            }
        }
    }

    private static int Kilobytes(string[] mapping, string field)
    {
        string line = mapping.Single(line => line.StartsWith(field, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(field.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
    }
}
