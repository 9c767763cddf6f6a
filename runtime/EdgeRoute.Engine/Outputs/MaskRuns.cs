using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// A mask as COCO writes it: lengths of the runs of pixels that are not and that are of the object, in turn, down each column of the frame
/// from the left, as text of six bits a character (the compressed counts of pycocotools).
/// </summary>
internal sealed class MaskRuns
{
    /// <summary>Bits of a character: five of the number, then whether more follow; written from the character '0' on.</summary>
    private const int NumberBits = 5, NumberMask = 31, SignBit = 16, MoreBit = 32, FirstCharacter = 48;

    private readonly List<int> _runs = [];
    private byte[] _text = new byte[256];

    /// <summary>Pixels down the frame that each row of the mask covers; the others lie before and after its window.</summary>
    private readonly int[] _rowPixels = new int[DetectionDetails.MaskSide];
    private int _pixelsBefore, _pixelsAfter;
    private int _length, _run;
    private bool _isSet;

    /// <summary>The text; valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(DetectionDetails details, int index)
    {
        var window = details.Points(index);
        int width = details.FrameWidth, height = details.FrameHeight;
        CountRows(window[0].Y, window[1].Y, height);
        _runs.Clear();
        (_run, _isSet) = (0, false);
        var mask = details.Mask(index);
        for (int x = 0; x < width; x++)
        {
            AddColumn(mask, CellOf(x, width, window[0].X, window[1].X), height);
        }

        _runs.Add(_run);
        return Text();
    }

    /// <summary>The cells of a square map that hold a value, as a mask of the map's own size.</summary>
    public ReadOnlySpan<byte> Encode(ReadOnlySpan<float> map, int side, float value)
    {
        _runs.Clear();
        (_run, _isSet) = (0, false);
        for (int at = 0; at < side * side; at++)
        {
            Add(map[(at % side * side) + (at / side)] == value, 1);
        }

        _runs.Add(_run);
        return Text();
    }

    private void AddColumn(ReadOnlySpan<ulong> mask, int column, int height)
    {
        if (column < 0)
        {
            Add(false, height);
            return;
        }

        Add(false, _pixelsBefore);
        for (int row = 0; row < _rowPixels.Length; row++)
        {
            Add(DetectionDetails.IsSet(mask, column, row), _rowPixels[row]);
        }

        Add(false, _pixelsAfter);
    }

    private void CountRows(float start, float end, int height)
    {
        _rowPixels.AsSpan().Clear();
        (_pixelsBefore, _pixelsAfter) = (0, 0);
        for (int y = 0; y < height; y++)
        {
            int row = CellOf(y, height, start, end);
            if (row >= 0)
            {
                _rowPixels[row]++;
            }

            bool isBefore = row < 0 && (y + 0.5) / height < start;
            _pixelsBefore += isBefore ? 1 : 0;
            _pixelsAfter += row < 0 && !isBefore ? 1 : 0;
        }
    }

    private void Add(bool isSet, int count)
    {
        if (count > 0 && isSet != _isSet)
        {
            _runs.Add(_run);
            (_run, _isSet) = (0, isSet);
        }

        _run += count;
    }

    /// <summary>From the fourth on, a run is written as its difference from the last of its kind.</summary>
    private ReadOnlySpan<byte> Text()
    {
        _length = 0;
        for (int i = 0; i < _runs.Count; i++)
        {
            Write(i > 2 ? _runs[i] - _runs[i - 2] : _runs[i]);
        }

        return _text.AsSpan(0, _length);
    }

    private void Write(int number)
    {
        bool hasMore = true;
        while (hasMore)
        {
            int bits = number & NumberMask;
            number >>= NumberBits;
            // The sign is that of the last five bits, so a number ends where all that is left is its sign.
            hasMore = number != ((bits & SignBit) != 0 ? -1 : 0);
            if (_length == _text.Length)
            {
                Array.Resize(ref _text, _length * 2);
            }

            _text[_length++] = (byte)(FirstCharacter + (hasMore ? bits | MoreBit : bits));
        }
    }

    /// <summary>The mask's cell in which the middle of a pixel lies; -1 outside the window.</summary>
    private static int CellOf(int pixel, int pixels, float start, float end)
    {
        double at = (((pixel + 0.5) / pixels) - start) / ((double)end - start) * DetectionDetails.MaskSide;
        return at >= 0 && at < DetectionDetails.MaskSide ? (int)at : -1;
    }
}
