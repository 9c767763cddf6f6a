using System.Globalization;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Lists that the model has made and suppressed itself, each a tensor of its own: boxes [1, N, 4], classes [1, N], confidences [1, N] and,
/// where there is one, how many of them count. TensorFlow's detection models write so, and RT-DETR and D-FINE with
/// <c>orig_target_sizes</c>.
/// </summary>
internal sealed class SsdHead(DetectionSettings settings, int classCount, BoxCoding coding, int firstClass)
    : BoxHead(settings, classCount, coding, firstClass)
{
    private const int ClassesAt = 1;
    private const int ConfidencesAt = 2;
    private const int CountAt = 3;

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var confidences = tensors.Values(ConfidencesAt);
        var boxes = Take(tensors, 0, 4L * confidences.Length);
        var classes = Take(tensors, ClassesAt, confidences.Length);
        int count = Count(tensors, confidences.Length);
        for (int i = 0; i < count; i++)
        {
            SoundOutput.CheckProbability(confidences[i], "a confidence", "'outputs' names boxes, classes, confidences, in this order");
            if (confidences[i] >= Floor)
            {
                AddBox(boxes.Slice(i * 4, 4), confidences[i], ClassOf(classes[i]));
            }
        }
    }

    private static int Count(IHeadTensors tensors, int room)
    {
        if (tensors.Count <= CountAt)
        {
            return room;
        }

        float count = Take(tensors, CountAt, 1)[0];
        return count >= 0 && count <= room
            ? (int)count
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"output 3 says that {count} boxes count, of {room}"));
    }
}
