using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Turns the output tensors of a stage with an exit into an answer in frame coordinates, with the signals of how sure it is. Allocates
/// nothing per call.
/// </summary>
public interface IHead
{
    TaskKind Task { get; }

    /// <summary>Number of detections an answer must have room for; 0 for other tasks.</summary>
    int DetectionLimit { get; }

    /// <summary>Number of values an answer must have room for; 0 for detection.</summary>
    int ValueLimit { get; }

    /// <summary>Its numbers, where it detects; null for other tasks.</summary>
    DetectionSettings? Detection => null;

    /// <summary>What an answer must have room for beside each detection's box.</summary>
    DetailForm Details => default;

    /// <summary>Fills <paramref name="answer"/> and returns the exit's signals.</summary>
    /// <param name="tensors">The tensors the manifest names for this exit, in its order.</param>
    /// <param name="mapping">Where the input tensor's pixels lie in the frame.</param>
    ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer);
}

/// <summary>
/// The output tensors a head reads: fp32 values, row-major, with their shapes. Views; nothing is copied, nothing may be kept.
/// </summary>
public interface IHeadTensors
{
    int Count { get; }

    ReadOnlySpan<float> Values(int index);

    ReadOnlySpan<long> Shape(int index);
}
