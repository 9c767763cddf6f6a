using EdgeRoute.Core.Frames;

namespace EdgeRoute.Benchmarks.Tracking;

/// <summary>A box told by a tracker, and whose it is.</summary>
internal readonly record struct ToldBox(Detection Box, long Id);

/// <summary>What is compared: given the detections of the frames that are looked at, it tells boxes with ids at every frame.</summary>
internal interface IRivalTracker
{
    /// <param name="seen">Null where the frame is not looked at.</param>
    List<ToldBox> Step(double seconds, List<Detection>? seen);
}

/// <summary>
/// SORT as published (Bewley et al., ICIP 2016): a constant-velocity Kalman filter of centre, area and aspect in pixels, with the published
/// noise, and optimal assignment by overlap. On frames that are not looked at it tells its predictions.
/// </summary>
/// <param name="missLimit">Looked-at frames that a track outlives unseen.</param>
/// <param name="hitsAtLeast">Sightings in a row before a track is told.</param>
internal sealed class SortTracker(double width, double height, int missLimit, int hitsAtLeast) : IRivalTracker
{
    private const double OverlapAtLeast = 0.3;

    private readonly List<SortTrack> _tracks = [];
    private long _lastId;
    private int _frameCount;

    public List<ToldBox> Step(double seconds, List<Detection>? seen)
    {
        _frameCount++;
        foreach (var track in _tracks)
        {
            track.Predict();
        }

        if (seen is not null)
        {
            Update(seen);
        }

        return [.. _tracks.Where(t => t.Missed == 0 && (t.Hits >= hitsAtLeast || _frameCount <= hitsAtLeast))
            .Select(t => new ToldBox(t.Box(width, height), t.Id))];
    }

    private void Update(List<Detection> seen)
    {
        var overlaps = new double[_tracks.Count, seen.Count];
        for (int i = 0; i < _tracks.Count; i++)
        {
            for (int j = 0; j < seen.Count; j++)
            {
                overlaps[i, j] = _tracks[i].ClassIndex == seen[j].ClassIndex ? _tracks[i].Box(width, height).OverlapWith(seen[j]) : 0;
            }
        }

        int[] detectionOf = Assignment.Best(overlaps);
        var isTaken = new bool[seen.Count];
        for (int i = 0; i < _tracks.Count; i++)
        {
            int found = detectionOf[i];
            bool isPair = found >= 0 && overlaps[i, found] >= OverlapAtLeast;
            _tracks[i].Take(isPair ? seen[found] : null, width, height);
            if (isPair)
            {
                isTaken[found] = true;
            }
        }

        _tracks.RemoveAll(t => t.Missed > missLimit);
        for (int j = 0; j < seen.Count; j++)
        {
            if (!isTaken[j])
            {
                _tracks.Add(new SortTrack(++_lastId, seen[j], width, height));
            }
        }
    }

    /// <summary>The published covariances are diagonal, so each of the four measured numbers has a filter of its own.</summary>
    private sealed class SortTrack
    {
        private readonly Axis _x, _y, _area, _aspect;

        public SortTrack(long id, in Detection box, double width, double height)
        {
            var (x, y, area, aspect) = Measure(box, width, height);
            (Id, ClassIndex, Confidence) = (id, box.ClassIndex, box.Confidence);
            (_x, _y) = (new Axis(x, 1, 0.01), new Axis(y, 1, 0.01));
            (_area, _aspect) = (new Axis(area, 10, 0.0001), new Axis(aspect, 10, 0) { HasVelocity = false });
        }

        public long Id { get; }

        public int ClassIndex { get; }

        public float Confidence { get; private set; }

        public int Missed { get; private set; }

        public int Hits { get; private set; } = 1;

        public void Predict()
        {
            if (_area.Position + _area.Velocity <= 0)
            {
                _area.Velocity = 0;
            }

            _x.Predict();
            _y.Predict();
            _area.Predict();
            _aspect.Predict();
        }

        public void Take(Detection? seen, double width, double height)
        {
            if (seen is not { } box)
            {
                (Missed, Hits) = (Missed + 1, 0);
                return;
            }

            (Missed, Hits, Confidence) = (0, Hits + 1, box.Confidence);
            var (x, y, area, aspect) = Measure(box, width, height);
            _x.Correct(x);
            _y.Correct(y);
            _area.Correct(area);
            _aspect.Correct(aspect);
        }

        public Detection Box(double width, double height)
        {
            double w = Math.Sqrt(Math.Max(_area.Position * _aspect.Position, 0)), h = w > 0 ? _area.Position / w : 0;
            return new((float)((_x.Position - (w / 2)) / width), (float)((_y.Position - (h / 2)) / height), (float)(w / width),
                (float)(h / height), Confidence, ClassIndex);
        }

