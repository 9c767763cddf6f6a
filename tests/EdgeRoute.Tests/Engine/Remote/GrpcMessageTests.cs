using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Engine.Remote.Oip;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using Google.Protobuf;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>Messages of gRPC, written by the protocol's own library and read here.</summary>
public sealed class GrpcMessageTests
{
    private const int MutationCount = 20_000;

    [Fact]
    public void Values_are_read_from_lists_of_every_type()
    {
        Assert.Equal([1L, -2, long.MaxValue], Read(OrtElementType.Int64, "INT64", c => c.Int64Contents.AddRange([1, -2, long.MaxValue]))
            .Longs.ToArray());
        Assert.Equal([1, -2, int.MinValue], Read(OrtElementType.Int32, "INT32", c => c.IntContents.AddRange([1, -2, int.MinValue]))
            .Ints.ToArray());
        Assert.Equal([0, 7, 255], Read(OrtElementType.UInt8, "UINT8", c => c.UintContents.AddRange([0, 7, 255])).Bytes.ToArray());
        Assert.Equal([1, 0, 1], Read(OrtElementType.Bool, "BOOL", c => c.BoolContents.AddRange([true, false, true])).Bytes.ToArray());
        Assert.Equal([1.5f, float.NaN, -0f], Read(OrtElementType.Float, "FP32", c => c.Fp32Contents.AddRange([1.5f, float.NaN, -0f]))
            .Floats.ToArray());
    }

    [Fact]
    public void A_list_of_another_length_is_refused()
    {
        var fault = Assert.Throws<RemoteFaultException>(() => Read(OrtElementType.Float, "FP32", c => c.Fp32Contents.AddRange([1, 2])));
        Assert.Contains("another number of values", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_stands_in_an_answer_is_read_or_refused_in_words()
    {
        _ = OrtPlace.Environment;
        RemoteTensor[] outputs = [New(OrtElementType.Float), New(OrtElementType.Int64, "ids")];
        byte[] raw = Answer("FP32", _ => { }, ByteString.CopyFrom(new byte[12]), ByteString.CopyFrom(new byte[24]));
        byte[] typed = Answer("FP32", c => c.Fp32Contents.AddRange([1, 2, 3]));
        var random = new Random(1);
        for (int i = 0; i < MutationCount; i++)
        {
            byte[] bent = [.. i % 2 == 0 ? raw : typed];
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                bent[random.Next(bent.Length)] = (byte)random.Next(256);
            }

            try
            {
                GrpcMessages.ReadOutputs(bent.AsSpan(0, random.Next(bent.Length + 1)), outputs, new bool[outputs.Length]);
                _ = GrpcMessages.ReadModel(bent);
            }
            catch (Exception refused) when (refused is FormatException or RemoteFaultException)
            {
                continue;
            }
        }

        Array.ForEach(outputs, o => o.Tensor.Dispose());
    }

    private static RemoteTensor New(OrtElementType type, string name = "boxes") => new(name, OrtTensor.Allocate(type, [1, 3]));

    private static OrtTensor Read(OrtElementType type, string datatype, Action<InferTensorContents> fill)
    {
        _ = OrtPlace.Environment;
        var output = New(type);
        GrpcMessages.ReadOutputs(Answer(datatype, fill), [output], new bool[1]);
        return output.Tensor;
    }

    private static byte[] Answer(string datatype, Action<InferTensorContents> fill, params ByteString[] raw)
    {
        var contents = new InferTensorContents();
        fill(contents);
        var answer = new ModelInferResponse { ModelName = "m", Id = "7" };
        answer.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
        {
            Name = "boxes", Datatype = datatype, Shape = { 1, 3 }, Contents = raw.Length == 0 ? contents : null,
        });
        answer.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
        {
            Name = "ids", Datatype = "INT64", Shape = { 1, 3 },
            Contents = raw.Length == 0 ? new InferTensorContents { Int64Contents = { 1, 2, 3 } } : null,
        });
        answer.RawOutputContents.AddRange(raw);
        return answer.ToByteArray();
    }
}
