using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// A way to an inference server, over one connection at a time. One thread uses it at a time; another may open it meanwhile, where it is
/// not open.
/// </summary>
internal interface IServerLink : IDisposable
{
    /// <summary>There is a connection, and the server has not closed it.</summary>
    bool IsOpen { get; }

    /// <summary>Connects anew unless it is open.</summary>
    /// <exception cref="RemoteFaultException">In words, with what to do.</exception>
    /// <exception cref="Interop.Linux.TrustException">The file of the server's authority cannot be read.</exception>
    void Open();

    void Close();

    /// <exception cref="RemoteFaultException">It says that it is not ready, or nothing.</exception>
    void RequireReady(double limitMs);

    /// <summary>What the server says of a stage's model.</summary>
    /// <exception cref="RemoteFaultException">It does not answer.</exception>
    ModelTold Describe(EngineStageConfig stage, double limitMs);

    /// <summary>A run of a model, made once for all its runs.</summary>
    IServerRun Prepare(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs);
}

/// <summary>A run of a model at a server, over the link that prepared it.</summary>
internal interface IServerRun
{
    /// <summary>What went out and came in at the last run, in bytes.</summary>
    int BytesOut { get; }

    int BytesIn { get; }

    /// <summary>Sends the inputs and reads the outputs. Allocates nothing on the calling thread where the answer is sound.</summary>
    /// <exception cref="RemoteFaultException">The outputs hold nothing that may be used; whether another run can be had tells
    /// <see cref="IServerLink.IsOpen"/>.</exception>
    void Run(double limitMs);
}

/// <summary>A tensor as a server describes it. Sizes below 1 are those that are decided by each request.</summary>
internal sealed record TensorTold(string Name, string Datatype, long[] Shape);

/// <summary>What a server says of a model.</summary>
/// <param name="Problem">Why it cannot run it at all, in words; null where it has it.</param>
/// <param name="Inputs">Empty where it describes none.</param>
internal sealed record ModelTold(string? Problem, IReadOnlyList<TensorTold> Inputs, IReadOnlyList<TensorTold> Outputs)
{
    public static ModelTold Unusable(string problem) => new(problem, [], []);

    /// <param name="words">The server's own.</param>
    public static ModelTold Absent(EngineStageConfig stage, string words)
    {
        string version = stage.Version is { } named ? $" of version {named}" : "";
        return Unusable($"the server has no model '{stage.Model}'{version} that is loaded ({words}); load it there, or mend 'model' and "
            + "'version'");
    }

    public static ModelTold Garbled(EngineStageConfig stage, Exception fault) =>
        Unusable($"what the server tells of model '{stage.Model}' is no description of the protocol ({fault.Message})");
}
