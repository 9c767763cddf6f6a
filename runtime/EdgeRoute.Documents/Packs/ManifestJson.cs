using System.Text.Json.Serialization;

namespace EdgeRoute.Documents.Packs;

/// <summary>Generated (de)serialisation of the manifest: no reflection at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = ManifestShape.DepthLimit)]
[JsonSerializable(typeof(ManifestDocument))]
internal sealed partial class ManifestJson : JsonSerializerContext;
