using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// The road of a frame. This is the one place that knows the order of the steps; each step lives in <see cref="FrameStream"/>.
/// One thread per accelerator runs it, so a frame sees one consistent state and nothing on the road needs a lock.
/// </summary>
/// <param name="consumers">Get the answer as soon as there is one.</param>
/// <param name="tracers">Get the whole story of the frame, audit included.</param>
public sealed class FrameLoop(Lane lane, TimeProvider clock, IReadOnlyList<IAnswerConsumer> consumers,
    IReadOnlyList<IAnswerConsumer> tracers)
{
    /// <summary>Frames in which tables, buffers and lazily made objects come into being.</summary>
    public const int SettlingCount = 64;

    private long _settledBytes, _allocatedBytes;

    /// <summary>Frames that have ended on this loop; drops are counted where they happen, at the sources.</summary>
    public long EndedCount { get; private set; }

    /// <summary>
    /// Managed bytes this loop's thread allocated for frames since its first <see cref="SettlingCount"/>; 0 in health. Changes between
    /// frames are not counted.
    /// </summary>
    public long SteadyAllocatedBytes => EndedCount <= SettlingCount ? 0 : _allocatedBytes - _settledBytes;

    /// <summary>Runs until every source has ended, <paramref name="frameLimit"/> frames have ended, or the lane is stopped.</summary>
    public void Run(long frameLimit = long.MaxValue)
    {
        while (EndedCount < frameLimit && lane.WaitForFrame() is { } stream)
        {
            RunFrame(stream);
        }
    }

    private void RunFrame(FrameStream stream)
    {
        if (!TryAnswer(stream))
        {
            return;
        }

        HandOn(stream, consumers, "publish");                     // 7 publish: copies and returns
        FollowUp(stream);
        lane.Charge(stream);
        HandOn(stream, tracers, "trace");                         // 8 trace
        EndedCount++;
        stream.Release();
        _allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - lane.Boundary.AllocatedBytes;
        _settledBytes = EndedCount <= SettlingCount ? _allocatedBytes : _settledBytes;
    }

    /// <summary>From the frame to its one end. False: nothing waited. Whatever a step throws is the end of this frame alone.</summary>
    private bool TryAnswer(FrameStream stream)
    {
        try
        {
            if (!stream.TryTake(clock.NowNs()))                   // 1 capture: the newest frame, or every frame of a file
            {
                return false;
            }

            stream.TellTask();                                  // 2 the task and the robot's state, to packs that want them
            stream.MeasureSignals();                            //   thumbnail and signals
            var option = stream.Decide();                       // 3 decide out of the frame
            while (option.VariantIndex >= 0)
            {
                bool hasRun;
                do
                {
                    hasRun = stream.Preprocess(option)          // 4 frame to tensor
                        && stream.RunStage(option)              // 5 one session call, then the head
                        && stream.Arrive(option);
                }
                while (hasRun && stream.HasWindowLeft);         //   once for each window of a look at parts of the frame
                option = hasRun ? stream.Decide()               // 6 verdict: stop, continue or escalate
                    : stream.DecideAround(option);              //   or, after a fault, what is left
            }

            stream.End(option, clock.NowNs());
            stream.LookCloser();                                //   stages on crops of its boxes, while there is time
        }
        catch (Exception fault) when (stream.MayFail(fault))
        {
            stream.Fail(fault, clock.NowNs());
        }

        return true;
    }

    private void FollowUp(FrameStream stream)
    {
        try
        {
            stream.Act();                                       //   a policy's action goes to the robot
            stream.Settle(lane.WaitingMs);                      //   what it cost moves the prices
            stream.AuditIfDrawn(hasTime: lane.MayPause);        //   a sampled frame takes the heaviest path as well
        }
        catch (Exception fault) when (stream.MayFail(fault))
        {
            stream.Fail(fault, clock.NowNs());
        }
    }

    /// <summary>Each receiver gets the frame, whatever the ones before made of it.</summary>
    private void HandOn(FrameStream stream, IReadOnlyList<IAnswerConsumer> receivers, string step)
    {
        for (int i = 0; i < receivers.Count; i++)
        {
            try
            {
                stream.Step = step;
                receivers[i].Publish(stream.Published);
            }
            catch (Exception fault) when (stream.MayFail(fault))
            {
                stream.Fail(fault, clock.NowNs());
            }
        }
    }
}
