using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Hands on the audited frames of one stream only: the others need not be copied.</summary>
internal sealed class AuditedFrames(int streamIndex, IAnswerConsumer next) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame)
    {
        if (frame.StreamIndex == streamIndex && float.IsFinite(frame.Record.AuditLoss))
        {
            next.Publish(frame);
        }
    }
}