        private static (double X, double Y, double Area, double Aspect) Measure(in Detection box, double width, double height)
        {
            double w = box.Width * width, h = box.Height * height;
            return ((box.Left * width) + (w / 2), (box.Top * height) + (h / 2), w * h, w / h);
        }
    }

    private sealed class Axis(double position, double measuredVariance, double velocityNoise)
    {
        private double _position = 10, _cross, _velocity = 10_000;

        public double Position { get; private set; } = position;

        public double Velocity { get; set; }

        public bool HasVelocity { get; init; } = true;

        public void Predict()
        {
            if (HasVelocity)
            {
                Position += Velocity;
                _position += (2 * _cross) + _velocity;
                _cross += _velocity;
                _velocity += velocityNoise;
            }

            _position += 1;
        }

        public void Correct(double measured)
        {
            double total = _position + measuredVariance, gain = _position / total, velocityGain = HasVelocity ? _cross / total : 0;
            double surprise = measured - Position;
            Position += gain * surprise;
            Velocity += velocityGain * surprise;
            _velocity -= velocityGain * _cross;
            _cross *= 1 - gain;
            _position *= 1 - gain;
        }
    }
}

/// <summary>
/// Each detection of a looked-at frame goes to the box of the one before that it overlaps most; between them boxes stand still.
/// </summary>
internal sealed class FrameMatcher : IRivalTracker
{
    private const double OverlapAtLeast = 0.3;

    private List<ToldBox> _last = [];
    private long _lastId;

    public List<ToldBox> Step(double seconds, List<Detection>? seen)
    {
        if (seen is null)
        {
            return _last;
        }

        var pairs = from i in Enumerable.Range(0, _last.Count)
                    from j in Enumerable.Range(0, seen.Count)
                    where _last[i].Box.ClassIndex == seen[j].ClassIndex
                    let overlap = _last[i].Box.OverlapWith(seen[j])
                    where overlap >= OverlapAtLeast
                    orderby overlap descending
                    select (i, j);
        long[] ids = new long[seen.Count];
        var isUsed = new bool[_last.Count];
        foreach (var (i, j) in pairs)
        {
            if (!isUsed[i] && ids[j] == 0)
            {
                (isUsed[i], ids[j]) = (true, _last[i].Id);
            }
        }

        _last = [.. seen.Select((box, j) => new ToldBox(box, ids[j] > 0 ? ids[j] : ++_lastId))];
        return _last;
    }
}

/// <summary>One to one, with the largest sum of gains.</summary>
internal static class Assignment
{
    /// <summary>
    /// By row, the column it gets, or -1: the Hungarian method with potentials (Kuhn 1955, Munkres 1957), rows filled up to a square.
    /// </summary>
    public static int[] Best(double[,] gains)
    {
        int rows = gains.GetLength(0), columns = gains.GetLength(1), n = Math.Max(rows, columns);
        double[] u = new double[n + 1], v = new double[n + 1];
        int[] rowOf = new int[n + 1], way = new int[n + 1];
        for (int i = 1; i <= n; i++)
        {
            rowOf[0] = i;
            int column = 0;
            var least = Enumerable.Repeat(double.PositiveInfinity, n + 1).ToArray();
            var isDone = new bool[n + 1];
            do
            {
                isDone[column] = true;
                int row = rowOf[column], next = 0;
                double step = double.PositiveInfinity;
                for (int j = 1; j <= n; j++)
                {
                    if (!isDone[j])
                    {
                        double cost = (row <= rows && j <= columns ? -gains[row - 1, j - 1] : 0) - u[row] - v[j];
                        (least[j], way[j]) = cost < least[j] ? (cost, column) : (least[j], way[j]);
                        (step, next) = least[j] < step ? (least[j], j) : (step, next);
                    }
                }

                for (int j = 0; j <= n; j++)
                {
                    u[rowOf[j]] += isDone[j] ? step : 0;
                    v[j] -= isDone[j] ? step : 0;
                    least[j] -= isDone[j] ? 0 : step;
                }

                column = next;
            }
            while (rowOf[column] != 0);

            for (; column != 0; column = way[column])
            {
                rowOf[column] = rowOf[way[column]];
            }
        }

        int[] found = Enumerable.Repeat(-1, rows).ToArray();
        for (int j = 1; j <= columns; j++)
        {
            if (rowOf[j] >= 1 && rowOf[j] <= rows)
            {
                found[rowOf[j] - 1] = j - 1;
            }
        }

        return found;
    }
}
