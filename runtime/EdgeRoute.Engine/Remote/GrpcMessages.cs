using System.Buffers.Binary;
using System.Text;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// Messages of <c>inference.GRPCInferenceService</c>, of which a run of a model needs few fields: the tensors go where they lie, without a
/// copy of each in an object of its own.
/// </summary>
internal static class GrpcMessages
{
    public const int RawHeadBytesMost = 2 * ProtoWriter.VarintBytesMost;

    public const string Service = "inference.GRPCInferenceService";

    /// <summary>Field numbers, as the public protocol has them.</summary>
    private const int AskModel = 1, AskVersion = 2, AskInputs = 5, AskOutputs = 6, AskRaw = 7;

    private const int AnswerOutputs = 5, AnswerRaw = 6;

    private const int TensorName = 1, TensorDatatype = 2, TensorShape = 3, TensorContents = 5;

    private const int ToldInputs = 4, ToldOutputs = 5;

    /// <summary>Of ServerLive and ServerReady: their only field.</summary>
    public static bool IsTrue(ReadOnlySpan<byte> message)
    {
        bool isTrue = false;
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            isTrue = fields.Field == 1 ? fields.Number != 0 : isTrue;
        }

        return isTrue;
    }

    public static byte[] AskForModel(EngineStageConfig stage)
    {
        var ask = new ProtoWriter();
        ask.Text(AskModel, stage.Model);
        ask.Text(AskVersion, stage.Version ?? "");
        return ask.Written.ToArray();
    }

    /// <exception cref="FormatException">It is no description.</exception>
    public static ModelTold ReadModel(ReadOnlySpan<byte> message)
    {
        var inputs = new List<TensorTold>();
        var outputs = new List<TensorTold>();
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field is ToldInputs or ToldOutputs)
            {
                (fields.Field == ToldInputs ? inputs : outputs).Add(ReadTensor(fields.Bytes));
            }
        }

        return new ModelTold(null, inputs, outputs);
    }

    /// <summary>A request but for the bytes of its tensors; those of each input follow a head of their own.</summary>
    public static byte[] AskToRun(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs)
    {
        var ask = new ProtoWriter();
        ask.Text(AskModel, stage.Model);
        ask.Text(AskVersion, stage.Version ?? "");
        foreach (var input in inputs)
        {
            var tensor = new ProtoWriter();
            tensor.Text(TensorName, input.Name);
            tensor.Text(TensorDatatype, input.Datatype ?? "");
            tensor.Numbers(TensorShape, input.Shape);
            ask.Message(AskInputs, tensor);
        }

        foreach (var output in outputs)
        {
            var tensor = new ProtoWriter();
            tensor.Text(TensorName, output.Name);
            ask.Message(AskOutputs, tensor);
        }

        return ask.Written.ToArray();
    }

    /// <summary>What stands before the bytes of an input; returns its length.</summary>
    public static int WriteRawHead(Span<byte> into, int length) => ProtoWriter.WriteHead(into, AskRaw, length);

    /// <summary>Reads the outputs of an answer; allocates nothing where it is sound.</summary>
    /// <param name="isRead">One for each output; overwritten.</param>
    /// <exception cref="FormatException">It is no answer of the protocol.</exception>
    /// <exception cref="RemoteFaultException">It has other outputs than the model gives here.</exception>
    public static void ReadOutputs(ReadOnlySpan<byte> message, IReadOnlyList<RemoteTensor> outputs, Span<bool> isRead)
    {
        isRead.Clear();
        bool isRaw = TryFind(message, AnswerRaw, 0, out _);
        var fields = new ProtoReader(message);
        for (int place = 0; fields.Next();)
        {
            if (fields.Field == AnswerOutputs)
            {
                int index = IndexOf(fields.Bytes, outputs);
                if (index >= 0)
                {
                    ReadOutput(fields.Bytes, isRaw ? message : default, place, outputs[index]);
                    isRead[index] = true;
                }

                place++;
            }
        }

        int missing = isRead.IndexOf(false);
        if (missing >= 0)
        {
            throw new RemoteFaultException($"its answer lacks output '{outputs[missing].Name}'");
        }
    }

    private static TensorTold ReadTensor(ReadOnlySpan<byte> message)
    {
        string name = "", datatype = "";
        Span<long> shape = stackalloc long[OrtTensor.MaxRank];
        int rank = 0;
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case TensorName:
                    name = Encoding.UTF8.GetString(fields.Bytes);
                    break;
                case TensorDatatype:
                    datatype = Encoding.UTF8.GetString(fields.Bytes);
                    break;
                case TensorShape:
                    AddSizes(fields, shape, ref rank);
                    break;
                default:
                    break;
            }
        }

        return rank <= shape.Length ? new TensorTold(name, datatype, shape[..rank].ToArray())
            : throw new FormatException($"a tensor of {rank} dimensions");
    }

    /// <summary>Packed or one by one; those that a tensor cannot have are counted alone.</summary>
    private static void AddSizes(ProtoReader field, Span<long> shape, ref int rank)
    {
        var packed = field.Bytes;
        do
        {
            bool isPacked = field.Wire == ProtoWire.Bytes;
            if (isPacked && packed.Length == 0)
            {
                return;
            }

            long size = (long)(isPacked ? ProtoReader.ReadVarint(ref packed) : field.Number);
            if (rank < shape.Length)
            {
                shape[rank] = size;
            }

            rank++;
        }
        while (packed.Length > 0);
    }

    private static int IndexOf(ReadOnlySpan<byte> tensor, IReadOnlyList<RemoteTensor> outputs)
    {
        _ = TryFind(tensor, TensorName, 0, out var name);
        for (int i = 0; i < outputs.Count; i++)
        {
            if (name.SequenceEqual(outputs[i].NameBytes))
            {
                return i;
            }
        }

        return -1;
    }

    /// <param name="message">The whole answer, where the bytes of its outputs stand beside them; else empty.</param>
    /// <param name="place">Which of its outputs this is.</param>
    private static void ReadOutput(ReadOnlySpan<byte> tensor, ReadOnlySpan<byte> message, int place, RemoteTensor output)
    {
        Span<long> shape = stackalloc long[OrtTensor.MaxRank];
        int rank = 0;
        ReadOnlySpan<byte> contents = default;
        var fields = new ProtoReader(tensor);
        while (fields.Next())
        {
            if (fields.Field == TensorDatatype)
            {
                Require(fields.Bytes.SequenceEqual(output.DatatypeBytes), output, "another datatype than the model has here");
            }
            else if (fields.Field == TensorShape)
            {
                AddSizes(fields, shape, ref rank);
            }
            else if (fields.Field == TensorContents)
            {
                contents = fields.Bytes;
            }
        }

        Require(rank == output.Tensor.Shape.Length && shape[..rank].SequenceEqual(output.Tensor.Shape), output,
            "another shape than the model gives here");
        if (message.Length == 0)
        {
            Require(TypedContents.Read(contents, output.Tensor), output, "another number of values than its shape has, or of another type");
            return;
        }

        _ = TryFind(message, AnswerRaw, place, out var raw);
        Require(raw.Length == output.Tensor.ByteCount, output, "another number of bytes than its shape takes");
        raw.CopyTo(output.Tensor.Bytes);
    }

    /// <summary>The field of that number which comes after so many others of it.</summary>
    private static bool TryFind(ReadOnlySpan<byte> message, int field, int skip, out ReadOnlySpan<byte> found)
    {
        found = default;
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Wire == ProtoWire.Bytes && skip-- == 0)
            {
                found = fields.Bytes;
                return true;
            }
        }

        return false;
    }

    private static void Require(bool holds, RemoteTensor output, string words)
    {
        if (!holds)
        {
            throw new RemoteFaultException($"output '{output.Name}' of its answer has {words}");
        }
    }
}

