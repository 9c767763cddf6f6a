using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Packs;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A pack with more input sizes than it lists, where the graphs of its models leave the size open.</summary>
internal static class ScaledPack
{
    private const string ManifestName = "manifest.json", LabelsProperty = "labels_file";

    /// <param name="folder">For the manifest and the labels; the model files stay where they are.</param>
    /// <returns>The manifest; null where no stage takes frames of another size.</returns>
    public static string? Make(Pack pack, IReadOnlyList<double> scales, string folder)
    {
        string[] open = [.. pack.Stages.Where(IsOpen).Select(s => s.Name)];
        if (open.Length == 0)
        {
            return null;
        }

        var manifest = JsonNode.Parse(File.ReadAllText(pack.ManifestPath))!.AsObject();
        foreach (var edge in manifest["edges"]!.AsArray().Where(e => open.Contains((string?)e!["to"])))
        {
            double[] listed = edge!["scale"] is JsonArray given ? [.. given.Select(s => (double)s!)] : [1];
            edge["scale"] = new JsonArray([.. listed.Union(scales).OrderDescending().Select(s => (JsonNode)s)]);
        }

        // They are of the manifest as it was.
        manifest.Remove("checksums");
        PackExport.RemoveCrops(manifest);
        Directory.CreateDirectory(folder);
        if ((string?)manifest[LabelsProperty] is { } labels)
        {
            File.Copy(Path.Combine(Path.GetDirectoryName(pack.ManifestPath)!, labels), Path.Combine(folder, Path.GetFileName(labels)),
                overwrite: true);
            manifest[LabelsProperty] = Path.GetFileName(labels);
        }

        string path = Path.Combine(folder, ManifestName);
        File.WriteAllText(path, manifest.ToJsonString());
        return path;
    }

    private static bool IsOpen(PackStage stage)
    {
        if (stage.Input is not { } input || stage.Features.Count > 0)
        {
            return false;
        }

        var shape = OnnxHeader.Read(stage.FilePath).Inputs.FirstOrDefault(i => i.Name == input.TensorName)?.Shape;
        int height = input.Spec.Layout == TensorLayout.Nchw ? 2 : 1;
        return shape is { Count: 4 } && shape[height] < 0 && shape[height + 1] < 0;
    }
}
