using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Text found by differentiable binarisation (DB, Liao et al., arXiv 1911.08947): a map of probabilities [1, 1, H, W]. As published with
/// PaddleOCR: cells above a threshold are joined into regions; the smallest rectangle around a region is a candidate, its confidence the
/// mean probability inside; it grows by area * ratio / perimeter on each side, because the map shows text shrunk. Both before and after,
/// rectangles that are too thin are none.
/// </summary>
internal sealed class DbTextHead : DetectionHead
{
    /// <summary>Cells that a rectangle's shorter side must have grown by, too.</summary>
    private const float GrownMore = 2;

    private readonly TextMapRules _rules;
    private readonly TextQuads _quads;
    private readonly MapRegions _regions = new();
    private readonly SmallestRectangle _rectangle = new();

    public DbTextHead(DetectionSettings settings, TextMapRules rules)
        : this(settings, rules, new TextQuads())
    {
    }

    private DbTextHead(DetectionSettings settings, TextMapRules rules, TextQuads quads)
        : base(settings, 1, quads) => (_rules, _quads) = (rules, quads);

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        var map = tensors.Values(0);
        var shape = tensors.Shape(0);
        if (shape.Length != 4 || shape[0] != 1 || shape[1] != 1 || map.IsEmpty || map.Length != shape[2] * shape[3])
        {
            throw new InvalidDataException($"Output 0 has the shape [{string.Join(", ", shape.ToArray())}]; the head reads "
                + "[1, 1, height, width].");
        }

        int height = (int)shape[2], width = (int)shape[3];
        _quads.Scale((float)tensorWidth / width, (float)tensorHeight / height);
        _regions.Find(map, width, _rules.Threshold);
        for (int i = 0; i < _regions.Count; i++)
        {
            AddRegion(_rectangle.Around(_regions.RunsOf(i)), map, width, height);
        }
    }

    private void AddRegion(in TurnedRectangle tight, ReadOnlySpan<float> map, int width, int height)
    {
        if (tight.ShorterSide < _rules.MinSize)
        {
            return;
        }

        float confidence = tight.MeanOf(map, width, height);
        var grown = tight.Grown(tight.Width * tight.Height * _rules.UnclipRatio / (2 * (tight.Width + tight.Height)));
        if (confidence >= Floor && grown.ShorterSide >= _rules.MinSize + GrownMore)
        {
            var (number, left, top, right, bottom) = _quads.Take(grown);
            AddCandidate(left, top, right, bottom, confidence, 0, number);
        }
    }

    /// <summary>The rectangles of a frame's candidates; what is reported of them are their corners.</summary>
    private sealed class TextQuads() : CandidateDetails(DetailForm.Corners, 0)
    {
        /// <summary>Grows with the most candidates seen.</summary>
        private TurnedRectangle[] _taken = new TurnedRectangle[ClasswiseSuppression.CandidateLimit];
        private int _count;
        private float _scaleX, _scaleY;

        public override void Begin(IHeadTensors tensors, in FrameMapping mapping)
        {
            base.Begin(tensors, mapping);
            _count = 0;
        }

        /// <summary>Pixels of the input for a cell of the map.</summary>
        public void Scale(float x, float y) => (_scaleX, _scaleY) = (x, y);

        /// <summary>Keeps a rectangle; returns its number and the upright box around it in pixels of the input.</summary>
        public (int Number, float Left, float Top, float Right, float Bottom) Take(in TurnedRectangle rectangle)
        {
            if (_count == _taken.Length)
            {
                Array.Resize(ref _taken, 2 * _count);
            }

            _taken[_count] = rectangle;
            double reachX = rectangle.ReachX * _scaleX, reachY = rectangle.ReachY * _scaleY;
            double x = rectangle.X * _scaleX, y = rectangle.Y * _scaleY;
            return (_count++, (float)(x - reachX), (float)(y - reachY), (float)(x + reachX), (float)(y + reachY));
        }

        public override void Fill(ReadOnlySpan<float> values, int candidate, in Detection detection, DetectionDetails into, int index)
        {
            var corners = into.Points(index);
            Span<(double X, double Y)> places = stackalloc (double, double)[corners.Length];
            _taken[candidate].Corners(places);
            for (int i = 0; i < corners.Length; i++)
            {
                var point = PointAt((float)(places[i].X * _scaleX), (float)(places[i].Y * _scaleY), 1);
                corners[i] = new DetailPoint(Math.Clamp(point.X, 0, 1), Math.Clamp(point.Y, 0, 1), 1);
            }
        }
    }
}
