using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// The library's environment: one thread pool and one CPU arena for all sessions, and the log. The library keeps a single one per process,
/// so asking again gives another handle to it: each may bring a log, and the options of the first stay in force.
/// </summary>
public sealed class OrtEnvironment : SafeHandle
{
    private static readonly Lock _gate = new();

    /// <summary>Replaced, never changed, so that the log callback reads it without a lock.</summary>
    private static OrtEnvironment[] _live = [];
    private static long _logLineCount;
    private static long _logFaultCount;

    private readonly Action<OrtLogSeverity, string>? _log;

    private OrtEnvironment(OrtLibrary library, OrtEnvironmentOptions options, Action<OrtLogSeverity, string>? log)
        : base(0, ownsHandle: true)
    {
        Library = library;
        Options = options;
        _log = log;
    }

    public OrtLibrary Library { get; }

    /// <summary>The options in force, which are those of the first live environment.</summary>
    public OrtEnvironmentOptions Options { get; private set; }

    /// <summary>Lines the library logged in this process, handed to a log or not.</summary>
    public static long LogLineCount => Interlocked.Read(ref _logLineCount);

    /// <summary>Lines lost because a log action threw; nothing may unwind into the library.</summary>
    public static long LogFaultCount => Interlocked.Read(ref _logFaultCount);

    /// <param name="library">The library of this process.</param>
    /// <param name="options">Where an environment is already live and its options differ, they are not applied and the log gets a
    /// warning.</param>
    /// <param name="log">Called on the library's threads, also in the middle of a run. Null drops the lines (they are still
    /// counted).</param>
    public static OrtEnvironment Create(OrtLibrary library, OrtEnvironmentOptions options, Action<OrtLogSeverity, string>? log)
    {
        ArgumentNullException.ThrowIfNull(library);
        ArgumentOutOfRangeException.ThrowIfNegative(options.IntraOpThreadCount);
        var environment = new OrtEnvironment(library, options, log);
        lock (_gate)
        {
            environment.Open();
        }
        if (environment.Options != options)
        {
            log?.Invoke(
                OrtLogSeverity.Warning,
                $"the process already has an ONNX Runtime environment with {environment.Options}, which stays in force; asked "
                    + $"for {options}");
        }
        return environment;
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Makes the environment outlive its Dispose until <see cref="SafeHandle.DangerousRelease"/>; throws when it is already gone.
    /// </summary>
    internal void Keep()
    {
        bool added = false;
        DangerousAddRef(ref added);
    }

    /// <summary>The library's own environment goes with the last of these.</summary>
    protected override bool ReleaseHandle()
    {
        lock (_gate)
        {
            _live = Array.FindAll(_live, environment => environment != this);
            if (_live.Length == 0)
            {
                OrtEnv.Instance().Dispose();
            }
            return true;
        }
    }

    private void Open()
    {
        OrtEnvironment[] before = _live;
        Options = before.Length > 0 ? before[0].Options : Options;
        // Listed before it is opened: the library already logs while it opens.
        _live = [.. before, this];
        try
        {
            if (before.Length == 0)
            {
                OpenNative();
            }
        }
        catch
        {
            _live = before;
            throw;
        }
        SetHandle(OrtEnv.Instance().DangerousGetHandle());
    }

    private void OpenNative()
    {
        using var threading = new OrtThreadingOptions
        {
            GlobalIntraOpNumThreads = Options.IntraOpThreadCount, GlobalInterOpNumThreads = 1, GlobalSpinControl = Options.Spin,
        };
        var creation = new EnvironmentCreationOptions
        {
            logId = "edgeroute", logLevel = (OrtLoggingLevel)Options.LogSeverity, threadOptions = threading, loggingFunction = OnLog,
        };
        var environment = OrtEnv.CreateInstanceWithOptions(ref creation);
        // One arena for every session, so that a second session of the same weights adds a few MB instead of an arena of its own. Its
        // size is not limited; the rest are the library's defaults.
        using var arena = new OrtArenaCfg(0, -1, -1, -1);
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        environment.CreateAndRegisterAllocator(memory, arena);
    }

    private static void OnLog(nint state, OrtLoggingLevel severity, string category, string logId, string location, string message)
    {
        Interlocked.Increment(ref _logLineCount);
        string line = $"{category}: {message} ({location})";
        foreach (OrtEnvironment environment in _live)
        {
            environment.HandOver((OrtLogSeverity)severity, line);
        }
    }

    private void HandOver(OrtLogSeverity severity, string line)
    {
        try
        {
            _log?.Invoke(severity, line);
        }
        catch
        {
            Interlocked.Increment(ref _logFaultCount);
        }
    }
}

public sealed record OrtEnvironmentOptions
{
    /// <summary>
    /// Threads of the one pool that all sessions share, the caller's thread included; 0 lets the library take one per physical core.
    /// </summary>
    public int IntraOpThreadCount { get; init; }

    /// <summary>
    /// Idle pool threads spin: a little less latency for about 30 ms of CPU time after every frame (measured on 2 cores).
    /// </summary>
    public bool Spin { get; init; }

    /// <summary>Lines below this severity are not handed to the log.</summary>
    public OrtLogSeverity LogSeverity { get; init; } = OrtLogSeverity.Warning;
}

/// <summary>OrtLoggingLevel of the C API, header version 31.</summary>
public enum OrtLogSeverity
{
    Verbose,
    Info,
    Warning,
    Error,
    Fatal,
}
