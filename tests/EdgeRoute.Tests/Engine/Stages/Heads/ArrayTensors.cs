using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Output tensors that a test makes up.</summary>
internal sealed class ArrayTensors(params (long[] Shape, float[] Values)[] tensors) : IHeadTensors
{
    public int Count => tensors.Length;

    public ReadOnlySpan<float> Values(int index) => tensors[index].Values;

    public ReadOnlySpan<long> Shape(int index) => tensors[index].Shape;

    /// <summary>A tensor of small random values.</summary>
    public static (long[] Shape, float[] Values) Random(Random random, double least, double most, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(least + ((most - least) * random.NextDouble()));
        }

        return (shape, values);
    }

    /// <summary>A frame that is the tensor, pixel by pixel.</summary>
    public static FrameMapping SameSize(int width, int height) => new(1, 0, 1, 0, width, height, width, height);

    public static (ExitSignals Signals, Answer Answer) Decode(IHead head, IHeadTensors tensors, FrameMapping mapping)
    {
        var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit);
        return (head.Decode(tensors, mapping, answer), answer);
    }
}
