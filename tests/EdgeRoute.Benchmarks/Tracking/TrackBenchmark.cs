using System.Globalization;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Benchmarks.Tracking;

/// <summary>
/// Identity switches and fragments of trackers that look at all frames of a video, or a share of them, judged at every frame against
/// reference objects. Those are linked from the detections of all frames with the past and the future at hand, because the videos have no
/// labels.
/// </summary>
internal static class TrackBenchmark
{
    private const double Width = 768, Height = 432;

    /// <summary>One frame's detections, faint ones too, at its source time.</summary>
    private readonly record struct SeenFrame(double Seconds, List<Detection> Boxes);

    /// <param name="arguments">ANSWERS.jsonl with every frame of a video looked at, and the detection threshold.</param>
    public static int Run(string[] arguments)
    {
        float threshold = float.Parse(arguments[1], CultureInfo.InvariantCulture);
        var frames = File.ReadLines(arguments[0]).Select(Read).ToList();
        var references = ReferenceTracks.Of([.. frames.Select(f => f.Boxes)], threshold);
        (string Name, Func<IRivalTracker> Make)[] rivals =
        [
            ("edgeroute", () => new OwnTracker(threshold)),
            ("SORT (1 miss, 3 hits)", () => new SortTracker(Width, Height, 1, 3)),
            ("SORT (5 misses, 1 hit)", () => new SortTracker(Width, Height, 5, 1)),
            ("frame by frame", () => new FrameMatcher()),
        ];
        foreach (int every in (int[])[1, 2, 4])
        {
            foreach (var (name, make) in rivals)
            {
                var judged = Judge(make(), frames, references, threshold, every);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{100 / every} %|{name}|{references.Count}|{judged.Switches}|{judged.Fragments}|{judged.Recall:0.000}"));
            }
        }

        return 0;
    }

    private static SeenFrame Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var boxes = new List<Detection>();
        foreach (var told in root.GetProperty("detections").EnumerateArray())
        {
            float[] box = [.. told.GetProperty("box").EnumerateArray().Select(e => e.GetSingle())];
            boxes.Add(new Detection(box[0], box[1], box[2], box[3], told.GetProperty("confidence").GetSingle(),
                told.GetProperty("class_index").GetInt32()));
        }

        return new(root.GetProperty("source_ns").GetInt64() / 1e9, boxes);
    }

    private static Judgement Judge(IRivalTracker tracker, List<SeenFrame> frames, List<ReferenceTrack> references, float threshold,
        int every)
    {
        var judgement = new Judgement(references.Count);
        for (int i = 0; i < frames.Count; i++)
        {
            var told = tracker.Step(frames[i].Seconds, i % every == 0 ? frames[i].Boxes.FindAll(b => b.Confidence >= threshold) : null);
            judgement.Add(i, told, references);
        }

        return judgement;
    }

    private sealed class OwnTracker(float threshold) : IRivalTracker
    {
        private const int Limit = 100;

        private readonly DetectionTracker _tracker = new(new TrackerSettings(Limit, threshold, 0.1f));
        private readonly Answer _answer = new(TaskKind.Detection, Limit, 0);
        private long _sequence;

        public List<ToldBox> Step(double seconds, List<Detection>? seen)
        {
            var stamp = new FrameStamp(0, _sequence++, 0, (long)(seconds * 1e9));
            if (seen is null)
            {
                _tracker.Predict(stamp, _answer);
            }
            else
            {
                _answer.Clear();
                (_answer.Stamp, _answer.NodeIndex, _answer.DetectionCount) = (stamp, 1, Math.Min(seen.Count, Limit));
                seen.OrderByDescending(b => b.Confidence).Take(Limit).ToArray().CopyTo(_answer.DetectionSlots);
                _tracker.Observe(_answer);
            }

            var told = new List<ToldBox>();
            for (int i = 0; i < _answer.DetectionCount; i++)
            {
                told.Add(new(_answer.Detections[i], _answer.Tracks[i].Id));
            }

            return told;
        }
    }

    /// <summary>
    /// Counts after CLEAR MOT (Bernardin and Stiefelhagen, 2008): a pair of the frame before stays while it overlaps by half.
    /// </summary>
    private sealed class Judgement(int referenceCount)
    {
        private const double OverlapAtLeast = 0.5;

        private readonly long[] _idOf = new long[referenceCount];
        private readonly bool[] _wasFound = new bool[referenceCount];
        private readonly bool[] _wasEverFound = new bool[referenceCount];
        private int _present, _found;

        public int Switches { get; private set; }

        public int Fragments { get; private set; }

        public double Recall => _found / (double)Math.Max(1, _present);

        public void Add(int frame, List<ToldBox> told, List<ReferenceTrack> references)
        {
            var present = Enumerable.Range(0, references.Count).Where(r => references[r].IsSeenAt(frame)).ToList();
            var gains = new double[present.Count, told.Count];
            for (int i = 0; i < present.Count; i++)
            {
                var box = references[present[i]].BoxAt(frame)!.Value;
                for (int j = 0; j < told.Count; j++)
                {
                    double overlap = told[j].Box.OverlapWith(box);
                    gains[i, j] = overlap < OverlapAtLeast ? 0 : overlap + (told[j].Id == _idOf[present[i]] ? 2 : 0);
                }
            }

            int[] pairs = Assignment.Best(gains);
            _present += present.Count;
            for (int i = 0; i < present.Count; i++)
            {
                bool isFound = pairs[i] >= 0 && gains[i, pairs[i]] > 0;
                Note(present[i], isFound, isFound ? told[pairs[i]].Id : 0);
            }
        }

        private void Note(int reference, bool isFound, long id)
        {
            if (isFound)
            {
                _found++;
                Switches += _idOf[reference] > 0 && _idOf[reference] != id ? 1 : 0;
                Fragments += _wasEverFound[reference] && !_wasFound[reference] ? 1 : 0;
                _idOf[reference] = id;
                _wasEverFound[reference] = true;
            }

            _wasFound[reference] = isFound;
        }
    }
}
