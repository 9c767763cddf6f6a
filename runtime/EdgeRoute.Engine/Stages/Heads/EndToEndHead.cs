using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Models that suppress overlapping boxes themselves, or need not (Ultralytics 10 and 26, exports with the suppression inside): [1, N, 6],
/// rows of left, top, right, bottom, confidence and class, and of what details there are. Rows that are not used have no confidence.
/// </summary>
/// <param name="details">What comes after the class; null for nothing.</param>
internal sealed class EndToEndHead(DetectionSettings settings, int classCount, BoxCoding coding, int firstClass,
    CandidateDetails? details = null) : BoxHead(settings, classCount, coding, firstClass, details)
{
    private const int ConfidenceAt = 4;
    private const int ClassAt = 5;
    private const int DetailsAt = 6;

    private readonly int _rowLength = DetailsAt + (details?.ValueCount ?? 0);
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
            float confidence = row[ConfidenceAt];
            SoundOutput.CheckProbability(confidence, "a confidence", "rows are box, confidence, class");
            if (confidence >= Floor)
            {
                AddBox(row[..ConfidenceAt], confidence, ClassOf(row[ClassAt]), i, _hasAngle ? row[DetailsAt] : 0);
            }
        }
    }

    protected override void ReadDetails(IHeadTensors tensors, int candidate, Span<float> into) =>
        tensors.Values(0).Slice((candidate * _rowLength) + DetailsAt, into.Length).CopyTo(into);
}
