using System.Diagnostics;

namespace EdgeRoute.Core.Floors;

/// <summary>
/// Whether a frame is audited.
/// </summary>
/// <param name="InclusionProbability">With which this frame was chosen or not, known before the choice; in (0, 1].</param>
/// <param name="Weight">Smallest probability of any frame over this one's, in (0, 1]: what makes every frame count alike in the
/// audit.</param>
public readonly record struct AuditDraw(bool IsAudited, double InclusionProbability, double Weight);

/// <summary>
/// Chooses the frames to audit by a hash of source, sequence and seed: a replay audits the same frames, and the choice knows nothing of the
/// frame's content. Doubtful frames may be chosen more often, with a probability that is known and weighed out again.
/// </summary>
public sealed class AuditSampler
{
    private readonly ulong _seed;

    /// <param name="share">Of the frames that is audited at least, in (0, 1]: 0.01.</param>
    /// <param name="doubtFactor">How many times as often a frame of uncertainty 1 is audited as one of uncertainty 0; at least 1, which is
    /// no preference.</param>
    /// <exception cref="ArgumentOutOfRangeException">Share or factor out of range.</exception>
    public AuditSampler(double share, ulong seed, double doubtFactor = 1)
    {
        Share = share is > 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "The audited share must be "
            + "above 0 and at most 1.");
        DoubtFactor = doubtFactor is >= 1 and < 1e9 ? doubtFactor
            : throw new ArgumentOutOfRangeException(nameof(doubtFactor), doubtFactor, "The factor for doubtful frames must be at least 1.");
        _seed = Mixed(seed + GoldenStep);
    }

    public double Share { get; }

    public double DoubtFactor { get; }

    /// <param name="sourceIndex">0-based index of the source.</param>
    /// <param name="sequence">The frame's sequence at its source.</param>
    /// <param name="uncertainty">In [0, 1], from signals only, never from the audit's own outcome. Clamped; not a number counts as
    /// 0.</param>
    public AuditDraw Draw(int sourceIndex, long sequence, double uncertainty = 0)
    {
        double doubt = double.IsNaN(uncertainty) ? 0 : Math.Clamp(uncertainty, 0, 1);
        double probability = Math.Min(1, Share * (1 + (doubt * (DoubtFactor - 1))));
        Debug.Assert(probability >= Share && probability <= 1, "Every frame may be chosen, the least doubtful too.");
        return new AuditDraw(Uniform(sourceIndex, sequence) < probability, probability, Share / probability);
    }

    /// <summary>In [0, 1), the top 53 bits of the hash.</summary>
    private double Uniform(int sourceIndex, long sequence) =>
        (Mixed(Mixed(_seed ^ (uint)sourceIndex) + ((ulong)sequence * GoldenStep)) >> 11) * (1.0 / (1UL << 53));

    private const ulong GoldenStep = 0x9E3779B97F4A7C15;

    /// <summary>The finishing step of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output.</summary>
    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
