using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Sweeps;

/// <summary>What a sweep hangs on: whoever changes none of it can go on with what was swept.</summary>
public static class SweepIdentity
{
    /// <summary>Parts of a manifest that decide between answers, or describe; the answers themselves do not hang on them.</summary>
    private static readonly string[] Indifferent =
        ["$schema", "version", "title", "licence", "policies", "cost_profiles", "multiply_adds", "max_age_ms", "checksums"];

    /// <summary>SHA-256 of those parts of a manifest that the answers and costs of its paths hang on.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static byte[] OfManifest(string path)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [];
        Array.ForEach(Indifferent, part => manifest.Remove(part));
        return SHA256.HashData(Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    /// <summary>A file name for the sweep of a choice: another one where the pack, the footage or how it is run is another.</summary>
    public static string NameOf(SweepChoice choice) =>
        NameOf(choice.Pack, choice.Files, choice.Source, choice.FramesPerSecond, choice.ThreadCount);

    /// <inheritdoc cref="NameOf(SweepChoice)"/>
    public static string NameOf(string pack, string? files, string source, double framesPerSecond, int threadCount)
    {
        string manifest = PackReader.PathOf(pack);
        string terms = string.Create(CultureInfo.InvariantCulture,
            $"{manifest}|{ManifestOf(manifest)}|{files}|{FootageOf(source)}|{framesPerSecond}|{threadCount}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(terms)))[..16];
    }

    /// <summary>Whoever opens the pack says what is wrong with it.</summary>
    private static string ManifestOf(string path)
    {
        try
        {
            return Convert.ToHexString(OfManifest(path));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or JsonException)
        {
            return "";
        }
    }

    /// <summary>A file that was written over under its old name is other footage.</summary>
    private static string FootageOf(string source)
    {
        string path = Path.GetFullPath(source);
        if (source.Contains("://", StringComparison.Ordinal) || !Path.Exists(path))
        {
            return source;
        }

        long bytes = File.Exists(path) ? new FileInfo(path).Length : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{path}|{bytes}|{File.GetLastWriteTimeUtc(path).Ticks}");
    }
}
