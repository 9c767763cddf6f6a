using EdgeRoute.Workbench.Fitting;

namespace EdgeRoute.Tests.Workbench.Fitting;

/// <summary>Rows made by known rules from seeds.</summary>
internal static class SampleRows
{
    /// <summary>Rows of a block in these samples.</summary>
    public const int BlockRows = 50;

    /// <summary>Evenly drawn places t, then their squares as <see cref="EdgeRoute.Core.Gains.SignalScale"/> writes them.</summary>
    public static FitRows Of(int count, int signalCount, int seed, Func<float[], Random, float> targetOf)
    {
        var random = new Random(seed);
        var rows = new FitRows(2 * signalCount);
        float[] features = new float[2 * signalCount];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < signalCount; j++)
            {
                features[j] = (random.NextSingle() * 2) - 1;
                features[signalCount + j] = (features[j] * features[j]) - (1f / 3);
            }

            rows.Add(features, targetOf(features, random), 1, i / BlockRows);
        }

        return rows;
    }

    public static float Logistic(double z) => (float)(1 / (1 + Math.Exp(-z)));

    /// <summary>1 with this probability, else 0.</summary>
    public static float Draw(this Random random, double probability) => random.NextDouble() < probability ? 1 : 0;

    /// <summary>One feature a row, as given; every row in one block.</summary>
    public static FitRows Pairs(params (float Place, float Target)[] pairs)
    {
        var rows = new FitRows(1);
        foreach (var (place, target) in pairs)
        {
            rows.Add([place], target, 1, 0);
        }

        return rows;
    }
}
