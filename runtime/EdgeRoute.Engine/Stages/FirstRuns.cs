using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// Runs of stages outside the loop and its watch: when a pack is loaded. A run that does not return in time is ended; one that cannot be
/// ended stays behind on its thread, with what it uses, and the pack is refused all the same.
/// </summary>
/// <param name="limitMs">How long one run may take.</param>
internal sealed class FirstRuns(int limitMs)
{
    /// <summary>First runs load kernels, tune themselves and fill caches: this many times the limit of a stage on a frame.</summary>
    public const int StageLimits = 6;

    /// <summary>Where no config says how long a stage may take.</summary>
    public const int UsualLimitMs = StageLimits * RuntimeConfig.UsualStageLimitMs;

    /// <summary>How long a run may take to end after it was told to.</summary>
    private const int TerminationMs = 2000;

    /// <exception cref="StageFailedException">It failed, or did not return in time.</exception>
    public void Run(OrtRun run, string stage)
    {
        // The threads that opened the sessions are there already; a start of one takes about as long as the run of a small model.
        var running = Task.Run(run.Run);
        if (!HasEnded(running, limitMs))
        {
            string late = $"a first run has not returned within {(limitMs / 1000.0).ToString("0.0", CultureInfo.InvariantCulture)} s";
            run.Terminate();
            throw new StageFailedException(stage, HasEnded(running, TerminationMs)
                ? $"{late} and was ended. Mend the model, or raise runtime.stage_limit_ms; first runs have {StageLimits} times that"
                : $"{late} and cannot be ended; the process must be started again to be rid of it");
        }

        if (running.Exception?.InnerException is { } fault)
        {
            throw PartThread.IsPartsOwn(fault) ? new StageFailedException(stage, fault.Message, fault) : fault;
        }
    }

    private static bool HasEnded(Task running, int limitMs) => Task.WaitAny([running], limitMs) == 0;
}
