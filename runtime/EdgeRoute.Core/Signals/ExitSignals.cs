namespace EdgeRoute.Core.Signals;

/// <summary>
/// What an exit's answer says of itself.
/// </summary>
/// <param name="MaxProbability">Classification: the largest class probability. Detection: the largest detection confidence, 0 when there is none. In [0, 1].</param>
/// <param name="Margin">Classification: largest minus second largest probability. Detection: distance of the most doubtful candidate from the
/// detection threshold, 1 when there is no candidate. In [0, 1].</param>
/// <param name="Entropy">Classification: Shannon entropy divided by log(classes). Detection: mean binary entropy of the candidates in bits. In [0, 1].</param>
/// <param name="LowConfidenceMass">Detection: sum of the confidences of candidates below the detection threshold but above the doubt floor, after
/// suppression. 0 for other tasks.</param>
/// <param name="Count">Number of detections kept; 0 for other tasks.</param>
public readonly record struct ExitSignals(float MaxProbability, float Margin, float Entropy, float LowConfidenceMass, float Count);

/// <summary>An exit signal that a threshold can name.</summary>
public enum ExitSignalKind : byte
{
    MaxProbability = 1,
    Margin = 2,
    Entropy = 3,
    LowConfidenceMass = 4,
    Count = 5,
}

/// <summary>Picks a signal by name.</summary>
public static class ExitSignalKinds
{
    public static float Of(this in ExitSignals signals, ExitSignalKind kind) => kind switch
    {
        ExitSignalKind.MaxProbability => signals.MaxProbability,
        ExitSignalKind.Margin => signals.Margin,
        ExitSignalKind.Entropy => signals.Entropy,
        ExitSignalKind.LowConfidenceMass => signals.LowConfidenceMass,
        ExitSignalKind.Count => signals.Count,
        _ => float.NaN,
    };
}
