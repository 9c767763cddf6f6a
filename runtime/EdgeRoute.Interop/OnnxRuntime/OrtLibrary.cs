using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EdgeRoute.Interop.Linux;
using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// The loaded ONNX Runtime library: one per process, because the library itself keeps one environment per process. It is never unloaded.
/// </summary>
public sealed unsafe partial class OrtLibrary
{
    /// <summary>1.17 is the oldest table with every function we must have; the JetPack 6 builds are 1.18 and newer.</summary>
    public const int MinimumApiVersion = 17;

    /// <summary>The version of the managed API; a newer library still serves its table, an older one is served by
    /// <see cref="OrtBridge"/>.</summary>
    public const int ManagedApiVersion = 31;

    /// <summary>Names the newest version whose functions are used, to rehearse what an older library, such as a board's, will do.</summary>
    public const string ApiVersionVariable = "EDGEROUTE_ONNXRUNTIME_API";

    /// <summary>
    /// The first version whose table surely tells which provider got which nodes where <see cref="OrtTable"/> looks for it.
    /// </summary>
    internal const int AssignmentApiVersion = 25;

    internal const string TelemetryVariable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lock _gate = new();
    private static OrtLibrary? _current;
    private readonly nint _module;

    private OrtLibrary(nint module, string path, string version, int apiVersion, IReadOnlyList<OrtLibraryPlace> failedPlaces)
    {
        _module = module;
        Path = path;
        Version = version;
        ApiVersion = apiVersion;
        FailedPlaces = failedPlaces;
        BuildText = OrtTable.BuildText();
        CompiledProviders = OrtTable.ListProviders();
    }

    /// <summary>The library of this process, or null before <see cref="Load(string?, string?)"/>.</summary>
    public static OrtLibrary? Current => _current;

    /// <summary>The real file the library was mapped from, links resolved.</summary>
    public string Path { get; }

    /// <summary>As the library says, for example 1.29.0.</summary>
    public string Version { get; }

    /// <summary>The table in use: the smaller of what the library has and what we know.</summary>
    public int ApiVersion { get; }

    /// <summary>The library's text about its build (commit, flags).</summary>
    public string BuildText { get; }

    /// <summary>
    /// Providers the library was compiled with, by their full names. Being compiled in does not mean that one works on this machine.
    /// </summary>
    public IReadOnlyList<string> CompiledProviders { get; }

    /// <summary>Places earlier in the search order that did not work; a configured path in this list deserves a warning.</summary>
    public IReadOnlyList<OrtLibraryPlace> FailedPlaces { get; }

    internal static OrtLibrary Required => _current
        ?? throw new InvalidOperationException("no ONNX Runtime library is loaded yet: call OrtLibrary.Load first");

    /// <summary>
    /// Finds and loads the library (see <see cref="OrtLibrarySearch"/>). A later call without a path returns the library that is already
    /// loaded.
    /// </summary>
    /// <param name="sha256">Digest that the library must have; null for any.</param>
    /// <exception cref="OrtLibraryNotFoundException">No place holds a usable library.</exception>
    /// <exception cref="InvalidOperationException">Another library is already loaded in this process.</exception>
    public static OrtLibrary Load(string? configuredPath, string? sha256 = null)
        => configuredPath is null && sha256 is null && _current is { } current ? current
            : Load(OrtLibrarySearch.Default(configuredPath, sha256));

    /// <inheritdoc cref="Load(string?, string?)"/>
    public static OrtLibrary Load(OrtLibrarySearch search)
    {
        var failed = new List<OrtLibraryPlace>();
        lock (_gate)
        {
            foreach ((string origin, string path) in search.Places())
            {
                // A folder that was named has the library under one of two names: the other is not missed.
                OrtLibraryPlace[] earlier = [.. failed.Where(place => place.Origin != origin)];
                if (TryLoad(path, search.Sha256, earlier, out string failure) is { } library)
                {
                    return _current = library;
                }
                failed.Add(new OrtLibraryPlace(origin, path, failure));
            }
        }
        throw new OrtLibraryNotFoundException(failed);
    }

    private static OrtLibrary? TryLoad(string path, string? sha256, IReadOnlyList<OrtLibraryPlace> failed, out string failure)
    {
        if (FindProblem(path, sha256) is { } problem)
        {
            failure = problem;
            return null;
        }
        nint module = OpenModule(path, out failure);
        if (module == 0)
        {
            return null;
        }
        OrtLibrary? library = null;
        if (!NativeLibrary.TryGetExport(module, "OrtGetApiBase", out nint getBase))
        {
            failure = "not an ONNX Runtime library: it has no function OrtGetApiBase";
        }
        else if (_current is { } current)
        {
            return current._module == module ? current : throw new InvalidOperationException(
                $"the ONNX Runtime library {current.Path} is already loaded in this process; {path} cannot be loaded as well");
        }
        else
        {
            library = TryBind(module, getBase, failed, out failure);
        }
        if (library is null)
        {
            NativeLibrary.Free(module);
        }
        return library;
    }

