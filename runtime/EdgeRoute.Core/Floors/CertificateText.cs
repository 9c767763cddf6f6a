using EdgeRoute.Core.Gains;

namespace EdgeRoute.Core.Floors;

/// <summary>Says a certificate in words, with what would be needed for more.</summary>
internal static class CertificateText
{
    /// <summary>Times the present blocks above which "record more" is no advice any more.</summary>
    private const double UsefulGrowth = 30;

    public static string Of(FloorGoal goal, LossTest test, int certified, ReadOnlySpan<PriceEvidence> evidence,
        IReadOnlyList<double[]> losses)
    {
        int next = certified + 1;
        string stop = next == evidence.Length ? "" : WhyNot(goal, test, evidence[next], losses[next]);
        if (certified < 0)
        {
            return $"none, because {stop}";
        }

        var best = evidence[certified];
        string held = $"price {certified} of 0..{evidence.Length - 1}: mean loss {best.MeanLoss:0.0000} over {best.BlockCount} blocks, at "
            + $"most {best.UpperLoss:0.0000} "
            + $"at {goal.Confidence:0.#%} confidence, and {goal.AllowedLoss:0.0000} is allowed";
        return next == evidence.Length ? $"{held}; it is the highest price of the grid" : $"{held}; not higher, because {stop}";
    }

    private static string WhyNot(FloorGoal goal, LossTest test, in PriceEvidence price, double[] losses)
    {
        string at = $"at price {price.PriceIndex} the mean loss is {price.MeanLoss:0.0000} over {price.BlockCount} blocks";
        if (price.MeanLoss >= goal.AllowedLoss)
        {
            return $"{at}, and the floor {goal.Floor:0.##%} allows {goal.AllowedLoss:0.0000}";
        }

        long fewest = LossBounds.FewestWithoutLoss(test, goal);
        string unsure = $"{at} and could be {price.UpperLoss:0.0000} at {goal.Confidence:0.#%} confidence, where "
            + $"{goal.AllowedLoss:0.0000} is allowed";
        if (price.BlockCount < fewest)
        {
            return $"{unsure}; even without any loss at least {fewest} independent blocks are needed: record more";
        }

        double growth = GrowthNeeded(goal, test, losses);
        return growth > UsefulGrowth ? $"{unsure}; that is too close to the floor for more footage to decide"
            : $"{unsure}; it needs about {Rounded(growth * price.BlockCount):0} blocks at this mean";
    }

    /// <summary>Up to two leading digits: the mean of the blocks to come is not known better.</summary>
    private static double Rounded(double count)
    {
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(count)) - 1));
        return Math.Ceiling(count / unit) * unit;
    }

    /// <summary>How many times the present blocks would pass: the logarithm of a p-value falls in proportion to their number.</summary>
    private static double GrowthNeeded(FloorGoal goal, LossTest test, double[] losses)
    {
        double growth = 1;
        while (growth <= UsefulGrowth && !PassesRepeated(goal, test, losses, growth))
        {
            growth *= 1.25;
        }

        return growth;
    }

    private static bool PassesRepeated(FloorGoal goal, LossTest test, double[] losses, double growth)
    {
        var repeated = new double[(int)(losses.Length * growth)];
        for (int i = 0; i < repeated.Length; i++)
        {
            repeated[i] = losses[i % losses.Length];
        }

        return LossBounds.PValue(test, repeated, goal) <= goal.Risk;
    }
}
