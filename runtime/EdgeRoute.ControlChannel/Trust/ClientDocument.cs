using System.Text.Json.Serialization;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>The file of paired clients.</summary>
internal sealed class ClientDocument
{
    /// <summary>Format of the file.</summary>
    public required int Version { get; set; }

    public required List<PairedClient> Clients { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, IgnoreReadOnlyProperties = true, WriteIndented = true)]
[JsonSerializable(typeof(ClientDocument))]
internal sealed partial class ClientJson : JsonSerializerContext;