    /// <summary>What can be seen before a library is mapped, whose code runs from then on; null where nothing is wrong.</summary>
    private static string? FindProblem(string path, string? sha256)
    {
        if (!System.IO.Path.IsPathRooted(path))
        {
            // The system's loader alone knows which file it will take.
            return sha256 is null ? null : "its file cannot be checked before it is loaded; runtime.library_sha256 needs a path";
        }
        if (!File.Exists(path))
        {
            return "no such file";
        }
        return ElfFile.FindProblem(path) ?? (sha256 is null ? null : ElfFile.FindOtherDigest(path, sha256));
    }

    private static nint OpenModule(string path, out string failure)
    {
        failure = "";
        DisableTelemetry();
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException)
        {
            failure = fault.Message.Trim().Split('\n')[^1];
            return 0;
        }
    }

    private static OrtLibrary? TryBind(nint module, nint getBase, IReadOnlyList<OrtLibraryPlace> failed, out string failure)
    {
        // OrtApiBase is two function pointers: GetApi(version) and GetVersionString().
        void** apiBase = ((delegate* unmanaged[Cdecl]<void**>)getBase)();
        string version = OrtTable.Text(((delegate* unmanaged[Cdecl]<byte*>)apiBase[1])());
        int apiVersion = Math.Min(ParseMinor(version), Math.Min(ManagedApiVersion, RehearsedApiVersion()));
        if (apiVersion < MinimumApiVersion)
        {
            failure = $"version {version} is too old: 1.{MinimumApiVersion} or newer is needed";
            return null;
        }
        if (apiVersion < ManagedApiVersion && !OrtBridge.IsExported)
        {
            failure = $"version {version} is too old for this program: it needs 1.{ManagedApiVersion} or newer (edgerouted itself serves "
                + $"1.{MinimumApiVersion} and newer)";
            return null;
        }
        // Asking for a newer table than the library has prints to stderr, so the version is read first.
        void** table = ((delegate* unmanaged[Cdecl]<uint, void**>)apiBase[0])((uint)apiVersion);
        if (table == null)
        {
            failure = $"version {version} has no function table of version {apiVersion}";
            return null;
        }
        failure = "";
        OrtTable.Own = table;
        HandOut(module, apiBase, table, apiVersion, version);
        return new OrtLibrary(module, ReadMappedPath(getBase), version, apiVersion, failed);
    }

    /// <summary>Gives the managed API this library and no other; it looks for one when its first type is touched.</summary>
    private static void HandOut(nint module, void** apiBase, void** table, int apiVersion, string version)
    {
        if (apiVersion < ManagedApiVersion)
        {
            OrtBridge.Pad(apiBase, table, apiVersion, version);
        }
        else
        {
            OrtBridge.PassOn(apiBase);
        }
        nint source = OrtBridge.IsExported ? NativeLibrary.GetMainProgramHandle() : module;
        OrtEnv.DisableDllImportResolver = true;
        NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, (name, _, _) => name == "onnxruntime" ? source : 0);
    }

    private static int RehearsedApiVersion()
        => int.TryParse(Environment.GetEnvironmentVariable(ApiVersionVariable), CultureInfo.InvariantCulture, out int version) ? version
            : ManagedApiVersion;

    /// <summary>Whether the library, which reads the process's own environment, was told to send no usage data.</summary>
    public static bool IsTelemetryOff => OrtTable.Text(GetEnvironmentVariable(TelemetryVariable)) == "1";

    /// <summary>
    /// Builds of the library send usage data to their maker and keep a device's identity in the home folder, on by default. It reads this
    /// variable while it is loaded; the managed copy of the environment would not reach it.
    /// </summary>
    private static void DisableTelemetry() => _ = SetEnvironmentVariable(TelemetryVariable, "1", overwrite: 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* GetEnvironmentVariable(string name);

    /// <summary>"1.29.0" gives 29; 0 when the text is not a version of the 1.x series.</summary>
    internal static int ParseMinor(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length >= 2 && parts[0] == "1" && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int minor) ? minor : 0;
    }

    /// <summary>
    /// The file mapped at an address. The loader may have followed links or its cache, so the name it was asked for does not tell.
    /// </summary>
    private static string ReadMappedPath(nint address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            // address-range permissions offset device inode path
            int dash = line.IndexOf('-'), space = line.IndexOf(' '), slash = line.IndexOf('/');
            if (slash > 0 && nint.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber) <= address
                && nint.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber) > address)
            {
                return line[slash..];
            }
        }
        return "";
    }
}

/// <summary>No place holds a usable ONNX Runtime library; the message lists every place tried and why each failed.</summary>
public sealed class OrtLibraryNotFoundException(IReadOnlyList<OrtLibraryPlace> places) : Exception(Describe(places))
{
    public IReadOnlyList<OrtLibraryPlace> Places { get; } = places;

    private static string Describe(IReadOnlyList<OrtLibraryPlace> places)
    {
        var text = new StringBuilder(
            $"no usable ONNX Runtime library (libonnxruntime.so, version 1.{OrtLibrary.MinimumApiVersion} or newer) was found. "
                + "Places tried:");
        foreach (OrtLibraryPlace place in places)
        {
            text.Append("\n  ").Append(place);
        }
        text.Append("\nNext step: set the library path in the device config or the environment variable ")
            .Append(OrtLibrarySearch.EnvironmentVariable);
        return text.Append(", or put libonnxruntime.so beside the binary.").ToString();
    }
}
