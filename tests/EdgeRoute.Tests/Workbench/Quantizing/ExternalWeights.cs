using System.Security.Cryptography;
using Google.Protobuf;
using Onnx;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Puts a model's weights into a file beside it, as exporters of large models do.</summary>
internal static class ExternalWeights
{
    public static void MoveOut(ModelProto model, TemporaryFolder folder, string name)
    {
        using var file = File.Create(folder.File(name));
        foreach (var tensor in model.Graph.Initializer.Where(t => t.RawData.Length >= 64))
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = name });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{file.Position}" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.RawData.Length}" });
            tensor.RawData.WriteTo(file);
            tensor.RawData = ByteString.Empty;
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
        }
    }

    public static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}

/// <summary>The project's own pack of three stages, in a folder of its own.</summary>
internal static class ShapesCopy
{
    public static void Write(TemporaryFolder folder)
    {
        string from = Path.Combine(TestPlaces.Repository, "models", "shapes");
        foreach (string file in Directory.GetFiles(from).Where(f => !f.EndsWith(".md", StringComparison.Ordinal)))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }
    }
}
