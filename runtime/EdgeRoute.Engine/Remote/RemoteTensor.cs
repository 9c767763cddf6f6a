using System.Text;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Remote;

/// <summary>A tensor of this machine, and what the stage's model calls it.</summary>
internal sealed class RemoteTensor(string name, OrtTensor tensor, WirePicture? picture = null)
{
    private long[] _pictureShape = [1];

    public string Name => name;

    public OrtTensor Tensor => tensor;

    /// <summary>What goes to the server in the tensor's place; null for the tensor itself.</summary>
    public WirePicture? Picture => picture;

    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Its type as the protocol names it; null for one that it has no name for.</summary>
    public string? Datatype => picture is null ? OipType.Of(tensor.ElementType) : OipType.Encoded;

    public byte[] DatatypeBytes { get; } = Encoding.UTF8.GetBytes((picture is null ? OipType.Of(tensor.ElementType) : OipType.Encoded)
        ?? "");

    /// <summary>As it goes to the server.</summary>
    public ReadOnlySpan<long> Shape => picture is null ? tensor.Shape : _pictureShape;

    /// <summary>What goes to the server, once <see cref="Fill"/> has made it.</summary>
    public ReadOnlySpan<byte> Bytes => picture is null ? tensor.Bytes : picture.Bytes;

    /// <summary>Before each run: a picture is made of the tensor as it is now.</summary>
    public void Fill() => picture?.Fill(tensor);

    /// <summary>One picture, in as many dimensions as the server's model wants.</summary>
    public void TakePictureRank(int rank) => _pictureShape = [.. Enumerable.Repeat(1L, rank)];

    /// <summary>The same on memory of its own.</summary>
    public RemoteTensor Twin() => new(name, OrtTensor.Allocate(tensor.ElementType, tensor.Shape), picture?.Twin())
    {
        _pictureShape = _pictureShape,
    };

    /// <summary>What only going to a server takes; the tensor is its stage's.</summary>
    public void DropPicture() => picture?.Dispose();
}

/// <summary>Element types in the words of the protocol.</summary>
internal static class OipType
{
    /// <summary>Elements of any length: a picture in its file format is one.</summary>
    public const string Encoded = "BYTES";

    public static string? Of(OrtElementType type) => type switch
    {
        OrtElementType.Float => "FP32",
        OrtElementType.Float16 => "FP16",
        OrtElementType.BFloat16 => "BF16",
        OrtElementType.Double => "FP64",
        OrtElementType.Bool => "BOOL",
        OrtElementType.UInt8 => "UINT8",
        OrtElementType.Int8 => "INT8",
        OrtElementType.UInt16 => "UINT16",
        OrtElementType.Int16 => "INT16",
        OrtElementType.UInt32 => "UINT32",
        OrtElementType.Int32 => "INT32",
        OrtElementType.UInt64 => "UINT64",
        OrtElementType.Int64 => "INT64",
        _ => null,
    };
}
