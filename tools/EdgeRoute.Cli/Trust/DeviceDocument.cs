using System.Text.Json.Serialization;

namespace EdgeRoute.Cli.Trust;

/// <summary>The file of devices that this laptop knows.</summary>
internal sealed class DeviceDocument
{
    /// <summary>Format of the file.</summary>
    public required int Version { get; set; }

    /// <summary>Name of the device that commands mean where none is named; null for none.</summary>
    public string? Default { get; set; }

    public required List<KnownDevice> Devices { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, IgnoreReadOnlyProperties = true, WriteIndented = true)]
[JsonSerializable(typeof(DeviceDocument))]
internal sealed partial class DeviceJson : JsonSerializerContext;
