using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// What a loop shows of itself to another thread: when it last came round, and in which stage it is. A stage is a call into a library that
/// may never return; it can be asked to end from here.
/// </summary>
/// <param name="clock">Null: the machine's.</param>
public sealed class LoopHeartbeat(TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private IStageSet? _stages;
    private string _stage = "";
    private long _enteredMs, _beatMs = (clock ?? TimeProvider.System).NowNs() / NsPerMs, _runCount;
    private bool _isTerminated;

    private const long NsPerMs = 1_000_000;

    /// <summary>Milliseconds of the monotonic clock, now.</summary>
    public long NowMs => _clock.NowNs() / NsPerMs;

    /// <summary>When the loop last came round, on the clock of <see cref="NowMs"/>.</summary>
    public long BeatMs => Volatile.Read(ref _beatMs);

    /// <summary>The stage that runs now; null while none does.</summary>
    public RunningStage? Running
    {
        get
        {
            lock (_gate)
            {
                return _stages is null ? null : new RunningStage(_stage, _enteredMs, _runCount);
            }
        }
    }

    /// <summary>The loop comes round.</summary>
    public void Beat() => Volatile.Write(ref _beatMs, NowMs);

    /// <summary>The loop's thread goes into a stage.</summary>
    public void Enter(IStageSet stages, string stage)
    {
        lock (_gate)
        {
            (_stages, _stage, _enteredMs) = (stages, stage, NowMs);
            _runCount++;
        }
    }

    /// <summary>It came out again. Runs that follow are not ended by what ended this one.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_isTerminated)
            {
                _stages!.ClearTermination();
            }

            (_stages, _isTerminated) = (null, false);
        }

        Beat();
    }

    /// <summary>Asks the library to end a run, if it is still that one. False: it is over, or was asked already.</summary>
    public bool TryTerminate(RunningStage running)
    {
        lock (_gate)
        {
            if (_stages is null || _isTerminated || _runCount != running.RunNumber)
            {
                return false;
            }

            _isTerminated = true;
            _stages.Terminate();
            return true;
        }
    }
}

/// <summary>A stage that has not returned yet.</summary>
/// <param name="SinceMs">On the clock of <see cref="LoopHeartbeat.NowMs"/>.</param>
/// <param name="RunNumber">Tells one run from the next.</param>
public sealed record RunningStage(string Stage, long SinceMs, long RunNumber);