/// <summary>Values of a tensor as a list of numbers, which servers send that keep no raw bytes.</summary>
internal static class TypedContents
{
    /// <summary>False: there are more or fewer values than the tensor has, or its type has no list.</summary>
    /// <exception cref="FormatException">It is no list.</exception>
    public static bool Read(ReadOnlySpan<byte> message, OrtTensor tensor)
    {
        var (field, size) = ListOf(tensor.ElementType);
        var into = tensor.Bytes;
        bool fits = field > 0;
        var fields = new ProtoReader(message);
        while (fits && fields.Next())
        {
            if (fields.Field == field && fields.Wire != ProtoWire.Bytes)
            {
                fits = Put(fields.Number, size, ref into);
            }
            else if (fields.Field == field)
            {
                fits = PutAll(fields.Bytes, tensor.ElementType is OrtElementType.Float or OrtElementType.Double, size, ref into);
            }
        }

        return fits && into.Length == 0;
    }

    private static bool PutAll(ReadOnlySpan<byte> packed, bool isFixed, int size, ref Span<byte> into)
    {
        if (isFixed)
        {
            bool fits = packed.Length <= into.Length && packed.Length % size == 0;
            packed[..(fits ? packed.Length : 0)].CopyTo(into);
            into = into[(fits ? packed.Length : 0)..];
            return fits;
        }

        while (packed.Length > 0)
        {
            if (!Put(ProtoReader.ReadVarint(ref packed), size, ref into))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Put(ulong bits, int size, ref Span<byte> into)
    {
        if (into.Length < size)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, bits);
        bytes[..size].CopyTo(into);
        into = into[size..];
        return true;
    }

    /// <summary>The list's field and the bytes of a value; none for 16-bit floats, which go raw alone.</summary>
    private static (int Field, int Size) ListOf(OrtElementType type) => type switch
    {
        OrtElementType.Bool => (1, sizeof(bool)),
        OrtElementType.Int8 => (2, sizeof(sbyte)),
        OrtElementType.Int16 => (2, sizeof(short)),
        OrtElementType.Int32 => (2, sizeof(int)),
        OrtElementType.Int64 => (3, sizeof(long)),
        OrtElementType.UInt8 => (4, sizeof(byte)),
        OrtElementType.UInt16 => (4, sizeof(ushort)),
        OrtElementType.UInt32 => (4, sizeof(uint)),
        OrtElementType.UInt64 => (5, sizeof(ulong)),
        OrtElementType.Float => (6, sizeof(float)),
        OrtElementType.Double => (7, sizeof(double)),
        _ => (0, 1),
    };
}
