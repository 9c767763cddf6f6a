using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A device config to begin with, for what is found on a machine.</summary>
/// <param name="Pack">The manifest of the pack that it runs.</param>
/// <param name="Providers">Execution providers that answered, in the order that they are tried in.</param>
/// <param name="Refused">Providers that did not, with the reason.</param>
public sealed record FirstConfig(string Pack, IReadOnlyList<string> Providers, IReadOnlyList<string> Refused, CameraReport Cameras)
{
    private const string SharedFolder = "/usr/share/edgeroute", SocketFolder = "/run/edgeroute", StateFolder = "/var/lib/edgeroute";

    private const string Schema = SharedFolder + "/device.schema.json";

    private const string DeadlineLine = "deadline_ms: none    # or ms from capture to publish";

    private static readonly string[] Accelerators = ["TensorRT", "CUDA"];

    private static readonly string[] PackFolders = [StateFolder + "/packs", SharedFolder + "/packs"];

    /// <summary>Null with the reason where there is no pack.</summary>
    /// <param name="pack">A manifest; null looks where packages and people put packs.</param>
    /// <param name="files">The machine.</param>
    /// <param name="version">Of this program.</param>
    public static FirstConfig? Of(string? pack, SystemFiles files, string version, out string reason)
    {
        reason = $"no pack is found in {string.Join(" or ", PackFolders)}; name one by --pack MANIFEST";
        pack = pack is not null ? Path.GetFullPath(pack) : PackFolders.SelectMany(f => files.List(f)).Select(f => f + "/manifest.json")
            .FirstOrDefault(f => File.Exists(files.Place(f)));
        if (pack is null)
        {
            return null;
        }

        var needs = DoctorNeeds.Default with { Providers = [.. Accelerators.Select(n => new ProviderConfig(n, false, []))] };
        var report = DoctorProbes.Run(needs, files, version);
        var tried = report.OnnxRuntime.Providers.Where(p => Accelerators.Contains(p.Name)).ToArray();
        return new FirstConfig(pack, [.. tried.Where(p => p.State == ProviderState.Works).Select(p => p.Name), ProviderConfig.Cpu],
            [.. tried.Where(p => p.State != ProviderState.Works).Select(p => $"{p.Name}: {p.Detail}")],
            CameraReport.Read(files, CameraReport.AskKernel));
    }

    public string ToJson() => JsonSerializer.Serialize(this, FirstConfigJson.Default.FirstConfig);

    /// <summary>The file.</summary>
    public string Text()
    {
        string schema = File.Exists(Schema) ? $"# yaml-language-server: $schema={Schema}\n" : "";
        string name = Path.GetFileName(Path.GetDirectoryName(Pack)) ?? "";
        string pack = IsName(name) ? name : "pack";
        string[] lines =
        [
            schema + "# What this device does: `edgerouted check FILE` says what is wrong, `edgerouted run FILE` runs it.",
            "",
            "runtime:",
            "  threads: auto          # or a number; auto is what `edgeroute measure` found, else one per core",
            $"  providers: [{string.Join(", ", Providers)}]      # in this order; CPU takes what the others do not",
            .. Refused.Select(r => $"  # {OneLine(r)}"),
            "",
            "packs:",
            $"  {pack}:",
            $"    manifest: \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Pack)}\"",
            "",
            "sources:",
            Sources(pack).TrimEnd('\n'),
            "",
            "# What it sees, a line of JSON for each frame.",
            "# outputs:",
            "#   answers: { kind: jsonl, path: answers.jsonl }",
            "",
            "# Watching and tuning, by `edgeroute` on this machine; with 'tcp' and 'state' from paired laptops too.",
            "control:",
            Directory.Exists(SocketFolder) ? $"  unix: {SocketFolder}/control.sock" : "  unix: control.sock     # beside this file",
            $"  # tcp: 0.0.0.0:7420    # closed until a laptop is paired\n  # state: {StateFolder}",
        ];
        return string.Join('\n', lines) + "\n";
    }

    private string Sources(string pack)
    {
        string found = Cameras.Sources(pack);
        if (found.Length > 0)
        {
            return found.Replace($"    pack: {pack}\n", $"    pack: {pack}\n    {DeadlineLine}\n", StringComparison.Ordinal);
        }

        return $"""
              # No camera was found, so a simulated one stands here. `edgerouted cameras` shows those of this machine; on the network:
              #   open: rtsp://USER@HOST/PATH
              table:
                open: "sim://tabletop?width=640&height=480&fps=10"
                pack: {pack}
                take: newest
                pace: source
                {DeadlineLine}
            """;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= ConfigLimits.NameLength
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_') && char.IsAsciiLetterOrDigit(text[0]);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}

/// <summary>Writes what was found without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FirstConfig))]
internal sealed partial class FirstConfigJson : JsonSerializerContext;
