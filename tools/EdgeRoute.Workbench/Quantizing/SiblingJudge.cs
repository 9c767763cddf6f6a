using System.Text.Json.Nodes;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Compares siblings of a stage with it, on frames that their ranges do not come from. All run on the same frames in turn, so that what
/// else the machine does meets them all.
/// </summary>
internal sealed class SiblingJudge(QuantizeScene scene, string stage, FrameLabels? labels)
{
    /// <summary>Detections so far above the threshold are in doubt, as calibrations take it where nothing is said.</summary>
    private const float DoubtBand = 0.1f;

    /// <summary>Boxes are compared from this confidence on, whatever is reported to people.</summary>
    private const float ConfidenceLeast = 0.05f;

    private readonly ExitSpec _exit = scene.Pack.Stages.First(s => s.Name == stage).Exit!;

    private float Threshold => _exit.Detection?.Threshold ?? 0;

    private bool AreBoxes => Boxes(_exit);

    /// <summary>Answers are boxes and nothing else.</summary>
    public static bool Boxes(ExitSpec exit) => exit.Task == TaskKind.Detection && exit.Details.Kind == DetailKind.None;

    /// <summary>By sibling, in the order given.</summary>
    public IReadOnlyList<JudgedSibling> Run(string what, IReadOnlyList<SiblingFile> siblings)
    {
        var manifest = SiblingManifest.Alone(scene.Manifest, stage, scene.Pack.Labels);
        if (AreBoxes)
        {
            LowerThresholds(SiblingManifest.StageOf(manifest, stage)["exit"]!.AsObject());
        }

        foreach (var sibling in siblings.Reverse())
        {
            SiblingManifest.Add(manifest, stage, sibling.Name);
            SiblingManifest.Replace(manifest, sibling.Name, sibling);
        }

        Tally[] tallies = [.. siblings.Select(_ => new Tally(AreBoxes))];
        var agreement = Agreement();
        scene.Pass(what, manifest, FrameRole.Judges, (session, frame) =>
        {
            var own = VariantsOf(session.Pack, stage);
            for (int i = 0; i < siblings.Count; i++)
            {
                foreach (var (right, judged) in own.Zip(VariantsOf(session.Pack, siblings[i].Name)))
                {
                    Count(tallies[i], frame, frame.Variants[right.Index], frame.Variants[judged.Index], agreement);
                }
            }

            return own.Exists(v => frame.Variants[v.Index].Answer is not null);
        });
        return [.. tallies.Select(t => t.Judged())];
    }

    private static List<RouteVariant> VariantsOf(LoadedPack pack, string name) =>
        [.. pack.Tree.Variants.Where(v => pack.Pack.Stages[v.StageIndex].Name == name)];

    /// <summary>So that boxes are seen which are not reported.</summary>
    public static void LowerThresholds(JsonObject exit)
    {
        foreach (string name in new[] { "detection_threshold", "doubt_floor" })
        {
            exit[name] = Math.Min((double)exit[name]!, ConfidenceLeast);
        }
    }

    private AnswerAgreement Agreement() => new(new AgreementSettings(Math.Max(_exit.Detection?.Limit ?? 0, 1))
    {
        DoubtBand = DoubtBand, TeacherThreshold = Threshold, JudgedThreshold = Threshold,
    });

    /// <summary>What is reported to people.</summary>
    private Detection[] Sure(Answer answer) => Array.FindAll(answer.Detections.ToArray(), d => d.Confidence >= Threshold);

    private Answer AsReported(Answer answer)
    {
        if (!AreBoxes)
        {
            return answer;
        }

        var sure = Sure(answer);
        var reported = new Answer(TaskKind.Detection, sure.Length, 0) { DetectionCount = sure.Length };
        sure.CopyTo(reported.DetectionSlots);
        return reported;
    }

    private void Count(Tally tally, SweptFrame frame, SweptVariant right, SweptVariant judged, AnswerAgreement agreement)
    {
        if (right.Answer is not { } wanted)
        {
            return;
        }

        tally.FloatMs.Add(right.Ms);
        if (AreBoxes)
        {
            tally.Boxes.Add(judged.Answer is { } found ? found.Detections : default, Sure(wanted));
            tally.Shift.Add(judged.Answer is { } same ? same.Detections : default, wanted.Detections);
        }
        else
        {
            tally.Agreements.Add(judged.Answer is { } given ? agreement.Of(given, wanted) : 0);
        }

        if (float.IsFinite(judged.Ms))
        {
            tally.Ms.Add(judged.Ms);
        }

        if (labels is not null && labels.Has(frame.Stamp.Sequence))
        {
            tally.FloatLabelled.Add(labels.QualityOf(frame.Stamp.Sequence, AsReported(wanted), agreement));
            tally.Labelled.Add(judged.Answer is { } answer ? labels.QualityOf(frame.Stamp.Sequence, AsReported(answer), agreement) : 0);
        }
    }

    /// <param name="areBoxes">They are compared, not answers as a whole.</param>
    private sealed class Tally(bool areBoxes)
    {
        public BoxPrecision Boxes { get; } = new();

        public BoxShift Shift { get; } = new();

        public List<float> Agreements { get; } = [];

        public List<float> Labelled { get; } = [];

        public List<float> FloatLabelled { get; } = [];

        public List<float> Ms { get; } = [];

        public List<float> FloatMs { get; } = [];

        public JudgedSibling Judged()
        {
            bool isLabelled = Labelled.Count > 0;
            var quality = new SiblingQuality(FloatMs.Count, areBoxes ? Boxes.Value() : Agreements.DefaultIfEmpty(0).Average(),
                isLabelled ? Labelled.Average() : null, isLabelled ? FloatLabelled.Average() : null)
            {
                Shift = areBoxes ? Shift.Value() : null,
                Grain = !areBoxes && Agreements.TrueForAll(a => a is 0 or 1) ? 1.0 / Math.Max(Agreements.Count, 1) : 0,
            };
            return new JudgedSibling(quality, TimesOf(Ms), TimesOf(FloatMs));
        }

        /// <summary>Without the size of a file, which whoever asked knows.</summary>
        private static StageTimes TimesOf(List<float> ms)
        {
            float[] sorted = [.. ms.Order().DefaultIfEmpty(0)];
            return new StageTimes(sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 95 / 100)], 0);
        }
    }
}

/// <summary>A sibling's quality, and its times beside those of the float stage.</summary>
internal sealed record JudgedSibling(SiblingQuality Quality, StageTimes Int8, StageTimes Float);
