using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Core.Agreement;

/// <summary>Answers for tests of quality and tracking.</summary>
internal static class AnswerMaker
{
    public const int Limit = 8;

    public static Detection Box(float left, float top, float side, float confidence = 0.9f, int classIndex = 0) => new(left, top, side,
        side, confidence, classIndex);

    public static Answer Seen(double seconds, params Detection[] detections)
    {
        long ns = (long)(seconds * 1e9);
        var answer = new Answer(TaskKind.Detection, Math.Max(Limit, detections.Length), 0) { NodeIndex = 1,
            Stamp = new FrameStamp(0, 0, ns, ns) };
        detections.CopyTo(answer.DetectionSlots);
        answer.DetectionCount = detections.Length;
        return answer;
    }

    public static Answer Values(TaskKind task, params float[] values)
    {
        var answer = new Answer(task, 0, values.Length) { NodeIndex = 1, ValueCount = values.Length };
        values.CopyTo(answer.ValueSlots);
        return answer;
    }
}
