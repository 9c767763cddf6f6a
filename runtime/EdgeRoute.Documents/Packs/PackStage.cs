namespace EdgeRoute.Documents.Packs;

/// <summary>One model file, what it takes and what it ends in.</summary>
/// <param name="FilePath">Full path of the ONNX file.</param>
/// <param name="WeightPaths">Full paths of its external weights, hash-checked too; the ONNX file names them itself.</param>
/// <param name="Input">The tensor made from the frame; null where the stage lives on features alone.</param>
/// <param name="Keep">The graph input that takes the number of tokens to keep; null where tokens are not dropped.</param>
/// <param name="Exit">The head; null where the path must go on.</param>
public sealed record PackStage(
    string Name, string FilePath, string Sha256, IReadOnlyList<string> WeightPaths,
    StageInput? Input, KeepInput? Keep, IReadOnlyList<FeatureInput> Features, ExitSpec? Exit)
{
    /// <summary>Graph inputs that take what the language network makes of the instruction.</summary>
    public IReadOnlyList<InstructionInput> Instruction { get; init; } = [];

    /// <summary>The graph input that takes the robot's state; null where the stage does not look at it.</summary>
    public StateInput? State { get; init; }
}

/// <summary>Which graph input takes the frame, and how the frame is made into it.</summary>
public sealed record StageInput(string TensorName, FrameInputSpec Spec);

/// <summary>The int64 graph input that says how many of the stage's tokens go on.</summary>
public sealed record KeepInput(string TensorName, int TokenCount)
{
    /// <summary>
    /// Tokens kept at a ratio: rounded, and at least one. ONNX Runtime refuses more than there are, but takes zero silently and yields nothing.
    /// </summary>
    public int CountFor(double keepRatio) =>
        (int)Math.Clamp(Math.Round(keepRatio * TokenCount, MidpointRounding.AwayFromZero), 1, TokenCount);
}

/// <summary>A graph input that takes an earlier stage's output where it lies.</summary>
public sealed record FeatureInput(string TensorName, int FromStageIndex, string FromTensorName);

/// <summary>A graph input that takes an output of the pack's language network.</summary>
public sealed record InstructionInput(string TensorName, string FromTensorName);

/// <summary>The float32 graph input, [1, <paramref name="Length"/>], that takes the robot's state of the frame.</summary>
public sealed record StateInput(string TensorName, int Length)
{
    /// <summary>Values at most: two arms of seven joints with their grippers.</summary>
    public const int LengthLimit = 16;
}
