using System.Globalization;
using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>Which answers an output tells, and what of them; by default all.</summary>
/// <param name="RateHz">Answers a second of one source at most; null for every one.</param>
/// <param name="MinConfidence">Boxes and classes below it are left out, 0 to 1.</param>
/// <param name="Classes">Names of the classes that are told; empty for all.</param>
/// <param name="OnlyChanges">An answer that says what the one before said is not told.</param>
public sealed record AnswerFilterConfig(double? RateHz, double MinConfidence, IReadOnlyList<string> Classes, bool OnlyChanges)
{
    public static AnswerFilterConfig All { get; } = new(null, 0, [], false);

    internal static AnswerFilterConfig Read(ConfigSection section) => new(
        section.NumberOrNone("rate_hz", ConfigLimits.AnswerRateHz),
        section.NumberOrNone("min_confidence", ConfigLimits.RuleConfidence) ?? 0,
        ReadClasses(section),
        section.Flag("only_changes", false));

    internal void AddTo(StringBuilder text)
    {
        string rate = RateHz?.ToString(CultureInfo.InvariantCulture) ?? ConfigEnums.None;
        text.Append(CultureInfo.InvariantCulture, $"    rate_hz: {rate}\n    min_confidence: {MinConfidence}\n    only_changes: "
            + $"{(OnlyChanges ? "true" : "false")}\n");
        text.Append(Classes.Count > 0 ? $"    classes: [{string.Join(", ", Classes.Select(EffectiveText.Quoted))}]\n" : "");
    }

    private static List<string> ReadClasses(ConfigSection section)
    {
        var classes = new List<string>();
        var written = section.List("classes", () => ConfigShapes.List(ConfigShapes.Text(), 0, ConfigLimits.AnswerClassCount)) ?? [];
        if (written.Count > ConfigLimits.AnswerClassCount)
        {
            section.Report("classes", $"has {written.Count} entries; at most {ConfigLimits.AnswerClassCount} are possible");
        }

        foreach (var one in written)
        {
            if (one is YamlScalar { IsEmpty: false } name)
            {
                classes.Add(name.Text);
            }
            else
            {
                section.ReportAt(one.At, $"{section.Name}.classes holds {one.KindText}; it must hold names of classes");
            }
        }

        return classes;
    }
}
