using EdgeRoute.Documents;
using EdgeRoute.Engine.Probing;
using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>Runs models that are being looked at, on grey.</summary>
internal static class SplitProbe
{
    private const string Name = "probed.onnx";

    private const float Grey = 0.45f;

    /// <summary>What <see cref="VitFinder"/> looks through.</summary>
    /// <param name="folder">For the models, one after the other.</param>
    /// <param name="library">The ONNX Runtime library or its folder; null searches the usual places.</param>
    public static Func<ModelProto, IReadOnlyDictionary<string, SeenTensor>> On(string folder, string? library,
        EngineReporter report) => model =>
    {
        string path = Path.Combine(folder, Name);
        try
        {
            OnnxModelFile.Write(model, path);
            using var probe = ModelProbe.Open(path, library, report);
            var input = probe.Inputs[0];
            if (input.Shape.Skip(1).Any(s => s < 1))
            {
                throw new InvalidDataException($"input '{input.Name}' leaves its size open ({input.ShapeText}); export the model with a "
                    + "fixed width and height");
            }

            long[] shape = [1, .. input.Shape.Skip(1)];
            return probe.Run([new ProbeInput(shape, [Grey])]).ToDictionary(o => o.Name, o => new SeenTensor(o.Shape, o.Values),
                StringComparer.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    };
}
