using System.Numerics.Tensors;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// How the values that one weighted sum of a layer takes go together: the mean product of each pair of them, over places of all frames. It
/// tells what a change of the weights does to the layer's output, without the layer being run.
/// </summary>
internal sealed class InputMoments
{
    /// <summary>Values of one sum; the pairs of more would take too much memory.</summary>
    private const int InputsMost = 768;

    /// <summary>Places of a frame. Neighbours tell the same, frames do not.</summary>
    private const int PlacesPerFrame = 128;

    /// <summary>Fractions whose multiples fill a square evenly, whatever their number.</summary>
    private const double AcrossStep = 0.7548776662466927, DownStep = 0.5698402909980532;

    private readonly int _channels, _height, _width, _downEvery, _acrossEvery;
    private readonly bool _areRows;
    private readonly float[] _products, _sums, _patch;
    private long _placeCount;

    private InputMoments(int groups, int channels, int height, int width, (int Down, int Across) every, bool areRows)
    {
        (Groups, _channels) = (groups, channels);
        (_height, _width) = (height, width);
        (_downEvery, _acrossEvery, _areRows) = (every.Down, every.Across, areRows);
        Size = channels * height * width;
        (_patch, _sums, _products) = (new float[Size], new float[groups * Size], new float[groups * Size * Size]);
    }

    /// <summary>Values of one sum.</summary>
    public int Size { get; }

    public int Groups { get; }

    /// <summary>Of each group, so far.</summary>
    public long Count { get; private set; }

    /// <summary>For a layer's input; null where its sums take too many values, or lie along other sizes than height and width.</summary>
    public static InputMoments? For(OnnxGraph graph, WeightedLayer layer)
    {
        var (node, shape) = (graph.Nodes[layer.Index], graph.Weight(layer.Weight)!.Dims);
        int groups = layer.IsConvolution ? (int)OnnxModelFile.IntOf(node, "group", 1) : 1;
        long size = layer.IsConvolution ? shape.Skip(1).Aggregate(1L, (a, b) => a * b) : shape[1 - layer.Axis];
        if (size > InputsMost || (layer.IsConvolution && shape.Count != 4))
        {
            return null;
        }

        long[] every = [.. node.Attribute.FirstOrDefault(a => a.Name == "dilations")?.Ints ?? [1, 1]];
        return layer.IsConvolution
            ? new InputMoments(groups, (int)shape[1], (int)shape[2], (int)shape[3], ((int)every[0], (int)every[1]), areRows: false)
            : new InputMoments(1, (int)size, 1, 1, (1, 1), areRows: true);
    }

    /// <summary>Takes places of a frame; none where the window fits into it nowhere.</summary>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        if (_areRows)
        {
            AddRows(values);
            return;
        }

        if (shape.Length != 4 || shape[1] != Groups * _channels)
        {
            return;
        }

        int height = (int)shape[2], width = (int)shape[3];
        int down = height - ((_height - 1) * _downEvery), across = width - ((_width - 1) * _acrossEvery);
        for (int i = 0; i < PlacesPerFrame && down > 0 && across > 0; i++)
        {
            _placeCount++;
            int y = (int)(_placeCount * DownStep % 1 * down), x = (int)(_placeCount * AcrossStep % 1 * across);
            for (int group = 0; group < Groups; group++)
            {
                Gather(values[(group * _channels * height * width)..], height, width, (y * width) + x);
                AddPairs(group);
            }

            Count++;
        }
    }

    /// <summary>Of a group: products of pairs; about the mean where a bias takes the mean's change back anyway.</summary>
    public double[] Of(int group, bool isAboutMean)
    {
        double[] moments = new double[Size * Size];
        double count = Math.Max(Count, 1);
        for (int i = 0; i < Size; i++)
        {
            double mean = isAboutMean ? _sums[(group * Size) + i] / count : 0;
            for (int j = i; j < Size; j++)
            {
                double product = (_products[(((group * Size) + i) * Size) + j] / count) - (mean * _sums[(group * Size) + j] / count);
                (moments[(i * Size) + j], moments[(j * Size) + i]) = (product, product);
            }
        }

        return moments;
    }

    private void AddRows(ReadOnlySpan<float> values)
    {
        int rows = values.Length / Size, taken = Math.Min(rows, PlacesPerFrame);
        for (int i = 0; i < taken; i++)
        {
            values.Slice((int)((long)i * rows / taken) * Size, Size).CopyTo(_patch);
            AddPairs(0);
            Count++;
        }
    }

    private void Gather(ReadOnlySpan<float> group, int height, int width, int at)
    {
        int filled = 0;
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int y = 0; y < _height; y++)
            {
                int row = (channel * height * width) + at + (y * _downEvery * width);
                for (int x = 0; x < _width; x++)
                {
                    _patch[filled++] = group[row + (x * _acrossEvery)];
                }
            }
        }
    }

    private void AddPairs(int group)
    {
        var sums = _sums.AsSpan(group * Size, Size);
        TensorPrimitives.Add(sums, _patch, sums);
        for (int i = 0; i < Size; i++)
        {
            if (_patch[i] != 0)
            {
                var row = _products.AsSpan((((group * Size) + i) * Size) + i, Size - i);
                TensorPrimitives.MultiplyAdd(_patch.AsSpan(i), _patch[i], row, row);
            }
        }
    }
}
