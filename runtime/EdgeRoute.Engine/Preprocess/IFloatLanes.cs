using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>Vector width as a type parameter: one kernel source, compiled once per width with every call inlined.</summary>
internal interface IFloatLanes<TVector>
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

    /// <summary>
    /// Eight outputs: each the sum of a tap pair times its weight pair (<see cref="AxisTaps.WeightPairs"/>), stored as floats.
    /// </summary>
    static abstract void StoreBlends(Vector128<byte> pairs, ref short weights, ref float target);
}

/// <summary>Four floats at a time: NEON on arm64, SSE on x64.</summary>
internal readonly struct Lanes128 : IFloatLanes<Vector128<float>>
{
    public static string KernelName => "vector128";

    public static int Count => Vector128<float>.Count;

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> Load(ref float at, nuint index) => Vector128.LoadUnsafe(ref at, index);

    public static void Store(Vector128<float> value, ref float at, nuint index) => value.StoreUnsafe(ref at, index);

    // MultiplyAddEstimate: fused where the hardware has it, multiply then add elsewhere; FusedMultiplyAdd would become a software call
    // there.
    public static Vector128<float> Blend(Vector128<float> a, Vector128<float> b, Vector128<float> weight) =>
        Vector128.MultiplyAddEstimate(b - a, weight, a);

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    public static Vector128<float> Clamp(Vector128<float> value, Vector128<float> low, Vector128<float> high) =>
        Vector128.ClampNative(value, low, high);

    public static void StoreBlends(Vector128<byte> pairs, ref short weights, ref float target)
    {
        var low = BytePairs.Dot(Vector128.WidenLower(pairs).AsInt16(), Vector128.LoadUnsafe(ref weights));
        var high = BytePairs.Dot(Vector128.WidenUpper(pairs).AsInt16(), Vector128.LoadUnsafe(ref weights, 8));
        Vector128.ConvertToSingle(low).StoreUnsafe(ref target);
        Vector128.ConvertToSingle(high).StoreUnsafe(ref target, 4);
    }
}

/// <summary>Eight floats at a time: AVX2.</summary>
internal readonly struct Lanes256 : IFloatLanes<Vector256<float>>
{
    public static string KernelName => "vector256";

    public static int Count => Vector256<float>.Count;

    public static Vector256<float> Create(float value) => Vector256.Create(value);

    public static Vector256<float> Load(ref float at, nuint index) => Vector256.LoadUnsafe(ref at, index);

    public static void Store(Vector256<float> value, ref float at, nuint index) => value.StoreUnsafe(ref at, index);

    public static Vector256<float> Blend(Vector256<float> a, Vector256<float> b, Vector256<float> weight) =>
        Vector256.MultiplyAddEstimate(b - a, weight, a);

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);

    public static Vector256<float> Clamp(Vector256<float> value, Vector256<float> low, Vector256<float> high) =>
        Vector256.ClampNative(value, low, high);

    public static void StoreBlends(Vector128<byte> pairs, ref short weights, ref float target)
    {
        var blends = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(pairs), Vector256.LoadUnsafe(ref weights));
        Vector256.ConvertToSingle(blends).StoreUnsafe(ref target);
    }
}
