using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.TestBench.Verdicts;

/// <summary>Whether a device config is accepted: by a check, which opens no model, and by a start, which opens all of them.</summary>
/// <param name="Refusal">In words; empty where it is accepted.</param>
/// <param name="Warnings">What is told all the same.</param>
internal sealed record Verdict(string Refusal, IReadOnlyList<string> Warnings)
{
    public bool IsAccepted => Refusal.Length == 0;

    public static Verdict OfCheck(DeviceConfig config)
    {
        var doubts = new List<string>();
        var problems = StartCheck.Problems(config, SimulatedSources.Schemes, doubts.Add);
        return new Verdict(string.Join('\n', problems), doubts);
    }

    /// <summary>Builds the engine that a run begins with, and lets it go.</summary>
    public static Verdict OfStart(DeviceConfig config)
    {
        var warnings = new List<string>();
        var options = new EngineOptions(0, null, null, SimulatedSources.Schemes);
        try
        {
            new EngineBuilder(config, options, (level, text) => Keep(warnings, level, text)).Build().Dispose();
            return new Verdict("", warnings);
        }
        catch (EngineRefusedException refused)
        {
            return new Verdict(refused.Message, warnings);
        }
    }

    private static void Keep(List<string> warnings, ReportLevel level, string text)
    {
        if (level == ReportLevel.Warning)
        {
            lock (warnings)
            {
                warnings.Add(text);
            }
        }
    }
}
