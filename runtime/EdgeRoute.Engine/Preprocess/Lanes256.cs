using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>Eight floats at a time: AVX2.</summary>
public readonly struct Lanes256 : IFloatLanes<Vector256<float>>
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
