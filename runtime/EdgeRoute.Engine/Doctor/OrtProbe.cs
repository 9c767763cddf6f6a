using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Doctor;

/// <summary>
/// Loads the library and opens a very small session with each provider: only that tells whether one works on this machine.
/// </summary>
internal static class OrtProbe
{
    /// <summary>Tried although nobody asked: whoever has a Jetson or an NVIDIA card wants to know.</summary>
    private static readonly string[] AlwaysTried = [OrtProviderRequest.TensorRt, OrtProviderRequest.Cuda, OrtProviderRequest.Cpu];

    /// <param name="libraryPath">From the device config; null searches the usual places.</param>
    /// <param name="wanted">Providers of the device config.</param>
    /// <param name="sha256">Digest that the library must have; null for any.</param>
    public static OrtFindings Run(string? libraryPath, IReadOnlyList<OrtProviderRequest> wanted, string? sha256 = null)
    {
        try
        {
            var library = OrtLibrary.Load(libraryPath, sha256);
            return new OrtFindings(
                true, library.Path, library.Version, library.ApiVersion, library.BuildText, ProbeAll(library, wanted),
                [.. library.FailedPlaces.Select(p => p.ToString())], "") 
            {
                IsTelemetryOff = OrtLibrary.IsTelemetryOff,
                Sha256 = HashOf(library.Path),
            };
        }
        catch (OrtLibraryNotFoundException fault)
        {
            return OrtFindings.None([.. fault.Places.Select(p => p.ToString())], "no usable ONNX Runtime library was found");
        }
        catch (InvalidOperationException fault)
        {
            return OrtFindings.None([], fault.Message);
        }
    }

    /// <summary>Null where the file cannot be read any more, or the system's loader found it under a bare name.</summary>
    private static string? HashOf(string path)
    {
        try
        {
            using var file = new FileStream(RegularFile.Open(path), FileAccess.Read);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static List<ProviderFinding> ProbeAll(OrtLibrary library, IReadOnlyList<OrtProviderRequest> wanted)
    {
        string model = Path.Combine(Path.GetTempPath(), $"edgeroute-probe-{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(model, OrtLimits.ProbeModel());
            using var environment = OrtEnvironment.Create(library, new OrtEnvironmentOptions { IntraOpThreadCount = 1 }, log: null);
            var requests = wanted.Concat(AlwaysTried.Where(n => !wanted.Any(w => IsSame(w.Name, n)))
                .Select(n => new OrtProviderRequest(n)));
            var findings = requests.Select(r => Probe(environment, model, r)).ToList();
            findings.AddRange(library.CompiledProviders.Select(ShortName).Where(n => !findings.Exists(f => IsSame(f.Name, n)))
                .Select(n => new ProviderFinding(n, ProviderState.NotTried, "compiled in; put it into runtime.providers to try it",
                    false)));
            return findings;
        }
        finally
        {
            File.Delete(model);
        }
    }

    private static ProviderFinding Probe(OrtEnvironment environment, string model, OrtProviderRequest request)
    {
        bool isNeeded = request.Require || IsSame(request.Name, OrtProviderRequest.Cpu);
        try
        {
            using var session = OrtSession.Open(environment, model,
                new OrtSessionRequest { Providers = [request with { Require = false }] });
            var report = session.ProviderReports[0];
            var state = report.State switch
            {
                OrtProviderState.Used => ProviderState.Works,
                OrtProviderState.Absent => ProviderState.Absent,
                _ => ProviderState.Refused,
            };
            return new ProviderFinding(request.Name, state, report.Detail, isNeeded);
        }
        catch (OrtException fault)
        {
            return new ProviderFinding(request.Name, ProviderState.Refused, fault.Message, isNeeded);
        }
    }

    private static bool IsSame(string a, string b) => string.Equals(ShortName(a), ShortName(b), StringComparison.OrdinalIgnoreCase);

    private static string ShortName(string name) => name.Replace("ExecutionProvider", "", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The ONNX Runtime library as found, or why none was.</summary>
/// <param name="ApiVersion">The table in use: the smaller of what the library has and what we know.</param>
/// <param name="FailedPlaces">Places earlier in the search order that did not work, each with its reason.</param>
/// <param name="Reason">Empty, or why there is no usable library.</param>
public sealed record OrtFindings(
    bool IsFound, string? Path, string? Version, int? ApiVersion, string? Build, IReadOnlyList<ProviderFinding> Providers,
    IReadOnlyList<string> FailedPlaces, string Reason)
{
    /// <summary>The library was told to send no usage data before it was loaded.</summary>
    public bool IsTelemetryOff { get; init; }

    /// <summary>Of the library's file, 64 lower-case hexadecimal digits; null where it could not be read.</summary>
    public string? Sha256 { get; init; }

    public static OrtFindings None(IReadOnlyList<string> failedPlaces, string reason) => new(false, null, null, null, null, [],
        failedPlaces, reason);
}

/// <summary>
/// ONNX Runtime's refusals begin with a source file, a C++ signature and an error number; the cause stands at the end. People are told the
/// cause.
/// </summary>
internal static partial class ProviderCause
{
    /// <summary>The text with what stands in front of the cause taken out; unchanged where it is not in that form.</summary>
    public static string In(string text) => LibraryInFront().Replace(OriginInFront().Replace(text, ""), "");

    [GeneratedRegex(@"(?:\S+\.(?:cc|cpp|h|cu):\d+ [^\n]*?)?\[ONNXRuntimeError\] : \d+ : \w+ : ")]
    private static partial Regex OriginInFront();

    [GeneratedRegex(@"Failed to load library \S+ with error: ")]
    private static partial Regex LibraryInFront();
}

/// <summary>What a small session with an execution provider came to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProviderState>))]
public enum ProviderState
{
    /// <summary>A session ran with it.</summary>
    [JsonStringEnumMemberName("works")]
    Works,

    /// <summary>It is there and did not work.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The library was built without it, or its own library is missing.</summary>
    [JsonStringEnumMemberName("absent")]
    Absent,

    /// <summary>It is compiled in and nobody asked for it.</summary>
    [JsonStringEnumMemberName("not_tried")]
    NotTried,
}

/// <param name="Detail">The library's own words.</param>
public sealed record ProviderFinding(string Name, ProviderState State, string Detail, bool IsNeeded);
