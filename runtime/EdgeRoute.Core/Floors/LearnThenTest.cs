using EdgeRoute.Core.Gains;

namespace EdgeRoute.Core.Floors;

/// <summary>
/// Certifies the highest price that keeps the quality floor: prices are tested from the safest upward, each at the full risk, until the
/// first that fails (fixed-sequence testing in "Learn then test", Angelopoulos et al. 2021). The chance that any certified price breaks the
/// floor is at most the risk, however many prices there are.
/// </summary>
public static class LearnThenTest
{
    /// <param name="blockLosses">[price index][block]: the mean loss of each block at each price, price 0 (the safest) first. Blocks are
    /// independent of each other (see <see cref="BlockMeans"/>) and played no part in fitting what is tested.</param>
    /// <exception cref="ArgumentException">No prices, no blocks, rows of unequal length, or a loss that is not in [0, 1] (for the binomial
    /// test: not 0 or 1).</exception>
    public static FloorCertificate Certify(IReadOnlyList<double[]> blockLosses, FloorGoal goal, LossTest test)
    {
        CheckShape(blockLosses);
        var evidence = new PriceEvidence[blockLosses.Count];
        int certified = -1;
        for (int i = 0; i < evidence.Length; i++)
        {
            double pValue = LossBounds.PValue(test, blockLosses[i], goal);
            certified = certified == i - 1 && pValue <= goal.Risk ? i : certified;
            evidence[i] = new PriceEvidence(i, blockLosses[i].Length, LossBounds.SumOf(blockLosses[i]) / blockLosses[i].Length, pValue,
                LossBounds.Upper(test, blockLosses[i], goal.Confidence), certified == i);
        }

        return new FloorCertificate(goal, test, certified, evidence, CertificateText.Of(goal, test, certified, evidence, blockLosses));
    }

    private static void CheckShape(IReadOnlyList<double[]> blockLosses)
    {
        if (blockLosses.Count == 0 || blockLosses[0].Length == 0)
        {
            throw new ArgumentException("There is nothing to certify: hand in at least one price with at least one block.",
                nameof(blockLosses));
        }

        for (int i = 1; i < blockLosses.Count; i++)
        {
            if (blockLosses[i].Length != blockLosses[0].Length)
            {
                throw new ArgumentException($"Price {i} has {blockLosses[i].Length} blocks, price 0 has {blockLosses[0].Length}; all "
                    + "prices are tested on the same blocks.",
                    nameof(blockLosses));
            }
        }
    }
}
