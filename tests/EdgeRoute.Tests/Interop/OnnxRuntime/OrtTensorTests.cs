using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtTensorTests
{
    public OrtTensorTests() => _ = OrtPlace.Library;

    [SkippableFact]
    public void New_memory_is_zero_and_aligned()
    {
        foreach (int count in new[] { 1, 3, 17, 1000 })
        {
            using OrtTensor tensor = OrtTensor.Allocate(OrtElementType.Float, [count]);
            Assert.Equal(0, Address(tensor) % OrtTensor.AlignmentBytes);
            Assert.Equal(count * 4, tensor.ByteCount);
            Assert.All(tensor.Floats.ToArray(), value => Assert.Equal(0, value));
        }
    }

    [SkippableTheory]
    [InlineData(OrtElementType.Float, 4)]
    [InlineData(OrtElementType.Float16, 2)]
    [InlineData(OrtElementType.UInt8, 1)]
    [InlineData(OrtElementType.Int8, 1)]
    [InlineData(OrtElementType.Int32, 4)]
    [InlineData(OrtElementType.Int64, 8)]
    [InlineData(OrtElementType.Bool, 1)]
    [InlineData(OrtElementType.Double, 8)]
    public void Bytes_have_the_size_of_the_elements(OrtElementType type, int elementBytes)
    {
        using OrtTensor tensor = OrtTensor.Allocate(type, [2, 3]);
        Assert.Equal(6 * elementBytes, tensor.Bytes.Length);
        Assert.Equal([2, 3], tensor.Shape.ToArray());
    }

    [SkippableFact]
    public void A_scalar_and_an_empty_tensor_exist()
    {
        using OrtTensor scalar = OrtTensor.Allocate(OrtElementType.Int64, []);
        using OrtTensor empty = OrtTensor.Allocate(OrtElementType.Float, [1, 0, 4]);
        Assert.Equal(1, scalar.Longs.Length);
        Assert.Equal(0, empty.Floats.Length);
    }

    [SkippableFact]
    public void Elements_of_another_type_are_refused()
    {
        using OrtTensor tensor = OrtTensor.Allocate(OrtElementType.Float16, [4]);
        tensor.Halves[2] = (Half)1.5f;
        Assert.Equal(0x3E00, MemoryMarshal.Cast<byte, ushort>(tensor.Bytes)[2]);
        var error = Assert.Throws<InvalidOperationException>(() => tensor.Floats.Length);
        Assert.Contains("Float16", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Impossible_shapes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OrtTensor.Allocate(OrtElementType.Float, [1, -1]));
        Assert.Throws<ArgumentException>(() => OrtTensor.Allocate(OrtElementType.Float, [1L << 20, 1L << 20]));
        Assert.Throws<ArgumentException>(() => OrtTensor.Allocate(OrtElementType.Double, [long.MaxValue, long.MaxValue, long.MaxValue]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OrtTensor.Allocate(OrtElementType.Float, new long[OrtTensor.MaxRank + 1]));
        Assert.Throws<NotSupportedException>(() => OrtTensor.Allocate(OrtElementType.String, [1]));
    }

    [SkippableFact]
    public void A_view_shares_memory_and_keeps_it_alive()
    {
        OrtTensor owner = OrtPlace.Filled(1, 100, 4);
        OrtTensor view = owner.View([1, 30, 4]);
        OrtTensor viewOfView = view.View([1, 100, 4]);
        float seventh = owner.Floats[7];
        Assert.True(Unsafe.AreSame(ref owner.Floats[0], ref view.Floats[0]));
        Assert.Equal(120, view.Floats.Length);

        owner.Dispose();
        view.Dispose();
        Assert.Equal(seventh, viewOfView.Floats[7]);
        Assert.Equal(400, viewOfView.Floats.Length);
        viewOfView.Dispose();
        Assert.Throws<ObjectDisposedException>(() => viewOfView.Floats.Length);
    }

    [SkippableFact]
    public void A_view_cannot_be_larger_than_its_memory()
    {
        using OrtTensor owner = OrtTensor.Allocate(OrtElementType.Float, [2, 3]);
        var error = Assert.Throws<ArgumentException>(() => owner.View([7]));
        Assert.Contains("needs 28 bytes; the tensor [2,3] has 24", error.Message, StringComparison.Ordinal);
    }

    private static nint Address(OrtTensor tensor)
    {
        ref byte first = ref tensor.Bytes[0];
        return Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref first);
    }
}
