namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// ONNXTensorElementDataType of the C API, header version 31. Tensors can be allocated of the types that have a fixed size and a C# twin
/// (see <see cref="OrtElementTypes.ByteCount"/>); the others appear only in what a model declares.
/// </summary>
public enum OrtElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

internal static class OrtElementTypes
{
    /// <summary>Size of one element. Throws for types that a tensor over our own memory cannot have.</summary>
    public static int ByteCount(this OrtElementType type) => type switch
    {
        OrtElementType.UInt8 or OrtElementType.Int8 or OrtElementType.Bool => 1,
        OrtElementType.Float16 or OrtElementType.BFloat16 or OrtElementType.UInt16 or OrtElementType.Int16 => 2,
        OrtElementType.Float or OrtElementType.Int32 or OrtElementType.UInt32 => 4,
        OrtElementType.Double or OrtElementType.Int64 or OrtElementType.UInt64 => 8,
        _ => throw new NotSupportedException(
            $"tensors of element type {type} are not supported: export the model with float, float16, integer or bool tensors"),
    };
}
