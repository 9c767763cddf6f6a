using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// How much each layer alone, in int8, changes what a stage's model yields: the measure for networks whose losses come from other things
/// than outliers, such as channels of very different ranges. Where answers are boxes they are compared: among the outputs are those of
/// classes and places where nothing is, whose changes nobody sees, however large they are beside what such outputs have.
/// </summary>
internal sealed class LayerSensitivity(QuantizeScene scene, string stage, ExitSpec exit)
{
    /// <summary>Frames that a layer is tried on: each counts with thousands of values, but with few boxes.</summary>
    private const int FrameCount = 8, BoxFrameCount = 12;

    /// <summary>Models that run in one pass, and bytes that they may come to together.</summary>
    private const int AtOnce = 12;
    private const long BytesMost = 1 << 30;

    /// <summary>By layer: its error, of which 0 is none.</summary>
    /// <param name="modelBytes">Of one model.</param>
    /// <param name="write">Writes the model in which only this layer is int8.</param>
    public IReadOnlyList<double> Run(IReadOnlyList<WeightedLayer> layers, long modelBytes, Func<WeightedLayer, SiblingFile> write)
    {
        var errors = new List<double>();
        foreach (var part in layers.Chunk((int)Math.Clamp(BytesMost / Math.Max(modelBytes, 1), 1, AtOnce)))
        {
            string what = string.Create(CultureInfo.InvariantCulture,
                $"layers of '{stage}' one by one, up to {errors.Count + part.Length} of {layers.Count}");
            SiblingFile[] files = [.. part.Select((l, i) => write(l) with { Name = FormattableString.Invariant($"layer{i}") })];
            errors.AddRange(Part(what, files));
            Array.ForEach(files, f => File.Delete(Path.Combine(scene.FilesFolder, f.File)));
        }

        return errors;
    }

    private double[] Part(string what, SiblingFile[] siblings)
    {
        var manifest = SiblingManifest.Alone(scene.Manifest, stage, scene.Pack.Labels);
        bool areBoxes = SiblingJudge.Boxes(exit);
        if (areBoxes)
        {
            SiblingJudge.LowerThresholds(SiblingManifest.StageOf(manifest, stage)["exit"]!.AsObject());
        }

        foreach (var sibling in siblings)
        {
            SiblingManifest.Add(manifest, stage, sibling.Name);
            SiblingManifest.Replace(manifest, sibling.Name, sibling);
        }

        double[] errors = new double[siblings.Length];
        BoxShift[] shifts = [.. siblings.Select(_ => new BoxShift())];
        scene.Pass(what, manifest, FrameRole.Calibrates, (session, frame) =>
        {
            int own = VariantOf(session, stage);
            bool isUsable = float.IsFinite(frame.Variants[own].Ms);
            for (int i = 0; i < errors.Length && isUsable; i++)
            {
                int judged = VariantOf(session, siblings[i].Name);
                if (areBoxes)
                {
                    shifts[i].Add(BoxesOf(frame, judged), BoxesOf(frame, own));
                }
                else
                {
                    errors[i] += exit.OutputNames
                        .Sum(o => ErrorOf(session.Values(own, o), session.Values(judged, o), session.Shape(own, o)));
                }
            }

            return isUsable;
        }, areBoxes ? BoxFrameCount : FrameCount);
        return areBoxes ? [.. shifts.Select(s => s.Value())] : errors;
    }

    private static ReadOnlySpan<Detection> BoxesOf(SweptFrame frame, int variant) =>
        frame.Variants[variant].Answer is { } answer ? answer.Detections : default;

    private static int VariantOf(SweepSession session, string name) =>
        session.Pack.Tree.Variants.First(v => session.Pack.Pack.Stages[v.StageIndex].Name == name).Index;

    /// <summary>
    /// Mean over the channels of the squared difference by the variance, so that each channel counts alike whatever its unit. The channels
    /// lie along the smallest of the sizes above one: numbers of a box, classes, planes of a map.
    /// </summary>
    internal static double ErrorOf(ReadOnlySpan<float> right, ReadOnlySpan<float> judged, ReadOnlySpan<long> shape)
    {
        long[] sizes = shape.ToArray();
        int axis = Array.FindIndex(sizes, s => s == sizes.Where(n => n > 1).DefaultIfEmpty(1).Min());
        int channels = right.Length == judged.Length && axis >= 0 && sizes.Count(s => s > 1) > 1 ? (int)sizes[axis] : 1;
        int inner = channels > 1 ? (int)sizes.Skip(axis + 1).Aggregate(1L, (a, b) => a * b) : 1;
        double[] sum = new double[channels], squares = new double[channels], errors = new double[channels];
        for (int i = 0; i < right.Length && i < judged.Length; i++)
        {
            int c = i / inner % channels;
            double difference = (double)right[i] - judged[i];
            sum[c] += right[i];
            squares[c] += (double)right[i] * right[i];
            errors[c] += difference * difference;
        }

        double count = (double)right.Length / channels;
        return Enumerable.Range(0, channels).Average(c =>
        {
            double spread = squares[c] - (sum[c] * sum[c] / count);
            return spread > 0 ? errors[c] / spread : 0;
        });
    }
}
