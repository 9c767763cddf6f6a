namespace EdgeRoute.Core.Signals;

/// <summary>
/// What an exit's answer says of itself, and how it agrees with other answers. A signal that the task does not have is 0.
/// </summary>
/// <param name="MaxProbability">Classification: the largest class probability. Detection: the largest detection confidence, 0 when there is
/// none. In [0, 1].</param>
/// <param name="Margin">Classification: largest minus second largest probability. Detection: distance of the most doubtful candidate from
/// the detection threshold, 1 when there is no candidate. In [0, 1].</param>
/// <param name="Entropy">Classification: Shannon entropy divided by log(classes). Detection: mean binary entropy of the candidates in bits.
/// In [0, 1].</param>
/// <param name="LowConfidenceMass">Detection: sum of the confidences of candidates below the detection threshold but above the doubt floor,
/// after suppression. 0 for other tasks.</param>
/// <param name="Count">Number of detections kept; 0 for other tasks.</param>
/// <param name="TsallisEntropy">Tsallis entropy (J. Stat. Phys. 52, 1988) of the order the manifest gives, divided by its largest possible
/// value, in [0, 1]: of the class probabilities, or the mean over the candidates' binary ones. An order above 1 looks at the large
/// probabilities, below 1 at the small ones.</param>
/// <param name="Energy">Classification by logits: log-sum-exp of the logits (Liu et al., NeurIPS 2020), any finite number; large means
/// familiar.</param>
/// <param name="CarriedAgreement">Agreement in [0, 1] with what was carried over from the last answer; 0 when there was none.</param>
/// <param name="Consistency">Agreement in [0, 1] with the exit before on the same frame: two looks that cost less than the next stage. 0 at
/// the first exit.</param>
public readonly record struct ExitSignals(
    float MaxProbability, float Margin, float Entropy, float LowConfidenceMass, float Count,
    float TsallisEntropy = 0, float Energy = 0, float CarriedAgreement = 0, float Consistency = 0);

/// <summary>An exit signal that a threshold can name.</summary>
public enum ExitSignalKind : byte
{
    MaxProbability = 1,
    Margin = 2,
    Entropy = 3,
    LowConfidenceMass = 4,
    Count = 5,
    TsallisEntropy = 6,
    Energy = 7,
    CarriedAgreement = 8,
    Consistency = 9,
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
        ExitSignalKind.TsallisEntropy => signals.TsallisEntropy,
        ExitSignalKind.Energy => signals.Energy,
        ExitSignalKind.CarriedAgreement => signals.CarriedAgreement,
        ExitSignalKind.Consistency => signals.Consistency,
        _ => float.NaN,
    };
}
