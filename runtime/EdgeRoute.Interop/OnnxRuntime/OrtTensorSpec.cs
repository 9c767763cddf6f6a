namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// What a model declares of an input or output. <c>Shape</c> holds -1 where the size is free; <c>Symbols</c> has, per dimension, the name
/// of a free size (such as "tokens") or an empty text.
/// </summary>
public sealed record OrtTensorSpec(string Name, OrtElementType ElementType, long[] Shape, string[] Symbols)
{
    public override string ToString()
    {
        IEnumerable<string> sizes = Shape.Select((size, i) => size >= 0 ? $"{size}" : Symbols[i].Length > 0 ? Symbols[i] : "?");
        return $"{Name}: {ElementType}[{string.Join(",", sizes)}]";
    }

    internal static OrtTensorSpec Read(string name, nint tensorInfo)
    {
        long[] shape = OrtNative.GetShape(tensorInfo);
        return new OrtTensorSpec(name, OrtNative.GetElementType(tensorInfo), shape, OrtNative.GetSymbols(tensorInfo, shape.Length));
    }
}
