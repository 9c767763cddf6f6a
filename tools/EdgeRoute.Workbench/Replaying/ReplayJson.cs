using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Replays, what-ifs and explanations as JSON for programs; figures that do not exist are null.</summary>
public static class ReplayJson
{
    public static string Of(SamePolicyReport report) => JsonSerializer.Serialize(report, ReplayJsonContext.Default.SamePolicyReport);

    public static string Of(WhatIfReport report) => JsonSerializer.Serialize(report, ReplayJsonContext.Default.WhatIfReport);

    public static string Of(FrameWhatIf frame) => JsonSerializer.Serialize(frame, ReplayJsonContext.Default.FrameWhatIf);

    public static string Of(FrameExplanation frame) => JsonSerializer.Serialize(frame, ReplayJsonContext.Default.FrameExplanation);
}

// An infinite price or cost can stand in a damaged pack's recording; such a figure is written as a word rather than refused.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SamePolicyReport))]
[JsonSerializable(typeof(WhatIfReport))]
[JsonSerializable(typeof(FrameExplanation))]
[JsonSerializable(typeof(FrameWhatIf))]
internal sealed partial class ReplayJsonContext : JsonSerializerContext;
