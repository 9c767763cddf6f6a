using System.Text.Json.Serialization;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel;

/// <summary>Writes journal entries without reflection, with the keys they have on the wire.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IncludeFields = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
