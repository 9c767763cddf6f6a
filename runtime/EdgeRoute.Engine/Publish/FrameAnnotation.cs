using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Publish;

/// <summary>What is written and drawn on one frame.</summary>
/// <param name="PathName">The path taken, from <see cref="DecisionText.PathOf"/>.</param>
/// <param name="Reason">Why, from <see cref="DecisionText.ReasonOf"/>.</param>
/// <param name="End">Gives the colour of the header's edge.</param>
/// <param name="Answer">The published answer; null for a failed frame.</param>
/// <param name="Labels">Class names by index.</param>
public sealed record FrameAnnotation(
    string SourceName, long Sequence, string PathName, string Reason, double LatencyMs, FrameEnd End, Answer? Answer, IReadOnlyList<string> Labels)
{
    public string LabelOf(int classIndex) => (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : $"class {classIndex}";
}
