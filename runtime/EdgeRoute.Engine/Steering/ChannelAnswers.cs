using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Answers of one run for the channel's subscribers. The queue is made when somebody first wants any; until then, and while nobody does,
/// the loop looks at one flag a frame.
/// </summary>
internal sealed class ChannelAnswers : IAnswerConsumer, IDisposable
{
    private readonly RunningEngine _engine;
    private readonly AnswerTeller _teller;
    private readonly Lock _gate = new();
    private volatile PublishQueue? _queue;
    private bool _isClosed;

    public ChannelAnswers(RunningEngine engine)
    {
        (_engine, _teller) = (engine, new AnswerTeller(engine.Clock));
        Watch = new AnswerWatch(engine.State.LabelsOf, () => _queue?.LostCount ?? 0) { Fault = () => _queue?.Fault?.Message };
        Watch.Wanted += Open;
        engine.State.PackChanged += Renew;
        engine.Consumers.Add(this);
    }

    public AnswerWatch Watch { get; }

    public void Publish(in PublishedFrame frame)
    {
        if (Watch.IsWanted)
        {
            _queue?.Publish(frame);
        }
    }

    /// <summary>After the run: hands on what is queued, and tells what was lost. A second call does nothing.</summary>
    public void Dispose()
    {
        _engine.State.PackChanged -= Renew;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        if (_queue is { } queue)
        {
            queue.Dispose();
            _engine.Reports.TellLosses(queue);
        }
    }

    private void Open()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _queue ??= new PublishQueue("answers (channel)", _engine.State.MakeAnswerRoom, withPixels: false, QueuePressure.Lose,
                    frame => Watch.Publish(_teller.Tell(frame), frame.Names.Labels));
            }
        }
    }

    /// <summary>A queue that is made meanwhile, on another thread, may have room for the packs before alone.</summary>
    private void Renew()
    {
        lock (_gate)
        {
            _queue?.Renew();
        }
    }
}
