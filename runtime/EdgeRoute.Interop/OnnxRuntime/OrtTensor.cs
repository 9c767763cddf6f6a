using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// A tensor: over memory of its own (64-byte aligned), over the memory of another tensor (a view), or one that a run gave us. A span taken
/// from it is valid until the tensor is disposed; a tensor bound to a run lives at least as long as it is bound.
/// </summary>
public sealed unsafe class OrtTensor : SafeHandle
{
    /// <summary>One cache line, and the widest vector of the CPUs we run on.</summary>
    public const int AlignmentBytes = 64;

    /// <summary>Spans count in 32 bits; also far above any tensor that fits a robot's computer.</summary>
    public const int MaxBytes = int.MaxValue;

    /// <summary>The library accepts any rank; models in use stay below this, and shapes of this rank fit the stack.</summary>
    public const int MaxRank = 16;

    private readonly long[] _shape;
    private readonly byte* _data;
    private readonly int _byteCount;
    private readonly OrtTensor? _owner;
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed in ReleaseHandle, when nothing can use it any more.")]
    private readonly OrtValue _value;
    private readonly bool _isAdopted;

    private OrtTensor(OrtElementType type, long[] shape, byte* data, OrtTensor? owner)
        : base(0, ownsHandle: true)
    {
        ElementType = type;
        _shape = shape;
        _data = data;
        _byteCount = CountBytes(type, shape);
        _owner = owner;
        _value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)type, shape, (nint)data, _byteCount);
        Hold();
    }

    /// <summary>Takes over a value that the library allocated.</summary>
    private OrtTensor(OrtValue value, OrtTensorTypeAndShapeInfo info)
        : base(0, ownsHandle: true)
    {
        _isAdopted = true;
        _value = value;
        ElementType = (OrtElementType)info.ElementDataType;
        _shape = info.Shape;
        _byteCount = CountBytes(ElementType, _shape);
        IsOnDevice = value.GetTensorMemoryInfo().GetDeviceType() != OrtMemoryInfoDeviceType.CPU;
        _data = IsOnDevice ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value.GetTensorMutableRawData()));
        Hold();
    }

    public override bool IsInvalid => handle == 0;

    public OrtElementType ElementType { get; }
    public ReadOnlySpan<long> Shape => _shape;
    public int ByteCount => _byteCount;

    /// <summary>The memory belongs to an accelerator: the tensor can be bound, its elements cannot be read here.</summary>
    public bool IsOnDevice { get; }

    /// <summary>The memory, in the tensor's own element layout.</summary>
    public Span<byte> Bytes => Elements<byte>(ElementType);
    public Span<float> Floats => Elements<float>(OrtElementType.Float);
    public Span<Half> Halves => Elements<Half>(OrtElementType.Float16);
    public Span<long> Longs => Elements<long>(OrtElementType.Int64);
    public Span<int> Ints => Elements<int>(OrtElementType.Int32);

    /// <summary>New zeroed memory.</summary>
    /// <param name="type">A type of fixed size.</param>
    /// <param name="shape">Sizes, all known; a size of 0 is allowed.</param>
    public static OrtTensor Allocate(OrtElementType type, ReadOnlySpan<long> shape)
    {
        _ = OrtLibrary.Required;
        int byteCount = CountBytes(type, shape);
        nuint room = (nuint)Math.Max(byteCount, 1);
        var data = (byte*)NativeMemory.AlignedAlloc(room, AlignmentBytes);
        NativeMemory.Clear(data, room);
        try
        {
            return new OrtTensor(type, shape.ToArray(), data, owner: null);
        }
        catch
        {
            NativeMemory.AlignedFree(data);
            throw;
        }
    }

    /// <summary>
    /// The same memory under another shape that needs no more bytes, so that many shapes (token counts, input sizes) share one buffer.
    /// Keeps the memory alive after the owner is disposed.
    /// </summary>
    public OrtTensor View(ReadOnlySpan<long> shape)
    {
        OrtTensor owner = _owner ?? this;
        if (IsOnDevice || _isAdopted)
        {
            throw new InvalidOperationException("only a tensor allocated here can be viewed: a tensor taken from a run keeps the shape "
                + "the run gave it");
        }
        int byteCount = CountBytes(ElementType, shape);
        if (byteCount > owner._byteCount)
        {
            throw new ArgumentException(
                $"a view of shape {Describe(shape)} needs {byteCount} bytes; the tensor {Describe(owner._shape)} has {owner._byteCount}");
        }
        owner.Keep();
        try
        {
            return new OrtTensor(ElementType, shape.ToArray(), owner._data, owner);
        }
        catch
        {
            owner.DangerousRelease();
            throw;
        }
    }

    /// <summary>Takes over a value that the library allocated; it stays the caller's where this throws.</summary>
    internal static OrtTensor Adopt(OrtValue value) => new(value, value.GetTensorTypeAndShape());

    /// <summary>The native value; the caller keeps this object referenced while it is used.</summary>
    internal nint Native
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Makes the tensor outlive its Dispose until <see cref="SafeHandle.DangerousRelease"/>; throws when it is gone.</summary>
    internal void Keep()
    {
        bool added = false;
        DangerousAddRef(ref added);
    }

    protected override bool ReleaseHandle()
    {
        _value.Dispose();
        if (_owner is not null)
        {
            _owner.DangerousRelease();
        }
        else if (!_isAdopted)
        {
            NativeMemory.AlignedFree(_data);
        }
        return true;
    }

    /// <summary>The value is released by this handle alone, when the last run that it is bound to is gone.</summary>
    private void Hold()
    {
        GC.SuppressFinalize(_value);
        SetHandle(HandleOf(_value));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handle")]
    private static extern ref nint HandleOf(OrtValue value);

    private static int CountBytes(OrtElementType type, ReadOnlySpan<long> shape)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Length, MaxRank, "rank of the shape");
        UInt128 count = (UInt128)type.ByteCount();
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, "size in the shape");
            count = size == 0 || count == 0 ? 0 : checked(count * (UInt128)size);
            if (count > MaxBytes)
            {
                throw new ArgumentException($"a tensor of {type}{Describe(shape)} is larger than the maximum of {MaxBytes} bytes");
            }
        }
        return (int)count;
    }

    private static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(",", shape.ToArray())}]";

    private Span<T> Elements<T>(OrtElementType type)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (type != ElementType || IsOnDevice)
        {
            ThrowUnreadable(type);
        }
        return new Span<T>(_data, _byteCount / sizeof(T));
    }

    private void ThrowUnreadable(OrtElementType type) => throw new InvalidOperationException(IsOnDevice
        ? "the tensor is in device memory: bind the output to CPU memory to read it"
        : $"the tensor holds {ElementType}, not {type}");
}

/// <summary>
/// What a model declares of an input or output. <c>Shape</c> holds -1 where the size is free; <c>Symbols</c> has, per dimension, the name
/// of a free size (such as "tokens") or an empty text.
/// </summary>
public sealed record OrtTensorSpec(string Name, OrtElementType ElementType, long[] Shape, string[] Symbols)
{
    public override string ToString()
    {
        return $"{Name}: {ElementType}[{string.Join(",", Shape.Select(SizeText))}]";
    }

    private string SizeText(long size, int dimension)
    {
        if (size >= 0)
        {
            return $"{size}";
        }

        return Symbols[dimension].Length > 0 ? Symbols[dimension] : "?";
    }

    internal static OrtTensorSpec Read(string name, NodeMetadata declared)
    {
        // Sequences and maps have no tensor description: they are listed, and refused by whoever wants a tensor.
        return declared.IsTensor
            ? new OrtTensorSpec(name, (OrtElementType)declared.ElementDataType, [.. declared.Dimensions.Select(size => (long)size)],
                [.. declared.SymbolicDimensions.Select(symbol => symbol ?? "")])
            : new OrtTensorSpec(name, OrtElementType.Undefined, [], []);
    }
}
