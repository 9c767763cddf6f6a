namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// Lloyd's clustering from a k-means++ start (Arthur and Vassilvitskii, SODA 2007). Points are rows of one length, in one array.
/// </summary>
internal sealed class KMeans
{
    /// <summary>Rounds at most; a clustering that still moves then is moving by a few points.</summary>
    private const int RoundLimit = 25;

    private readonly float[] _points;
    private readonly int _length;
    private readonly int[] _nearest;

    private KMeans(float[] points, int length, int count)
    {
        (_points, _length) = (points, length);
        (_nearest, Centres, Sizes) = (new int[points.Length / length], new float[count][], new int[count]);
    }

    public float[][] Centres { get; }

    /// <summary>Points that are nearest to each centre.</summary>
    public int[] Sizes { get; }

    /// <summary>Sum of squared distances of the points to their centres.</summary>
    public double Spread { get; private set; }

    /// <summary>The tightest of a few clusterings into so many.</summary>
    public static KMeans Best(float[] points, int length, int count, int tryCount, RandomSequence random)
    {
        KMeans? best = null;
        for (int i = 0; i < tryCount; i++)
        {
            var clusters = new KMeans(points, length, count);
            clusters.Run(random);
            best = best is null || clusters.Spread < best.Spread ? clusters : best;
        }

        return best!;
    }

    /// <summary>
    /// Mean over the points of 1 - distance to the own centre / distance to the next nearest: the silhouette (Rousseeuw, 1987) by centres
    /// instead of by pairs. 0 for clusters that run into each other, towards 1 for tight ones.
    /// </summary>
    public double Silhouette()
    {
        double sum = 0;
        for (int i = 0; i < _nearest.Length; i++)
        {
            float first = float.PositiveInfinity, second = float.PositiveInfinity;
            foreach (float[] centre in Centres)
            {
                float distance = SquareDistance(PointAt(i), centre);
                (first, second) = distance < first ? (distance, first) : (first, Math.Min(second, distance));
            }

            sum += second > 0 ? 1 - Math.Sqrt(first / second) : 0;
        }

        return sum / _nearest.Length;
    }

    private void Run(RandomSequence random)
    {
        Start(random);
        Assign();
        bool hasMoved = true;
        for (int i = 0; i < RoundLimit && hasMoved; i++)
        {
            Average();
            hasMoved = Assign();
        }
    }

    /// <summary>Each further centre is a point drawn by its squared distance to the centres so far.</summary>
    private void Start(RandomSequence random)
    {
        Centres[0] = PointAt(random.NextIndex(_nearest.Length)).ToArray();
        double[] distances = new double[_nearest.Length];
        Array.Fill(distances, double.PositiveInfinity);
        for (int k = 1; k < Centres.Length; k++)
        {
            for (int i = 0; i < distances.Length; i++)
            {
                distances[i] = Math.Min(distances[i], SquareDistance(PointAt(i), Centres[k - 1]));
            }

            double mark = random.Next() * distances.Sum();
            int chosen = 0;
            for (; chosen + 1 < distances.Length && mark >= distances[chosen]; chosen++)
            {
                mark -= distances[chosen];
            }

            Centres[k] = PointAt(chosen).ToArray();
        }
    }

    private bool Assign()
    {
        bool hasMoved = false;
        Spread = 0;
        Array.Clear(Sizes);
        for (int i = 0; i < _nearest.Length; i++)
        {
            int nearest = 0;
            float least = float.PositiveInfinity;
            for (int k = 0; k < Centres.Length; k++)
            {
                float distance = SquareDistance(PointAt(i), Centres[k]);
                (nearest, least) = distance < least ? (k, distance) : (nearest, least);
            }

            hasMoved |= _nearest[i] != nearest;
            _nearest[i] = nearest;
            Sizes[nearest]++;
            Spread += least;
        }

        return hasMoved;
    }

    /// <summary>A centre without points stays where it is; too small a cluster is the caller's to reject.</summary>
    private void Average()
    {
        double[] sums = new double[Centres.Length * _length];
        for (int i = 0; i < _nearest.Length; i++)
        {
            var point = PointAt(i);
            for (int j = 0; j < _length; j++)
            {
                sums[(_nearest[i] * _length) + j] += point[j];
            }
        }

        for (int i = 0; i < sums.Length; i++)
        {
            int k = i / _length;
            Centres[k][i % _length] = Sizes[k] > 0 ? (float)(sums[i] / Sizes[k]) : Centres[k][i % _length];
        }
    }

    private ReadOnlySpan<float> PointAt(int index) => _points.AsSpan(index * _length, _length);

    private static float SquareDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            float difference = a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }
}
