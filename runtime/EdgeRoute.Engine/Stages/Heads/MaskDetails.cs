using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Masks mixed from prototypes (YOLACT, Bolya et al., arXiv 1904.02689; the segmentation models of Ultralytics): the sum of prototypes
/// [1, M, H, W] times the candidate's M coefficients, above zero where the object is. Computed inside reported boxes only; between the
/// middles of prototype cells the sums are interpolated linearly, as the published decoding scales them up.
/// </summary>
internal sealed class MaskDetails(int count) : CandidateDetails(DetailForm.Mask, count)
{
    private const int PrototypesAt = 1;
    private const int Side = DetectionDetails.MaskSide;

    private readonly int[] _columns = new int[Side];
    private readonly float[] _columnShares = new float[Side];

    /// <summary>Sums of one window, row after row; grows with the largest prototypes seen.</summary>
    private float[] _sums = [];
    private float[] _blend = [];
    private IHeadTensors? _tensors;
    private int _width, _height;

    public override void Begin(IHeadTensors tensors, in FrameMapping mapping)
    {
        base.Begin(tensors, mapping);
        var shape = tensors.Shape(PrototypesAt);
        if (shape.Length != 4 || shape[1] != ValueCount || shape[2] < 1 || shape[3] < 1
            || tensors.Values(PrototypesAt).Length != shape[1] * shape[2] * shape[3])
        {
            throw new InvalidDataException($"Output 1 has the shape [{string.Join(", ", shape.ToArray())}]; prototypes are "
                + $"[1, {ValueCount}, height, width].");
        }

        (_tensors, _width, _height) = (tensors, (int)shape[3], (int)shape[2]);
        _sums = _sums.Length < _width * _height ? new float[_width * _height] : _sums;
        _blend = _blend.Length < _width ? new float[_width] : _blend;
    }

    public override void Fill(ReadOnlySpan<float> values, int candidate, in Detection detection, DetectionDetails into, int index)
    {
        SoundOutput.CheckFinite(values, "a candidate's mask coefficients");
        var points = into.Points(index);
        points[0] = new DetailPoint(detection.Left, detection.Top, 1);
        points[1] = new DetailPoint(detection.Right, detection.Bottom, 1);
        var across = new CellRange(detection.Left * Mapping.FrameWidth, detection.Width * Mapping.FrameWidth, Side, Mapping.ScaleX,
            Mapping.OffsetX, Mapping.TensorWidth, _width);
        var down = new CellRange(detection.Top * Mapping.FrameHeight, detection.Height * Mapping.FrameHeight, Side, Mapping.ScaleY,
            Mapping.OffsetY, Mapping.TensorHeight, _height);
        for (int i = 0; i < Side; i++)
        {
            (_columns[i], _columnShares[i]) = across.At(i);
            _columns[i] -= across.First;
        }

        Mix(values, across, down);
        Sample(across.Count, down, into.Mask(index));
    }

    /// <summary>Sums of the prototypes, for the cells that a window touches.</summary>
    private void Mix(ReadOnlySpan<float> coefficients, in CellRange across, in CellRange down)
    {
        var prototypes = _tensors!.Values(PrototypesAt);
        var sums = _sums.AsSpan(0, down.Count * across.Count);
        sums.Clear();
        for (int m = 0; m < coefficients.Length; m++)
        {
            for (int y = 0; y < down.Count; y++)
            {
                var row = sums.Slice(y * across.Count, across.Count);
                int at = (((m * _height) + down.First + y) * _width) + across.First;
                TensorPrimitives.MultiplyAdd(prototypes.Slice(at, across.Count), coefficients[m], row, row);
            }
        }

        SoundOutput.CheckFinite(sums, "output 1 under a candidate");
    }

    private void Sample(int width, in CellRange down, Span<ulong> mask)
    {
        var blend = _blend.AsSpan(0, width);
        mask.Clear();
        for (int row = 0; row < Side; row++)
        {
            var (y, share) = down.At(row);
            int above = y - down.First, below = Math.Min(above + 1, down.Count - 1);
            TensorPrimitives.Lerp(_sums.AsSpan(above * width, width), _sums.AsSpan(below * width, width), share, blend);
            for (int column = 0; column < Side; column++)
            {
                float left = blend[_columns[column]], right = blend[Math.Min(_columns[column] + 1, width - 1)];
                int at = (row * Side) + column;
                mask[at >> 6] |= left + ((right - left) * _columnShares[column]) > 0 ? 1UL << (at & 63) : 0;
            }
        }
    }
}
