using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Models that suppress overlapping boxes themselves, or need not (Ultralytics 10 and 26, exports with the suppression inside): [1, N, 6],
/// rows of left, top, right, bottom, confidence and class, and of what details there are. Rows that are not used have no confidence. YOLO 7
/// writes [N, 7] instead: the number of the picture in the batch, the box, class and confidence.
/// </summary>
/// <param name="details">What comes after the class; null for nothing.</param>
/// <param name="hasBatchColumn">Rows are as YOLO 7 writes them.</param>
internal sealed class EndToEndHead(DetectionSettings settings, int classCount, BoxCoding coding, int firstClass,
    CandidateDetails? details = null, bool hasBatchColumn = false) : BoxHead(settings, classCount, coding, firstClass, details)
{
    private const int BoxLength = 4;
    private const int ClassAt = 5;
    private const int DetailsAt = 6;

    private readonly int _boxAt = hasBatchColumn ? 1 : 0, _confidenceAt = hasBatchColumn ? 6 : 4;
    private readonly int _rowLength = DetailsAt + (hasBatchColumn ? 1 : 0) + (details?.ValueCount ?? 0);
    private readonly bool _hasAngle = details is OrientedBoxes;

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var shape = tensors.Shape(0);
        int count = shape.Length > 1 && shape[^1] == _rowLength ? (int)shape[^2] : 1;
        var values = Take(tensors, 0, (long)count * _rowLength);
        Reserve(count);
        for (int i = 0; i < count; i++)
        {
            var row = values.Slice(i * _rowLength, _rowLength);
            float confidence = row[_confidenceAt];
            SoundOutput.CheckProbability(confidence, "a confidence",
                hasBatchColumn ? "rows are picture, box, class, confidence" : "rows are box, confidence, class");
            if (confidence >= Floor)
            {
                AddBox(row.Slice(_boxAt, BoxLength), confidence, ClassOf(row[ClassAt]), i, _hasAngle ? row[DetailsAt] : 0);
            }
        }
    }

    protected override void ReadDetails(IHeadTensors tensors, int candidate, Span<float> into) =>
        tensors.Values(0).Slice((candidate * _rowLength) + DetailsAt, into.Length).CopyTo(into);
}
