using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>How the frame becomes the input tensor of one variant.</summary>
public sealed record VariantInput(FrameInputSpec Spec, double InputScale, FrameRegion Region)
{
    /// <summary>Windows chosen on each frame in place of the region; null for none.</summary>
    public WindowRule? Windows { get; init; }

    public int TensorWidth => Preprocessor.ScaledSide(Spec.Width, Spec.SizeMultiple, InputScale);

    public int TensorHeight => Preprocessor.ScaledSide(Spec.Height, Spec.SizeMultiple, InputScale);

    /// <summary>Shape of the input tensor: one frame, at the scaled size.</summary>
    public long[] TensorShape => Spec.Layout == TensorLayout.Nchw
        ? [1, Spec.ChannelCount, TensorHeight, TensorWidth]
        : [1, TensorHeight, TensorWidth, Spec.ChannelCount];
}
