using System.Security.Cryptography;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Packs of one small classifier of 32 x 32 pictures, and footage of the simulated table for them.</summary>
internal static class SmallPacks
{
    public const int Side = 32;

    public const string Footage = "sim://tabletop?width=64&height=48&frames=48";

    /// <summary>Convolutions with everything that stays int8 between them: bounds, sigmoids, sums, pools, joined channels.</summary>
    public static SmallNetwork Convolutions(int operatorSet = 13, long batch = 1)
    {
        var net = new SmallNetwork(operatorSet).Input("images", batch, 3, Side, Side).Output("logits", batch, 4);
        string first = net.Add("Relu", [net.Conv("images", 3, 8)]);
        string second = net.Conv(first, 8, 8);
        string silu = net.Add("Mul", [second, net.Add("Sigmoid", [second])]);
        string sum = net.Add("Add", [silu, first]);
        string half = net.Add("MaxPool", [sum], SmallNetwork.Ints("kernel_shape", 2, 2), SmallNetwork.Ints("strides", 2, 2));
        string joined = net.Add("Concat", [net.Conv(half, 8, 8), half], OnnxModelFile.Whole("axis", 1));
        string last = net.Add("Clip", [net.Conv(joined, 16, 8), net.Constant([0]), net.Constant([6])]);
        string pooled = net.Add("GlobalAveragePool", [net.Conv(last, 8, 24)]);
        string flat = net.Add("Flatten", [pooled]);
        net.End(net.Add("Gemm", [flat, net.Weights(2, 24, 4), net.Weights(0.1f, 4)]), "logits");
        return net;
    }

    /// <summary>Products with weights as in transformers; one takes values of which a few are far larger than the others.</summary>
    /// <param name="outlier">How much larger.</param>
    public static SmallNetwork Products(float outlier = 1)
    {
        const int Width = 48;
        var net = new SmallNetwork().Input("images", 1, 3, Side, Side).Output("logits", 1, 4);
        string patches = net.Add("Conv", ["images", net.Weights(0.2f, Width, 3, 8, 8), net.Weights(0.1f, Width)],
            SmallNetwork.Ints("strides", 8, 8));
        string tokens = net.Add("Transpose", [net.Add("Reshape", [patches, net.Wholes(1, Width, -1)])], SmallNetwork.Ints("perm", 0, 2, 1));
        float[] gain = [.. Enumerable.Range(0, Width).Select(i => i == 5 ? outlier : 1)];
        for (int block = 0; block < 4; block++)
        {
            string scaled = block == 2 ? net.Add("Mul", [tokens, net.Constant(gain, Width)]) : tokens;
            string grown = net.Add("MatMul", [scaled, net.Weights(0.25f, Width, 2 * Width)]);
            string active = net.Add("Tanh", [net.Add("Add", [grown, net.Weights(0.2f, 2 * Width)])]);
            tokens = net.Add("Add", [net.Add("MatMul", [active, net.Weights(0.25f, 2 * Width, Width)]), tokens]);
        }

        string mean = net.Add("ReduceMean", [tokens], SmallNetwork.Ints("axes", 1), OnnxModelFile.Whole("keepdims", 0));
        net.End(net.Add("Gemm", [mean, net.Weights(1, Width, 4)]), "logits");
        return net;
    }

    /// <summary>Writes the model and a manifest for it; returns the folder.</summary>
    public static string Write(TemporaryFolder folder, SmallNetwork network, string more = "")
    {
        string model = network.Write(folder);
        return WriteManifest(folder, model, more);
    }

    public static string WriteManifest(TemporaryFolder folder, string model, string more = "")
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model)));
        folder.Write("manifest.json", $$"""
            {
              "manifest": 1, "name": "small", "version": "1", "title": "Small", "task": "classification",
              "licence": { "spdx": "Apache-2.0", "origin": "a test" },
              "labels": ["a", "b", "c", "d"],
              "stages": [{
                "name": "main", "file": "{{Path.GetFileName(model)}}", "sha256": "{{sha256}}", {{more}}
                "input": { "tensor": "images", "width": 32, "height": 32, "channels": "rgb", "fit": "stretch", "mean": [127.5],
                  "std": [127.5] },
                "exit": { "head": "softmax_classification", "outputs": ["logits"] }
              }],
              "edges": [{ "from": "frame", "to": "main" }, { "from": "frame", "to": "previous" }],
              "policies": { "fixed_route": "main" }
            }
            """);
        return folder.Path;
    }

    public static QuantizeRequest Request(string pack) => new(pack, null, Footage, [])
    {
        Library = TestPlaces.OnnxRuntimeLibrary, ThreadCount = 1,
    };

    public static QuantizeReport Quantize(QuantizeRequest request) =>
        QuantizeRun.Run(request, (_, _) => { }, _ => { }, CancellationToken.None);
}
