using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A server that runs stages too.</summary>
/// <param name="Detail">What it said, or why it cannot be used and what to do.</param>
public sealed record EngineFinding(string Name, string Address, bool IsUsable, string Detail);

/// <summary>Asks a server whether it is ready and has the models of the config. Runs none of them.</summary>
internal static class EngineProbe
{
    private const int LimitMs = 3000;

    public static EngineFinding Ask(EngineConfig engine)
    {
        if (EngineAddress.Of(engine.Address, out string problem) is not { } address)
        {
            return new EngineFinding(engine.Name, engine.Address, false, problem);
        }

        try
        {
            using var link = RemoteEngine.LinkTo(engine, address, new Lock());
            link.Open();
            link.RequireReady(LimitMs);
            string[] missing = [.. engine.Stages.Select(s => ProblemOf(link, s)).OfType<string>()];
            return new EngineFinding(engine.Name, address.ToString(), missing.Length == 0, missing.Length == 0
                ? $"ready, with {string.Join(", ", engine.Stages.Select(s => s.Model))}" : string.Join("; ", missing));
        }
        catch (Exception fault) when (fault is RemoteFaultException or TrustException)
        {
            return new EngineFinding(engine.Name, address.ToString(), false, fault.Message);
        }
    }

    private static string? ProblemOf(IServerLink link, EngineStageConfig stage)
    {
        link.Open();
        return link.Describe(stage, LimitMs).Problem;
    }
}
