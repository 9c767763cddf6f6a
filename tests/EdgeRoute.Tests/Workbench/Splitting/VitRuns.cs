using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using EdgeRoute.Tests.Workbench.Quantizing;
using EdgeRoute.Workbench.Quantizing;
using EdgeRoute.Workbench.Splitting;
using Onnx;

namespace EdgeRoute.Tests.Workbench.Splitting;

/// <summary>Finds, cuts and runs transformers in real sessions.</summary>
internal sealed class VitRuns(TemporaryFolder folder)
{
    private int _count;

    public VitModel Find(string path) => VitFinder.Find(path, SplitProbe.On(folder.Path, TestPlaces.OnnxRuntimeLibrary, (_, _) => { }));

    public VitModel Find(SmallNetwork network) => Find(network.Write(folder, $"model_{_count++}.onnx"));

    /// <summary>Outputs by name.</summary>
    public Dictionary<string, RunValue> Run(ModelProto model, IReadOnlyDictionary<string, RunValue> given, long keep = 0)
    {
        string path = folder.File($"run_{_count++}.onnx");
        OnnxModelFile.Write(model, path);
        using var session = OrtSession.Open(OrtPlace.Environment, path, new OrtSessionRequest());
        using var run = new OrtRun(session);
        var tensors = new List<OrtTensor>();
        for (int i = 0; i < session.Inputs.Count; i++)
        {
            var spec = session.Inputs[i];
            var tensor = OrtTensor.Allocate(spec.ElementType, spec.Name == StageWriter.KeepName ? [1] : given[spec.Name].Shape);
            tensors.Add(tensor);
            if (spec.Name == StageWriter.KeepName)
            {
                tensor.Longs[0] = keep;
            }
            else
            {
                given[spec.Name].Values.CopyTo(tensor.Floats);
            }

            run.SetInput(i, tensor);
        }

        run.Run();
        var outputs = new Dictionary<string, RunValue>(StringComparer.Ordinal);
        for (int i = 0; i < session.Outputs.Count; i++)
        {
            using var output = run.TakeOutput(i);
            outputs[session.Outputs[i].Name] = new RunValue(output.Floats.ToArray(), output.Shape.ToArray());
        }

        tensors.ForEach(t => t.Dispose());
        return outputs;
    }

    /// <summary>All stages one after the other; the outputs of each.</summary>
    public List<Dictionary<string, RunValue>> RunStages(IReadOnlyList<StageModel> stages, string input, float[] picture,
        long[] shape, long keep)
    {
        var given = new Dictionary<string, RunValue>(StringComparer.Ordinal) { [input] = new(picture, shape) };
        var all = new List<Dictionary<string, RunValue>>();
        foreach (var stage in stages)
        {
            all.Add(Run(stage.Model, given, keep));
            foreach (var (name, value) in all[^1])
            {
                given[name] = value;
            }
        }

        return all;
    }

    public static float Difference(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}

/// <summary>A tensor that went into a session or came out of it.</summary>
internal sealed record RunValue(float[] Values, long[] Shape);
