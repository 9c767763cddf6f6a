using System.Runtime.Intrinsics;

using System.Runtime.Intrinsics.X86;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>The kernels of this machine, by name.</summary>
public static class PreprocessKernels
{
    /// <summary>Every kernel that this processor can run, fastest first; the scalar reference is always the last.</summary>
    public static IReadOnlyList<IPreprocessKernel> All { get; } = List();

    /// <summary>The fastest.</summary>
    public static IPreprocessKernel Default => All[0];

    /// <exception cref="ArgumentException">No kernel of this name runs on this processor.</exception>
    public static IPreprocessKernel ByName(string name) =>
        All.FirstOrDefault(kernel => kernel.Name == name)
        ?? throw new ArgumentException($"This processor has no preprocessing kernel '{name}'; it has "
            + $"{string.Join(", ", All.Select(kernel => kernel.Name))}.");

    private static List<IPreprocessKernel> List()
    {
        var all = new List<IPreprocessKernel>();
        if (Avx2.IsSupported)
        {
            all.Add(new LaneKernel<Lanes256, Vector256<float>>());
        }

        if (Vector128.IsHardwareAccelerated)
        {
            all.Add(new LaneKernel<Lanes128, Vector128<float>>());
        }

        all.Add(new ScalarKernel());
        return all;
    }
}

/// <summary>Arithmetic of preprocessing, forcible by name. Kernels agree with each other within one grey level.</summary>
public interface IPreprocessKernel
{
    /// <summary>The name by which configuration forces it and the start-up report shows it.</summary>
    string Name { get; }

    /// <summary>
    /// Writes the picture's part of the tensor (padding is not its concern). Uses the plan's scratch rows: one call at a time per plan.
    /// </summary>
    void Run(SampleMap plan, ReadOnlySpan<byte> frame, Span<byte> tensor);
}
