using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>What came of a choice.</summary>
/// <param name="Teacher">Whose answers are right: a pack's path, or "the labels".</param>
/// <param name="Constraints">As asked for.</param>
/// <param name="Frontier">The points that no other beats in both quality and mean latency, and the chosen one, the quickest first.</param>
/// <param name="Chosen">One of them; null where no point keeps the constraints.</param>
/// <param name="Nearest">Then the one that breaks least; null else.</param>
/// <param name="RunCount">Runs of a stage on a frame that the choice took.</param>
/// <param name="ExhaustiveRunCount">Those of every stage on every frame with every count of threads.</param>
/// <param name="PointCount">Policies on chains of stages, with each count of threads, that were compared.</param>
public sealed record ChooseReport(
    string Source, int FrameCount, string Teacher, IReadOnlyList<string> Constraints, IReadOnlyList<ChoiceRow> Frontier, ChoiceRow? Chosen,
    ChoiceRow? Nearest, long RunCount, long ExhaustiveRunCount, int PointCount, double Seconds)
{
    /// <summary>
    /// What the quality of the chosen point may come to on all frames, at the best; it may be as far below. Its own where it was run on
    /// all; null where no point was chosen.
    /// </summary>
    public double? ChosenQualityMost { get; init; }

    /// <summary>Paths that may be better still, but were not run on all frames, because that would take too many runs.</summary>
    public IReadOnlyList<string> Undecided { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, ChooseJson.Default.ChooseReport);
}

/// <summary>One point.</summary>
/// <param name="Path">Packs, and options where a pack has several, in the order in which they run.</param>
/// <param name="Policy">Where it stops early, and when, or which frames it looks at; empty where each frame is taken to its end.</param>
/// <param name="Lacks">Constraints that it breaks, with by how much; empty where it keeps all.</param>
public sealed record ChoiceRow(string Path, string Policy, int Threads, IReadOnlyList<string> Lacks, PointFigures Figures)
{
    /// <summary>To which frames answers are carried, which no model looks at; null where one looks at each.</summary>
    public CarryRule? Carry { get; init; }

    internal static ChoiceRow Of(ChoicePoint point, ChoiceGoal goal) => new(point.Chain.Name,
        point.Carried?.Name ?? string.Join("; ", point.Rules.Select(r => Words(point, r))), point.Threads, goal.LacksOf(point.Figures),
        point.Figures) { Carry = point.Carried?.Rule };

    private static string Words(ChoicePoint point, StopRule rule) => string.Create(CultureInfo.InvariantCulture,
        $"{point.Chain.Links[rule.LinkIndex].Name} if {ManifestEnums.Of(ManifestEnums.Signals, rule.Signal)} "
            + $"{(rule.StopsAbove ? ">=" : "<=")} {rule.Threshold:0.####}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ChooseReport))]
internal sealed partial class ChooseJson : JsonSerializerContext;
