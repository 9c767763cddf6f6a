using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Models that suppress overlapping boxes themselves, or need not (Ultralytics 10 and 26, exports with the suppression inside): [1, N, 6],
/// rows of left, top, right, bottom, confidence and class. Rows that are not used have no confidence.
/// </summary>
internal sealed class EndToEndHead(DetectionSettings settings, int classCount, BoxCoding coding, int firstClass)
    : BoxHead(settings, classCount, coding, firstClass)
{
    private const int RowLength = 6;
    private const int ConfidenceAt = 4;
    private const int ClassAt = 5;

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var shape = tensors.Shape(0);
        long count = shape.Length > 1 && shape[^1] == RowLength ? shape[^2] : 1;
        var values = Take(tensors, 0, count * RowLength);
        for (int at = 0; at < values.Length; at += RowLength)
        {
            var row = values.Slice(at, RowLength);
            float confidence = row[ConfidenceAt];
            SoundOutput.CheckProbability(confidence, "a confidence", "rows are box, confidence, class");
            if (confidence >= Floor)
            {
                AddBox(row[..ConfidenceAt], confidence, ClassOf(row[ClassAt]));
            }
        }
    }
}
