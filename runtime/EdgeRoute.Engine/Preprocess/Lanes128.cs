using System.Runtime.Intrinsics;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>Four floats at a time: NEON on arm64, SSE on x64.</summary>
public readonly struct Lanes128 : IFloatLanes<Vector128<float>>
{
    public static string KernelName => "vector128";

    public static int Count => Vector128<float>.Count;

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> Load(ref float at, nuint index) => Vector128.LoadUnsafe(ref at, index);

    public static void Store(Vector128<float> value, ref float at, nuint index) => value.StoreUnsafe(ref at, index);

    // MultiplyAddEstimate: fused where the hardware has it, multiply then add elsewhere; FusedMultiplyAdd would become a software call there.
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
