using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// The library's environment: one thread pool and one CPU arena for all sessions, and the log. The library keeps a single one per process,
/// so asking again gives another handle to it: each may bring a log, and the options of the first stay in force.
/// </summary>
public sealed unsafe class OrtEnvironment : OrtHandle
{
    private static readonly Lock _gate = new();

    /// <summary>Replaced, never changed, so that the log callback reads it without a lock.</summary>
    private static OrtEnvironment[] _live = [];
    private static long _logLineCount;
    private static long _logFaultCount;

    private readonly Action<OrtLogSeverity, string>? _log;

    private OrtEnvironment(OrtLibrary library, OrtEnvironmentOptions options, Action<OrtLogSeverity, string>? log)
        : base(OrtSlots.ReleaseEnv)
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

    protected override bool ReleaseHandle()
    {
        lock (_gate)
        {
            _live = Array.FindAll(_live, environment => environment != this);
            return base.ReleaseHandle();
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
            SetHandle(OpenNative());
            if (before.Length == 0)
            {
                RegisterSharedArena();
            }
        }
        catch
        {
            _live = before;
            throw;
        }
    }

    private nint OpenNative()
    {
        nint threading = OrtNative.Create(OrtSlots.CreateThreadingOptions);
        try
        {
            OrtNative.Set(OrtSlots.SetGlobalIntraOpNumThreads, threading, Options.IntraOpThreadCount);
            OrtNative.Set(OrtSlots.SetGlobalInterOpNumThreads, threading, 1);
            OrtNative.Set(OrtSlots.SetGlobalSpinControl, threading, Options.Spin ? 1 : 0);
            fixed (byte* name = "edgeroute\0"u8)
            {
                return OrtNative.NewEnvironment(
                    (nint)(delegate* unmanaged[Cdecl]<void*, int, byte*, byte*, byte*, byte*, void>)&OnLog, Options.LogSeverity,
                    name, threading);
            }
        }
        finally
        {
            OrtNative.Release(OrtSlots.ReleaseThreadingOptions, threading);
        }
    }

    /// <summary>
    /// One arena for every session, so that a second session of the same weights adds a few MB instead of an arena of its own.
    /// </summary>
    private void RegisterSharedArena()
    {
        nint arena = OrtNative.NewArenaConfiguration();
        nint memory = 0;
        try
        {
            fixed (byte* name = "Cpu\0"u8)
            {
                memory = OrtNative.NewMemory(name, OrtAllocatorType.Arena, deviceIndex: 0);
            }
            OrtNative.RegisterAllocator(handle, memory, arena);
        }
        finally
        {
            OrtNative.Release(OrtSlots.ReleaseMemoryInfo, memory);
            OrtNative.Release(OrtSlots.ReleaseArenaCfg, arena);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(void* state, int severity, byte* category, byte* sessionName, byte* location, byte* message)
    {
        Interlocked.Increment(ref _logLineCount);
        string line = $"{OrtNative.Text(category)}: {OrtNative.Text(message)} ({OrtNative.Text(location)})";
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

/// <summary>OrtLoggingLevel of the C API, header version 29.</summary>
public enum OrtLogSeverity
{
    Verbose,
    Info,
    Warning,
    Error,
    Fatal,
}
