namespace EdgeRoute.Core.Gains;

/// <summary>
/// Which bound judges the losses. It is chosen by the kind of loss before the losses are seen: taking the best of several would void the
/// confidence.
/// </summary>
public enum LossTest : byte
{
    /// <summary>Exact; only for losses that are 0 or 1, one frame a block.</summary>
    Binomial = 1,

    /// <summary>For any loss in [0, 1]; as wide as for 0/1 losses, however little they vary.</summary>
    HoeffdingBentkus = 2,

    /// <summary>For any loss in [0, 1]; narrow where losses vary little, as means of blocks do.</summary>
    Betting = 3,
}
