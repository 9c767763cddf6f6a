using EdgeRoute.Core.Routing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Says why the value rule preferred one option, and what it would have taken to prefer another.</summary>
internal static class ValuePhrases
{
    /// <param name="isFree">The rule itself made the choice; false where a constraint did.</param>
    public static List<string> Of(IReadOnlyList<OptionExplanation> options, in DecisionRecord decision, bool isFree)
    {
        var words = new List<string>();
        var chosen = options[decision.OptionIndex];
        double price = decision.Operating.EffectivePricePerMs;
        if (chosen.Value is null)
        {
            return words;
        }

        words.Add(isFree ? ChoiceOf(chosen, price) : $"It has {Sum(chosen, price)}.");
        if (isFree && chosen.CostMs > 0 && chosen.PlanCostMs > chosen.CostMs * 1.05)
        {
            words.Add($"Of that, '{chosen.Name}' itself takes {Figures.Short(chosen.CostMs)} ms; the rest is what is expected "
                + "to follow it.");
        }

        AddCeiling(words, decision.Operating);
        AddContext(words, decision);
        var better = options.Where(o => o.Denial is not null && o.Value > chosen.Value).MaxBy(o => o.Value);
        if (better is not null)
        {
            words.Add($"'{better.Name}' would have had the higher value, {Figures.Quality(better.Value)}, but could not be taken: "
                + $"{better.Denial}.");
        }

        if (isFree && options.Where(o => o is { IsChosen: false, Denial: null, Value: not null }).MaxBy(o => o.Value) is { } next)
        {
            words.Add(NextBest(chosen, next, price));
        }

        return words;
    }

    private static string ChoiceOf(OptionExplanation chosen, double price)
    {
        if (price > 0 && chosen.PlanCostMs > 0)
        {
            return $"'{chosen.Name}' has the highest value: {Sum(chosen, price)}.";
        }

        if (price > 0)
        {
            return $"'{chosen.Name}' has the highest value: {Figures.Quality(chosen.Gain)} expected quality, and it costs nothing more.";
        }

        return $"'{chosen.Name}' has the highest expected quality, {Figures.Quality(chosen.Gain)}; at a price of 0 nothing else counts.";
    }

    private static string Sum(OptionExplanation option, double price) =>
        $"{Figures.Quality(option.Gain)} expected quality less {Figures.Quality(option.Paid)} for {Figures.Short(option.PlanCostMs ?? 0)} "
            + $"ms at {Figures.Short(price)} per ms";

    /// <summary>
    /// At which price the two change places, by the plans that were weighed. Other prices may make other plans best, so the figure is named
    /// as being about right.
    /// </summary>
    private static string NextBest(OptionExplanation chosen, OptionExplanation next, double price)
    {
        double gain = next.Gain!.Value - chosen.Gain!.Value, cost = next.PlanCostMs!.Value - chosen.PlanCostMs!.Value;
        string than = $"The next best was '{next.Name}': {Difference(gain)} for {CostDifference(cost)}";
        return (gain, cost) switch
        {
            ( > 0, > 0) => $"{than}. It would have been taken at a price below about {Figures.Short(gain / cost)} per ms; the price was "
                + $"{Figures.Short(price)}.",
            ( < 0, < 0) => $"{than}. It would have been taken at a price above about {Figures.Short(gain / cost)} per ms; the price was "
                + $"{Figures.Short(price)}.",
            (0, 0) => $"The next best was '{next.Name}', which is worth and costs the same.",
            _ => $"{than}; no price makes that better.",
        };
    }

    private static string Difference(double gain) =>
        Math.Abs(gain) < 0.0005 ? "the same quality" : $"{Figures.Quality(Math.Abs(gain))} {(gain > 0 ? "more" : "less")} quality";

    private static string CostDifference(double cost) =>
        Math.Abs(cost) < 0.0005 ? "the same time" : $"{Figures.Short(Math.Abs(cost))} ms {(cost > 0 ? "more" : "less")}";

    private static void AddCeiling(List<string> words, OperatingPoint operating)
    {
        float asked = (operating with { PriceCeiling = float.PositiveInfinity }).EffectivePricePerMs;
        if (asked > operating.EffectivePricePerMs)
        {
            words.Add($"The budgets asked for a price of {Figures.Short(asked)} per ms; "
                + $"the quality floor allows {Figures.Short(operating.EffectivePricePerMs)} at most, so that counted.");
        }
    }

    private static void AddContext(List<string> words, in DecisionRecord decision)
    {
        if (float.IsFinite(decision.LossFactor) && !decision.LossFactor.Equals(1f))
        {
            words.Add($"The frame is one of kind {decision.ContextIndex}, where audits found {Figures.Short(decision.LossFactor)} times "
                + "the predicted loss; "
                + "expected qualities are corrected by that.");
        }
    }
}
