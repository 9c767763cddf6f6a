namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The loaded stages of one pack: every variant of the route tree with its tensors allocated and bound. Used by one lane's thread only.
/// </summary>
public interface IStageSet : IDisposable
{
    /// <summary>What a variant's stage wants of the frame, at the variant's size and region; null when it takes features only.</summary>
    VariantInput? FrameInput(int variantIndex);

    /// <summary>The input tensor's memory, to be filled before <see cref="Run"/>.</summary>
    Span<byte> FrameTensor(int variantIndex);

    /// <summary>Runs the stage. Features it consumes are where the producing stage left them.</summary>
    /// <exception cref="StageFailedException">The library or the device refused; the frame goes on without this stage.</exception>
    void Run(int variantIndex);

    /// <summary>The head of a variant's stage; null where it has no exit.</summary>
    IHead? Head(int variantIndex);

    /// <summary>What the last <see cref="Run"/> of this variant left for its head.</summary>
    IHeadTensors HeadTensors(int variantIndex);
}
