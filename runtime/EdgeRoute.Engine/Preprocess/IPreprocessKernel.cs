namespace EdgeRoute.Engine.Preprocess;

/// <summary>Arithmetic of preprocessing, forcible by name. Kernels agree with each other within one grey level.</summary>
public interface IPreprocessKernel
{
    /// <summary>The name by which configuration forces it and the start-up report shows it.</summary>
    string Name { get; }

    /// <summary>Writes the picture's part of the tensor (padding is not its concern). Uses the plan's scratch rows: one call at a time per plan.</summary>
    void Run(SamplePlan plan, ReadOnlySpan<byte> frame, Span<byte> tensor);
}
