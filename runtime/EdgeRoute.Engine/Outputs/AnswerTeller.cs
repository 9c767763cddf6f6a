using System.Text;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Outputs;

/// <summary>From a frame that ended to what subscribers of answers are told of it. One thread at a time.</summary>
/// <param name="clock">Whose time frames are stamped with.</param>
/// <param name="withMaps">Also where on the frame each class of a map is: some kilobytes, for who shows pictures.</param>
internal sealed class AnswerTeller(TimeProvider clock, bool withMaps = false)
{
    private readonly MaskRuns _runs = new();
    private readonly SurestClasses _surest = new();
    private float[] _depths = [];

    public AnswerMessage Tell(PublishedCopy frame)
    {
        ref readonly var record = ref frame.Record;
        var (names, answer) = (frame.Names, frame.Answer);
        var told = new AnswerMessage
        {
            Source = names.Source,
            Sequence = record.Stamp.Sequence,
            File = frame.Name,
            CaptureNs = record.Stamp.CaptureNs,
            PublishedNs = record.PublishedNs,
            CaptureUtcNs = frame.CaptureUtcNs(clock),
            End = record.End.ToString().ToLowerInvariant(),
            Path = names.PathOf(record.NodeIndex),
            IsLate = (record.Flags & TraceFlags.Late) != 0,
            IsStale = (record.Flags & TraceFlags.Stale) != 0,
            Fault = frame.Fault,
            Task = names.Task.ToString().ToLowerInvariant(),
            Action = names.ActionDimensionCount > 0 ? ActionOf(answer, names) : null,
        };
        if (answer.HasValue)
        {
            (told.IsCarried, told.AgeMs, told.SeenSequence) = (frame.IsCarried, frame.AgeMs, answer.Stamp.Sequence);
            AddAnswer(told, answer, names, record.Stamp.SourceNs);
        }

        return told;
    }

    private void AddAnswer(AnswerMessage told, Answer answer, AnswerNames names, long sourceNs)
    {
        switch (answer.Task)
        {
            case TaskKind.Detection:
                for (int i = 0; i < answer.DetectionCount; i++)
                {
                    var entry = DetectionOf(answer, i, names);
                    entry.Crops = CropsOf(answer.Crops, i, names, sourceNs);
                    told.Detections.Add(entry);
                }

                break;
            case TaskKind.Classification:
                foreach (int index in _surest.Of(answer, names.TopCount))
                {
                    told.Classes.Add(new ClassEntry { Class = names.LabelOf(index), ClassIndex = index,
                        Probability = answer.Values[index] });
                }

                break;
            case TaskKind.Segmentation:
                told.Segments.AddRange(SegmentsOf(answer.Values.ToArray(), names));
                break;
            case TaskKind.Text:
                (told.Text, told.Confidence) = (TextValues.Read(answer.Values, names.Labels), TextValues.ConfidenceOf(answer.Values));
                break;
            case TaskKind.Depth:
                told.Depth = DepthOf(answer.Values);
                break;
            default:
                told.Values = answer.Values.ToArray();
                break;
        }
    }

    private DetectionEntry DetectionOf(Answer answer, int index, AnswerNames names)
    {
        ref readonly var detection = ref answer.Detections[index];
        var entry = new DetectionEntry
        {
            Class = names.LabelOf(detection.ClassIndex),
            ClassIndex = detection.ClassIndex,
            Confidence = detection.Confidence,
            Box = [detection.Left, detection.Top, detection.Width, detection.Height],
        };
        var track = answer.Tracks[index];
        if (track.Id > 0)
        {
            (entry.Track, entry.TrackMs, entry.Velocity) = (track.Id, track.AgeSeconds * 1e3, [track.VelocityX, track.VelocityY]);
        }

        var details = answer.Details;
        switch (details.Form.Kind)
        {
            case DetailKind.Keypoints:
                entry.Keypoints = [.. details.Points(index).ToArray().SelectMany(p => new[] { p.X, p.Y, p.Visibility })];
                break;
            case DetailKind.Corners:
                entry.Corners = [.. details.Points(index).ToArray().SelectMany(p => new[] { p.X, p.Y })];
                entry.Angle = DetailWriter.AngleOf(details, index);
                break;
            case DetailKind.Mask when details.FrameWidth > 0 && details.FrameHeight > 0:
                entry.Mask = new MaskEntry { Size = [details.FrameHeight, details.FrameWidth],
                    Counts = Encoding.ASCII.GetString(_runs.Encode(details, index)) };
                break;
        }

        return entry;
    }

    private static List<CropEntry> CropsOf(CropAnswers crops, int detection, AnswerNames names, long sourceNs)
    {
        var entries = new List<CropEntry>();
        for (int crop = 0; crop < crops.Form.Count; crop++)
        {
            if (!crops.Has(detection, crop))
            {
                continue;
            }

            var (values, name) = (crops.Values(detection, crop).ToArray(), names.Crops[crop]);
            var entry = new CropEntry { Stage = name.Stage, AgeMs = (sourceNs - crops.SourceNs(detection, crop)) / 1e6 };
            switch (name.Task)
            {
                case TaskKind.Text:
                    (entry.Text, entry.Confidence) = (TextValues.Read(values, name.Labels), TextValues.ConfidenceOf(values));
                    break;
                case TaskKind.Classification:
                    entry.Classes = [.. values.Chunk(TextValues.PerCharacter).Select(c => new ClassEntry
                    {
                        Class = name.LabelOf((int)c[0]), ClassIndex = (int)c[0], Probability = c[1],
                    })];
                    break;
                default:
                    entry.Values = values;
                    break;
            }

            entries.Add(entry);
        }

        return entries;
    }

    private static PlannedAction ActionOf(Answer answer, AnswerNames names) => !answer.HasValue
        ? new PlannedAction { Values = new float[names.ActionDimensionCount], IsHold = true }
        : new PlannedAction
        {
            Values = answer.Values[..names.ActionDimensionCount].ToArray(),
            Step = answer.StepIndex,
            PlanPath = names.PathOf(answer.NodeIndex),
        };

    private IEnumerable<ClassEntry> SegmentsOf(float[] map, AnswerNames names) =>
        map.Where(v => v >= 0).CountBy(v => (int)v).OrderBy(c => c.Key).Select(c => new ClassEntry
        {
            Class = names.LabelOf(c.Key), ClassIndex = c.Key, Share = (double)c.Value / map.Length,
            Mask = withMaps ? MaskOf(map, c.Key) : null,
        });

    private MaskEntry MaskOf(float[] map, int index) => new()
    {
        Size = [Answer.MapSide, Answer.MapSide], Counts = Encoding.ASCII.GetString(_runs.Encode(map, Answer.MapSide, index)),
    };

    private DepthEntry DepthOf(ReadOnlySpan<float> map)
    {
        _depths = _depths.Length == map.Length ? _depths : new float[map.Length];
        int count = 0;
        foreach (float value in map)
        {
            _depths[count] = value;
            count += float.IsFinite(value) ? 1 : 0;
        }

        Array.Sort(_depths, 0, count);
        return count == 0 ? new DepthEntry()
            : new DepthEntry { Least = _depths[0], Median = _depths[count / 2], Most = _depths[count - 1] };
    }
}
