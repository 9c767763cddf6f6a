namespace EdgeRoute.Interop.OnnxRuntime;

public static class OrtElementTypes
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
