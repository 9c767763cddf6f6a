using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Documents.Packs;

/// <summary>An edge's region as written: a list of four numbers, or an object that says how windows are chosen on each frame.</summary>
[JsonConverter(typeof(RegionConverter))]
internal sealed record RegionPart(List<double>? Fixed, WindowsPart? Windows);

/// <summary>How windows are chosen.</summary>
internal sealed class WindowsPart
{
    public string? From { get; init; }

    public double? Side { get; init; }

    public int? Count { get; init; }

    public double? AtLeast { get; init; }
}

/// <summary>Reads either form; that the value is one of them has been checked with its line.</summary>
internal sealed class RegionConverter : JsonConverter<RegionPart>
{
    public override RegionPart Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartArray
            ? new RegionPart(JsonSerializer.Deserialize(ref reader, ManifestJson.Default.ListDouble), null)
            : new RegionPart(null, JsonSerializer.Deserialize(ref reader, ManifestJson.Default.WindowsPart));

    public override void Write(Utf8JsonWriter writer, RegionPart value, JsonSerializerOptions options)
    {
        if (value.Windows is { } windows)
        {
            JsonSerializer.Serialize(writer, windows, ManifestJson.Default.WindowsPart);
            return;
        }

        JsonSerializer.Serialize(writer, value.Fixed ?? [], ManifestJson.Default.ListDouble);
    }
}
