using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Engine.Stages;

/// <summary>Makes answers with room for what any exit of a stage set may yield.</summary>
internal static class StageAnswers
{
    /// <summary>
    /// Candidates below the detection threshold that an answer keeps where another look may follow. Scenes give tens; the least sure of a
    /// few hundred say nothing of where to look.
    /// </summary>
    public const int CandidateLimit = 128;

    /// <param name="crops">Stages that look at the detections.</param>
    /// <exception cref="ArgumentException">No variant has a head.</exception>
    public static Answer Make(IStageSet stages, RouteTree tree, IReadOnlyList<LoadedCrop> crops)
    {
        var heads = tree.Variants.Select(v => stages.Head(v.Index)).OfType<IHead>().ToList();
        if (heads.Count == 0)
        {
            throw new ArgumentException("The pack has no exit with a head.");
        }

        return new Answer(heads[0].Task, heads.Max(h => h.DetectionLimit), heads.Max(h => h.ValueLimit),
            heads.Select(h => h.Details).Aggregate((a, b) => a.Or(b)), FormOf(crops).Room,
            tree.Variants.Any(v => v.GoesOnFromAnswer) ? CandidateLimit : 0);
    }

    /// <summary>Where each crop's answer has its place.</summary>
    public static CropForm FormOf(IReadOnlyList<LoadedCrop> crops) => new([.. crops.Select(c => c.Crop.ValueLimit)]);
}
