using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Writes the folder of a pack of one stage: manifest, labels, model.</summary>
internal static class PackWriter
{
    public const string ManifestName = "manifest.json", LabelsName = "labels.txt";

    private const string CopyEnding = ".copying";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string folder, string model, string name, string licence, ImageInput input, ModelFamily family,
        IReadOnlyList<string> labels, IReadOnlyList<OnnxExternalFile> external)
    {
        Directory.CreateDirectory(folder);
        string file = Path.GetFileName(model);
        Copy(model, Path.Combine(folder, file));
        var stage = new JsonObject { ["name"] = "main", ["file"] = file, ["sha256"] = Sha256(model) };
        if (external.Count > 0)
        {
            string from = Path.GetDirectoryName(Path.GetFullPath(model))!;
            stage["weights"] = new JsonArray([.. external.Select(e => Weights(folder, from, e))]);
        }

        stage["input"] = InputBlock(input, family.Look.ForElement(input.Element));
        if (input.SizeTensor is { } size)
        {
            stage["size_input"] = size;
        }

        if (input.Mask is { } mask)
        {
            stage["mask_input"] = mask.Name;
        }

        var exit = new JsonObject { ["head"] = family.Head, ["outputs"] = new JsonArray([.. family.Outputs.Select(o => (JsonNode)o)]) };
        foreach (var (key, value) in family.Settings)
        {
            exit[key] = value?.DeepClone();
        }

        stage["exit"] = exit;
        var manifest = Manifest(name, licence, file, family, stage);
        if (labels.Count > 0)
        {
            File.WriteAllLines(Path.Combine(folder, LabelsName), labels.Select(l => l.ReplaceLineEndings(" ")));
        }
        else
        {
            manifest.Remove("labels_file");
        }

        File.WriteAllText(Path.Combine(folder, ManifestName), manifest.ToJsonString(Format) + "\n");
    }

    /// <summary>Copies a file of weights to where the model looks for it, and lists it.</summary>
    private static JsonNode Weights(string folder, string from, OnnxExternalFile external)
    {
        string file = Path.GetRelativePath(from, Path.GetFullPath(Path.Combine(from, external.Location)));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
        Copy(Path.Combine(from, file), Path.Combine(folder, file));
        return new JsonObject { ["file"] = file, ["sha256"] = Sha256(Path.Combine(folder, file)) };
    }

    private static JsonObject Manifest(string name, string licence, string file, ModelFamily family, JsonObject stage) => new()
    {
        ["manifest"] = 1,
        ["name"] = name,
        ["version"] = "1",
        ["title"] = $"{file}: {family.Title}",
        ["task"] = family.Task,
        ["licence"] = new JsonObject { ["spdx"] = licence, ["origin"] = $"{file}, imported" },
        ["labels_file"] = LabelsName,
        ["stages"] = new JsonArray(stage),
        ["edges"] = new JsonArray(new JsonObject { ["from"] = "frame", ["to"] = "main" }),
        ["policies"] = new JsonObject { ["fixed_route"] = "main" },
    };

    private static JsonObject InputBlock(ImageInput input, FrameLook look)
    {
        bool isGray = input.ChannelCount == 1;
        var block = new JsonObject
        {
            ["tensor"] = input.Tensor,
            ["width"] = input.Width,
            ["height"] = input.Height,
            ["channels"] = isGray ? "gray" : look.Channels,
            ["layout"] = input.IsNchw ? "nchw" : "nhwc",
            ["element"] = input.Element,
            ["fit"] = look.Fit,
        };
        if (look.Pad is { } pad)
        {
            block["pad"] = new JsonObject { ["value"] = pad.Value, ["placement"] = pad.Placement };
        }

        if (look.Fit == "center_crop")
        {
            // 256 before a cut of 224, which most classifiers are trained with.
            block["resize_shorter"] = Math.Max(input.Width, input.Height) * 256 / 224;
        }

        block["mean"] = Numbers(look.Mean, isGray);
        block["std"] = Numbers(look.Std, isGray);
        return block;
    }

    /// <summary>Of a grey input the middle one of three.</summary>
    private static JsonArray Numbers(double[] values, bool isGray) =>
        new([.. (isGray ? [values[values.Length / 2]] : values).Select(v => (JsonNode)v)]);

    /// <summary>Beside its place first: one of both may be a link to the other.</summary>
    private static void Copy(string from, string to)
    {
        if (Path.GetFullPath(from) == Path.GetFullPath(to))
        {
            return;
        }

        string beside = to + CopyEnding;
        try
        {
            File.Copy(from, beside, overwrite: true);
            File.Move(beside, to, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
