namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>The output tensors a head reads: fp32 values, row-major, with their shapes. Views; nothing is copied, nothing may be kept.</summary>
public interface IHeadTensors
{
    int Count { get; }

    ReadOnlySpan<float> Values(int index);

    ReadOnlySpan<long> Shape(int index);
}
