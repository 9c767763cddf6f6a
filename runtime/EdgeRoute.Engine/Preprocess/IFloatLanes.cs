using System.Runtime.Intrinsics;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>Vector width as a type parameter: one kernel source, compiled once per width with every call inlined.</summary>
public interface IFloatLanes<TVector>
    where TVector : struct
{
    static abstract string KernelName { get; }

    static abstract int Count { get; }

    static abstract TVector Create(float value);

    static abstract TVector Load(ref float at, nuint index);

    static abstract void Store(TVector value, ref float at, nuint index);

    /// <summary>a + (b - a) * weight.</summary>
    static abstract TVector Blend(TVector a, TVector b, TVector weight);

    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Clamp(TVector value, TVector low, TVector high);

    /// <summary>Eight outputs: each the sum of a tap pair times its weight pair (<see cref="AxisTaps.WeightPairs"/>), stored as floats.</summary>
    static abstract void StoreBlends(Vector128<byte> pairs, ref short weights, ref float target);
}
