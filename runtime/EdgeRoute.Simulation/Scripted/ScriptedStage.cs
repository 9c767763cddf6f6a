namespace EdgeRoute.Simulation.Scripted;

/// <summary>What a scripted stage does on its n-th run.</summary>
/// <param name="Confidence">Largest class probability it answers with, in [0.5, 1], by run number from 0.</param>
/// <param name="CostMs">Milliseconds it takes, by run number; the clock handed to the stage set advances by it.</param>
/// <param name="Fails">Whether the run fails, as a device fault would.</param>
public sealed record ScriptedStage(Func<long, float> Confidence, Func<long, float> CostMs, Func<long, bool> Fails)
{
    public static ScriptedStage Steady(float confidence, float costMs) => new(_ => confidence, _ => costMs, _ => false);
}
