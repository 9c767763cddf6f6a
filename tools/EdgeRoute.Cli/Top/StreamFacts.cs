using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>What is said of the chosen stream in words, a line each.</summary>
internal static class StreamFacts
{
    public static List<(string Label, string Text, Tone Tone)> Of(StreamView stream, DeviceStatus? device, bool isWide)
    {
        var status = stream.Status;
        var facts = new List<(string, string, Tone)> { ("price", PriceText(status.Price), Tone.Plain) };
        facts.AddRange(status.Price?.Conflicts.Select(c => ("conflict", c, Tone.Warning)) ?? []);
        facts.Add(("ends", EndsText(status, isWide), status.Failed > 0 ? Tone.Warning : Tone.Plain));
        if (status.Audit is { } audit)
        {
            facts.Add(("audit", AuditText(audit), audit.BreachCount > 0 ? Tone.Warning : Tone.Plain));
        }

        if (status.LastFault is { } fault)
        {
            facts.Add(("fault", fault, Tone.Bad));
        }

        if (device?.Trial is { } trial && (trial.Stream.Length == 0 || trial.Stream == stream.Name || trial.State == TrialFollower.Running))
        {
            facts.Add(("trial", TrialText(trial), trial.State switch { TrialFollower.Running => Tone.Strong, TrialFollower.Kept =>
                Tone.Good, _ => Tone.Warning }));
        }

        return facts;
    }

    private static string PriceText(PriceStatus? price)
    {
        if (price is null)
        {
            return "none: the policy knows no price";
        }

        string by = price.AskedBy is { } name ? $" for {name}" : "";
        string asked = price.Asked > price.InForce * 1.0001 ? $", asked {FigureText.Price(price.Asked)}{by}" : by;
        string dial = price.Dial is { } set ? $", dial {FigureText.Price(set)}" : "";
        string ceiling = price.Floor is { } floor ? $", floor {FigureText.Percent(floor)} allows "
            + $"{(price.Ceiling is { } most ? FigureText.Price(most) : "none")}" : "";
        return $"{FigureText.Price(price.InForce)} in force{asked}{dial}{ceiling}";
    }

    /// <summary>The law, so that every frame is seen to be accounted for.</summary>
    private static string EndsText(StreamStatus s, bool isWide)
    {
        string ends = isWide
            ? $"{s.Captured} captured = {s.Completed} completed + {s.Exited} exited + {s.Escalated} escalated + {s.Skipped} skipped + "
                + $"{s.Dropped} dropped + {s.Failed} failed"
            : $"compl {s.Completed} exit {s.Exited} escal {s.Escalated} skip {s.Skipped} drop {s.Dropped} fail {s.Failed}";
        return $"{ends}; late {s.Late}{(isWide && s.Fallbacks > 0 ? $", fallbacks {s.Fallbacks}" : "")}"
            + $"{(isWide && s.SourceRestarts > 0 ? $", source restarts {s.SourceRestarts}" : "")}";
    }

    private static string AuditText(AuditStatus audit) =>
        $"agreement {FigureText.Quality(audit.AgreementMean)}, {FigureText.Percent(audit.Share)} audited: {audit.AuditedCount}, "
        + $"{audit.LetGoCount} let go, {audit.BreachCount} breaches";

    private static string TrialText(TrialStatus trial) => trial.State == TrialFollower.Running
        ? $"{trial.SecondsLeft:0} s left{(trial.NeedsConfirmation ? ", waits for k" : "")} (k keep, c cancel): "
            + $"{string.Join("; ", trial.Conditions)}"
        : $"{trial.State.Replace('_', ' ')}: {string.Join("; ", trial.Conditions)}";
}
