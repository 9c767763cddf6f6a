using System.Text.Json.Serialization;

namespace EdgeRoute.Engine.Reports;

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class RunReportJson : JsonSerializerContext;
