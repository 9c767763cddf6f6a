using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Drawing;

/// <summary>What is written and drawn on one frame.</summary>
/// <param name="PathName">The path taken, in the words of the reports.</param>
/// <param name="Reason">Why that path, in the words of the reports.</param>
/// <param name="End">Gives the colour of the header's edge.</param>
/// <param name="Answer">The published answer; null for a failed frame.</param>
/// <param name="Labels">Class names by index.</param>
public sealed record FrameAnnotation(
    string SourceName, long Sequence, string PathName, string Reason, double LatencyMs, FrameEnd End, Answer? Answer, IReadOnlyList<string> Labels)
{
    public string LabelOf(int classIndex) => (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : $"class {classIndex}";
}
