namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// ONNXTensorElementDataType of the C API, header version 29. Tensors can be allocated of the types that have a fixed size and a C# twin
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
