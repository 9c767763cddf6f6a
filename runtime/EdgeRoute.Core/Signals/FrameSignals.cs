namespace EdgeRoute.Core.Signals;

/// <summary>
/// What can be known of a frame before any stage runs, from its thumbnail (luma, a few thousand pixels), the previous one, and sparse patches at full resolution.
/// </summary>
/// <param name="Motion">Mean absolute luma difference to the previous taken frame's thumbnail, as a fraction of full scale, in [0, 1]. 1 when there is no previous one.</param>
/// <param name="Sharpness">Variance of the 4-neighbour Laplacian of luma in [0, 1] units; low means blurred (Pech-Pacheco et al., ICPR 2000).</param>
/// <param name="Exposure">Mean luma in [0, 1].</param>
/// <param name="Contrast">Standard deviation of luma in [0, 0.5].</param>
/// <param name="Noise">Standard deviation of sensor noise in [0, 1] units, by Immerkaer's 3x3 mask (CVIU 64(2), 1996).</param>
/// <param name="AgeMs">Source time since the frame of the last answer, in milliseconds; infinite when there is no answer.</param>
public readonly record struct FrameSignals(float Motion, float Sharpness, float Exposure, float Contrast, float Noise, float AgeMs)
{
    /// <summary>The signals of a frame of which nothing is known: everything moved, nothing to reuse.</summary>
    public static FrameSignals Unknown => new(1, 0, 0, 0, 0, float.PositiveInfinity);
}
