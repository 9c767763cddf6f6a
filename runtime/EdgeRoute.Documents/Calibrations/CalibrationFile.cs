using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Documents.Calibrations;

/// <summary>A calibration that fits its pack, ready to decide by.</summary>
public sealed record LoadedCalibration(CalibrationDocument Document, Calibration Calibration, string Sha256)
{
    /// <summary>
    /// The certified floor at least as high as the one asked for, with the highest price among such; null when the file certifies none.
    /// </summary>
    public CalibrationDocument.FloorPart? FloorFor(double floor) =>
        Document.Floors.Where(f => f.PriceIndex >= 0 && f.Floor >= floor - 1e-9).MaxBy(f => f.PriceIndex);

    /// <summary>Writes the measured costs of the file's device into a table.</summary>
    public void FillCosts(RouteTree tree, CostTable costs)
    {
        var byName = Document.Costs.ToDictionary(c => c.Option, StringComparer.Ordinal);
        foreach (var option in tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0 && byName.ContainsKey(o.Name)))
        {
            costs.SetProfile(option.VariantIndex, new StageCost(byName[option.Name].MsP50, byName[option.Name].MsP95));
        }
    }
}

/// <summary>Reads and writes calibration files.</summary>
public static class CalibrationFile
{
    /// <summary>The format that this build reads and writes.</summary>
    public const int Version = 1;

    /// <summary>Name of the file beside a pack's manifest.</summary>
    public const string UsualName = "calibration.json";

    /// <summary>A large route tree with logistic plans comes to about a megabyte.</summary>
    private const int LimitBytes = 32 << 20;

    /// <summary>64 bits: damage is no attack, whoever can write the file can write its checksums.</summary>
    private const int SumDigits = 16;

    /// <summary>Reads a file and checks that it belongs to the pack.</summary>
    /// <exception cref="ArgumentException">The file cannot be read, is damaged, of another version, or of another pack; the message says
    /// what to do.</exception>
    public static LoadedCalibration Read(string path, Pack pack, RouteTree tree)
    {
        byte[] bytes = Load(path);
        try
        {
            if (DocumentFile.FindFault(bytes) is { } fault)
            {
                throw new ArgumentException(fault);
            }

            var document = JsonSerializer.Deserialize(bytes, CalibrationJson.Default.CalibrationDocument)
                ?? throw new ArgumentException("it is empty");
            var calibration = CalibrationOf(document, pack, tree);
            CheckSums(document);
            return new LoadedCalibration(document, calibration, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (Exception refused) when (refused is JsonException or ArgumentException)
        {
            throw new ArgumentException($"the calibration '{path}' cannot be used: {refused.Message}. Make it anew with 'edgeroute "
                + "calibrate'.", refused);
        }
    }

    /// <summary>The file's bytes, with the checksums of the document as it is now.</summary>
    public static byte[] Write(CalibrationDocument document)
    {
        document.Checksums = SumsOf(document);
        return JsonSerializer.SerializeToUtf8Bytes(document, CalibrationJson.Default.CalibrationDocument);
    }

    /// <summary>Fills in the parts of a document that hold the calibration itself.</summary>
    public static void Put(CalibrationDocument document, RouteTree tree, Calibration calibration)
    {
        document.Calibration = Version;
        document.Contexts = [.. calibration.Centroids.Select(c => c.ToList())];
        document.Nodes = [.. tree.Nodes.Where(n => calibration.NodeAt(n.Index) is not null)
            .Select(n => CalibrationParts.PartOf(n, calibration.NodeAt(n.Index)!))];
    }

    private static Calibration CalibrationOf(CalibrationDocument document, Pack pack, RouteTree tree)
    {
        if (document.Calibration != Version)
        {
            throw new ArgumentException($"it has format version {document.Calibration}; this build reads {Version}");
        }

        if (HasGap(document))
        {
            throw new ArgumentException("a list in it has an entry that is null");
        }

        if (document.ManifestSha256 != pack.ManifestSha256)
        {
            throw new ArgumentException($"it was made for another version of pack '{document.Pack}' (manifest "
                + $"{Short(document.ManifestSha256)}, now {Short(pack.ManifestSha256)})");
        }

        var nodes = new CalibratedNode?[tree.Nodes.Count];
        foreach (var part in document.Nodes)
        {
            var node = tree.Nodes.FirstOrDefault(n => n.PathName == part.Path)
                ?? throw new ArgumentException($"it decides at '{part.Path}', which the pack does not have");
            nodes[node.Index] = CalibrationParts.NodeOf(node, part);
        }

        return new Calibration(tree, nodes, document.Contexts);
    }

    /// <summary>One flipped bit turns a cost of 3 ms into 7 ms: what reads well need not be what was measured.</summary>
    private static void CheckSums(CalibrationDocument document)
    {
        if (document.Checksums is not { } kept)
        {
            return;
        }

        var found = SumsOf(document);
        string[] wrong = [.. kept.Keys.Union(found.Keys).Where(name => kept.GetValueOrDefault(name) != found.GetValueOrDefault(name))];
        if (wrong.Length > 0)
        {
            throw new ArgumentException($"its {string.Join(", ", wrong.Select(w => $"'{w}'"))} does not fit the checksum beside it: it was "
                + "damaged, or edited by hand");
        }
    }

    private static Dictionary<string, string> SumsOf(CalibrationDocument document)
    {
        var kept = document.Checksums;
        document.Checksums = null;
        using var json = JsonSerializer.SerializeToDocument(document, CalibrationJson.Default.CalibrationDocument);
        document.Checksums = kept;
        return json.RootElement.EnumerateObject().ToDictionary(p => p.Name,
            p => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(p.Value.GetRawText())))[..SumDigits],
            StringComparer.Ordinal);
    }

    /// <summary>The parser refuses null in place of a part, but not inside a list.</summary>
    private static bool HasGap(CalibrationDocument document) =>
        new IEnumerable<object?>[] { document.Costs, document.Nodes, document.Contexts, document.Curve, document.Floors,
            document.Fits }.Any(list => list.Contains(null))
        || document.Nodes.Any(n => n.Signals.Contains(null!) || n.Options.Contains(null!) || n.Options.Any(o => o.Plans.Contains(null!)));

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;

    private static byte[] Load(string path)
    {
        try
        {
            return DocumentFile.Read(path, LimitBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"the calibration '{path}' cannot be read: {failure.Message}. Make one with 'edgeroute calibrate', or use the policies "
                    + "'fixed' and 'cascade'.", failure);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CalibrationDocument))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
