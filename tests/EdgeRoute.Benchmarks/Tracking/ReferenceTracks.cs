using EdgeRoute.Core.Frames;

namespace EdgeRoute.Benchmarks.Tracking;

/// <summary>An object of a video, by frame: its detection, or the box between two of them where it was missed.</summary>
internal sealed class ReferenceTrack(int first, List<Detection?> boxes, float threshold)
{
    public int First => first;

    public int Last => first + boxes.Count - 1;

    public List<Detection?> Boxes => boxes;

    public int SureCount => boxes.Count(b => b is { } box && box.Confidence >= threshold);

    /// <summary>Whether a detection shows it, above the threshold.</summary>
    public bool IsSeenAt(int frame) => BoxAt(frame) is { } box && box.Confidence >= threshold;

    public Detection? BoxAt(int frame) => frame < First || frame > Last ? null : boxes[frame - first];

    /// <summary>Where it is some frames after its end (positive), or before its beginning, at the speed of its last half second.</summary>
    public Detection Beyond(int frames)
    {
        int reach = Math.Min(15, boxes.Count - 1);
        var edge = (frames > 0 ? boxes[^1] : boxes[0])!.Value;
        var inner = (frames > 0 ? boxes[^(reach + 1)] : boxes[reach])!.Value;
        float by = reach == 0 ? 0 : Math.Abs(frames) / (float)reach;
        return edge with
        {
            Left = edge.Left + (by * (edge.Left + (edge.Width / 2) - inner.Left - (inner.Width / 2))),
            Top = edge.Top + (by * (edge.Top + (edge.Height / 2) - inner.Top - (inner.Height / 2))),
        };
    }
}

/// <summary>
/// Objects linked from the detections of every frame, faint ones too: neighbouring frames by mutual best overlap, then pieces across gaps
/// by where each is going and the other comes from. Objects of under half a second, or seldom seen surely, are left out.
/// </summary>
internal static class ReferenceTracks
{
    private const double LinkAtLeast = 0.5, JoinAtLeast = 0.3;
    private const int GapLimit = 30, LengthAtLeast = 15;

    public static List<ReferenceTrack> Of(List<List<Detection>> frames, float threshold)
    {
        var pieces = Link(frames, threshold);
        for (int gap = 1; gap <= GapLimit; gap++)
        {
            Join(pieces, gap, threshold);
        }

        return pieces.FindAll(p => p.Boxes.Count >= LengthAtLeast && p.SureCount * 2 >= p.Boxes.Count);
    }

    private static List<ReferenceTrack> Link(List<List<Detection>> frames, float threshold)
    {
        var all = new List<ReferenceTrack>();
        List<ReferenceTrack> open = [];
        for (int i = 0; i < frames.Count; i++)
        {
            var seen = frames[i];
            int[] pieceOf = MutualBest(open.Count, seen.Count, (p, j) => open[p].Boxes[^1]!.Value is var box
                && box.ClassIndex == seen[j].ClassIndex ? box.OverlapWith(seen[j]) : 0, LinkAtLeast);
            var next = new List<ReferenceTrack>();
            for (int j = 0; j < seen.Count; j++)
            {
                if (pieceOf[j] >= 0)
                {
                    open[pieceOf[j]].Boxes.Add(seen[j]);
                    next.Add(open[pieceOf[j]]);
                }
                else
                {
                    next.Add(new ReferenceTrack(i, [seen[j]], threshold));
                    all.Add(next[^1]);
                }
            }

            open = next;
        }

        return all;
    }

    /// <summary>Pieces so many frames apart become one, whatever class the detector took the object for.</summary>
    private static void Join(List<ReferenceTrack> pieces, int gap, float threshold)
    {
        foreach (var ends in pieces.GroupBy(p => p.Last).ToList())
        {
            var earlier = ends.ToList();
            var later = pieces.FindAll(p => p.First == ends.Key + gap + 1);
            int[] earlierOf = MutualBest(earlier.Count, later.Count, (i, j) =>
                earlier[i].Beyond((gap + 1) / 2).OverlapWith(later[j].Beyond(-((gap + 2) / 2))), JoinAtLeast);
            for (int j = 0; j < later.Count; j++)
            {
                if (earlierOf[j] >= 0)
                {
                    var one = earlier[earlierOf[j]];
                    one.Boxes.AddRange(Between(one.Boxes[^1]!.Value, later[j].Boxes[0]!.Value, gap));
                    one.Boxes.AddRange(later[j].Boxes);
                    pieces.Remove(later[j]);
                }
            }
        }
    }

    private static IEnumerable<Detection?> Between(Detection before, Detection after, int gap)
    {
        for (int i = 1; i <= gap; i++)
        {
            float share = i / (gap + 1f);
            float Mix(float a, float b) => a + (share * (b - a));
            yield return before with
            {
                Left = Mix(before.Left, after.Left), Top = Mix(before.Top, after.Top), Width = Mix(before.Width, after.Width),
                Height = Mix(before.Height, after.Height), Confidence = 0,
            };
        }
    }

    /// <summary>By column, the row that is its best while it is the row's best; -1 for none.</summary>
    private static int[] MutualBest(int rows, int columns, Func<int, int, double> overlap, double atLeast)
    {
        int BestRow(int j) => Enumerable.Range(0, rows).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : overlap(i, j));
        int BestColumn(int i) => Enumerable.Range(0, columns).DefaultIfEmpty(-1).MaxBy(j => j < 0 ? 0 : overlap(i, j));
        int[] found = new int[columns];
        for (int j = 0; j < columns; j++)
        {
            int row = BestRow(j);
            found[j] = row >= 0 && overlap(row, j) >= atLeast && BestColumn(row) == j ? row : -1;
        }

        return found;
    }
}
