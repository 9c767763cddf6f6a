namespace EdgeRoute.Workbench.Sweeps;

/// <summary>A part of a recording by fractions of its frames; 0 to 0.5 is the first half.</summary>
public readonly record struct FrameSpan(double From, double To)
{
    public static FrameSpan All => new(0, 1);
}

/// <summary>What is swept and judged, by calibration and frontier alike.</summary>
/// <param name="Pack">Manifest or its folder.</param>
/// <param name="Files">Folder of the model files; null for beside the manifest.</param>
/// <param name="Source">Video, folder of pictures, recording, or simulated world.</param>
/// <param name="Labels">Of the frames, as the class or the boxes of each; null to take the teacher's answers for right.</param>
/// <param name="Sweep">Folder in which the sweep is kept.</param>
/// <param name="FrameLimit">Frames of the source used at most.</param>
/// <param name="Span">Which part of them is used.</param>
/// <param name="DoubtBand">Confidences up to this far above a detection threshold are left out of the comparison.</param>
/// <param name="Teacher">The path whose answers are taken for right; null for the costliest.</param>
public sealed record SweepChoice(
    string Pack, string? Files, string Source, double FramesPerSecond, string? Labels, string Sweep, long FrameLimit, FrameSpan Span,
    double DoubtBand, string? Teacher,
    string? Library, int ThreadCount);

/// <param name="Floors">Quality floors to certify.</param>
/// <param name="Confidence">With which each floor is to hold.</param>
/// <param name="FitShare">Share of the frames, the earlier ones, that gains are fitted to; the rest certifies.</param>
public sealed record CalibrateRequest(SweepChoice Choice, IReadOnlyList<double> Floors, double Confidence, double FitShare);
