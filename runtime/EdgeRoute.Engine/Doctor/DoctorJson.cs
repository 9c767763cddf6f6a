using System.Text.Json.Serialization;

namespace EdgeRoute.Engine.Doctor;

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
