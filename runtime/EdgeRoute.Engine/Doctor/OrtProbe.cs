using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Doctor;

/// <summary>Loads the library and opens a very small session with each provider: only that tells whether one works on this machine.</summary>
public static class OrtProbe
{
    /// <summary>A network of one Relu over four floats (ONNX IR 8, operator set 13), so that probing needs no file of anybody's.</summary>
    private const string ProbeModelBase64 =
        "CAg6NwoMCgF4EgF5IgRSZWx1EgVwcm9iZVoPCgF4EgoKCAgBEgQKAggEYg8KAXkSCgoICAESBAoCCARCAhAN";

    /// <summary>Tried although nobody asked: whoever has a Jetson or an NVIDIA card wants to know.</summary>
    private static readonly string[] AlwaysTried = [OrtProviderRequest.TensorRt, OrtProviderRequest.Cuda, OrtProviderRequest.Cpu];

    /// <param name="libraryPath">From the device config; null searches the usual places.</param>
    /// <param name="wanted">Providers of the device config.</param>
    public static OrtFindings Run(string? libraryPath, IReadOnlyList<OrtProviderRequest> wanted)
    {
        try
        {
            var library = OrtLibrary.Load(libraryPath);
            return new OrtFindings(
                true, library.Path, library.Version, library.ApiVersion, library.BuildText, ProbeAll(library, wanted),
                [.. library.FailedPlaces.Select(p => p.ToString())], "");
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

    private static List<ProviderFinding> ProbeAll(OrtLibrary library, IReadOnlyList<OrtProviderRequest> wanted)
    {
        string model = Path.Combine(Path.GetTempPath(), $"edgeroute-probe-{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(model, Convert.FromBase64String(ProbeModelBase64));
            using var environment = OrtEnvironment.Create(library, new OrtEnvironmentOptions { IntraOpThreadCount = 1 }, log: null);
            var requests = wanted.Concat(AlwaysTried.Where(n => !wanted.Any(w => IsSame(w.Name, n))).Select(n => new OrtProviderRequest(n)));
            var findings = requests.Select(r => Probe(environment, model, r)).ToList();
            findings.AddRange(library.CompiledProviders.Select(ShortName).Where(n => !findings.Exists(f => IsSame(f.Name, n)))
                .Select(n => new ProviderFinding(n, ProviderState.NotTried, "compiled in; put it into runtime.providers to try it", false)));
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
            using var session = OrtSession.Open(environment, model, new OrtSessionRequest { Providers = [request with { Require = false }] });
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
