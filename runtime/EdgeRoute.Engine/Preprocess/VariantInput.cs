using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>How the frame becomes the input tensor of one variant.</summary>
public sealed record VariantInput(FrameInputSpec Spec, double InputScale, FrameRegion Region)
{
    /// <summary>Shape of the input tensor: one frame, at the scaled size.</summary>
    public long[] TensorShape
    {
        get
        {
            long width = Preprocessor.ScaledSide(Spec.Width, Spec.SizeMultiple, InputScale);
            long height = Preprocessor.ScaledSide(Spec.Height, Spec.SizeMultiple, InputScale);
            return Spec.Layout == TensorLayout.Nchw ? [1, Spec.ChannelCount, height, width] : [1, height, width, Spec.ChannelCount];
        }
    }
}
