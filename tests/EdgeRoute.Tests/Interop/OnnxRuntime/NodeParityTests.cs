using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeRoute.Interop.OnnxRuntime;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>
/// Every model of the data folder on 20 real pictures: our outputs equal those of onnxruntime-node, another client of the same library.
/// What is compared is the client (memory, shapes, types, sessions), so the pictures are prepared once, simply, for both.
/// </summary>
public sealed class NodeParityTests(ITestOutputHelper output)
{
    private const int PictureCount = 20;
    private const float Tolerance = 1e-5f;

    private static string NodeModules => Path.Combine(TestPlaces.Repository, "runtime", "natives", "node_modules");

    /// <summary>Paths below the data folder; one row that skips where the folder is absent.</summary>
    public static TheoryData<string> Models()
    {
        string[] kinds = ["detectors", "classifiers", "policies", "trackers"];
        IEnumerable<string> found = kinds.Where(kind => Directory.Exists(Path.Combine(TestPlaces.Data ?? "", kind))
            && TestPlaces.Data is not null)
            .SelectMany(kind => Directory.GetFiles(Path.Combine(TestPlaces.Data!, kind), "*.onnx"))
            .Select(path => Path.GetRelativePath(TestPlaces.Data!, path)).Order(StringComparer.Ordinal);
        return [.. found.DefaultIfEmpty("detectors")];
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Outputs_equal_those_of_another_client(string model)
    {
        string path = TestPlaces.NeedData(model);
        Skip.IfNot(Directory.Exists(Path.Combine(NodeModules, "onnxruntime-node")), "needs onnxruntime-node: run ./build.sh natives");
        Skip.IfNot(Tool.IsInstalled("node") && Tool.IsInstalled("djpeg"), "needs node and djpeg (Debian: nodejs, libjpeg-turbo-progs)");
        using OrtSession session = OrtSession.Open(OrtPlace.Environment, path, new OrtSessionRequest());
        using var folder = new TemporaryFolder();
        OrtTensor[][] inputs = [.. Pictures().Select(picture => session.Inputs.Select(spec => PictureTensor.Make(spec, picture, model))
            .ToArray())];
        RunNode(path, session, inputs, folder);

        float largest = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            largest = Math.Max(largest, LargestDifference(session, inputs[i], folder.File($"{i}")));
            Array.ForEach(inputs[i], tensor => tensor.Dispose());
        }
        output.WriteLine($"{model}: {PictureCount} pictures, largest difference {largest}");
        Assert.True(largest <= Tolerance, $"{model}: outputs differ by up to {largest}");
    }

    private static IEnumerable<PictureTensor.Picture> Pictures()
    {
        string[] files = [.. Directory.GetFiles(TestPlaces.NeedData("coco-val", "images"), "*.jpg").Order(StringComparer.Ordinal)
            .Take(PictureCount)];
        Assert.Equal(PictureCount, files.Length);
        return files.Select(PictureTensor.Decode);
    }

    private static void RunNode(string model, OrtSession session, OrtTensor[][] inputs, TemporaryFolder folder)
    {
        var job = inputs.Select((tensors, run) =>
        {
            string runFolder = Directory.CreateDirectory(folder.File($"{run}")).FullName;
            var files = tensors.Select((tensor, i) => Describe(session.Inputs[i], tensor, Path.Combine(runFolder, $"input{i}")));
            return new { inputs = files, outputFolder = runFolder };
        });
        File.WriteAllText(folder.File("job.json"), JsonSerializer.Serialize(job));
        Tool.Run("node", TestPlaces.Fixture("node-parity", "run.mjs"), NodeModules, model, folder.File("job.json"));
    }

    private static object Describe(OrtTensorSpec spec, OrtTensor tensor, string file)
    {
        File.WriteAllBytes(file, tensor.Bytes.ToArray());
        string type = tensor.ElementType == OrtElementType.Float16 ? "float16" : "float32";
        return new { name = spec.Name, type, dims = tensor.Shape.ToArray(), file };
    }

    private static float LargestDifference(OrtSession session, OrtTensor[] inputs, string folder)
    {
        using var run = new OrtRun(session);
        for (int i = 0; i < inputs.Length; i++)
        {
            run.SetInput(i, inputs[i]);
        }
        run.Run();
        float largest = 0;
        for (int i = 0; i < session.Outputs.Count; i++)
        {
            using OrtTensor ours = run.TakeOutput(i);
            Assert.Equal(JsonSerializer.Deserialize<long[]>(File.ReadAllText(Path.Combine(folder, $"{i}.json"))), ours.Shape.ToArray());
            byte[] theirs = File.ReadAllBytes(Path.Combine(folder, $"{i}.bin"));
            Assert.Equal(theirs.Length, ours.ByteCount);
            largest = Math.Max(largest, LargestDifference(Numbers(ours.ElementType, ours.Bytes), Numbers(ours.ElementType, theirs)));
        }
        return largest;
    }

    private static float[] Numbers(OrtElementType type, ReadOnlySpan<byte> bytes) => type == OrtElementType.Float16
        ? Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), half => (float)half)
        : MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    private static float LargestDifference(float[] ours, float[] theirs)
    {
        Assert.True(Array.TrueForAll(ours, float.IsFinite) && Array.TrueForAll(theirs, float.IsFinite));
        // A network whose answer does not depend on the picture would agree about anything.
        Assert.True(ours.Length == 1 || ours.Max() > ours.Min());
        return ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
    }
}
