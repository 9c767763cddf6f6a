using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>
/// The real TensorRT and CUDA provider libraries, loaded over stand-ins for the NVIDIA libraries, in a process of their own: they check
/// their options as they would on a Jetson, and refuse to open a session because there is no device.
/// </summary>
public sealed class OrtProviderLibraryTests : IClassFixture<OrtProviderLibraryTests.Probe>
{
    private readonly Probe _probe;

    public OrtProviderLibraryTests(Probe probe) => _probe = probe;

    [SkippableFact]
    public void TensorRT_accepts_good_options_and_then_misses_the_device()
    {
        Result result = _probe.WithStandIns("good", "TensorRT");
        Assert.Equal("Refused", result.State);
        Assert.Contains("no device", result.Words, StringComparison.Ordinal);
        string[] asked = ["trt_fp16_enable=1", "trt_engine_cache_path=/var/cache/edgeroute", "trt_max_workspace_size=268435456",
            "device_id=0"];
        Assert.Subset(result.AcceptedOptions.Split(';').ToHashSet(), asked.ToHashSet());
    }

    [SkippableTheory]
    [InlineData("unknown", "TensorRT", "Unknown provider option: \"no_such_option\"")]
    [InlineData("malformed", "TensorRT", "Failed to parse provider option \"trt_fp16_enable\"")]
    [InlineData("cuda-unknown", "CUDA", "Unknown provider option: \"no_such_option\"")]
    public void Bad_options_are_refused_by_name(string name, string provider, string words)
    {
        Result result = _probe.WithStandIns(name, provider);
        Assert.Equal("Refused", result.State);
        Assert.Equal("", result.AcceptedOptions);
        Assert.Contains(words, result.Words, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Each_provider_that_fails_with_the_session_is_refused_and_the_CPU_runs()
    {
        Assert.Equal(("Refused", "Refused", "Used"), (State("TensorRT"), State("CUDA"), State("CPU")));
        Assert.Equal(2, _probe.WithStandIns("both", "CPU").ResultCount);
        Assert.Contains("cudaSetDevice", _probe.WithStandIns("both", "CUDA").Words, StringComparison.Ordinal);

        string State(string provider) => _probe.WithStandIns("both", provider).State;
    }

    [SkippableFact]
    public void A_required_provider_without_a_device_opens_no_session()
    {
        Assert.Equal("Refused", _probe.WithStandIns("required", "TensorRT").State);
        Assert.Equal(0, _probe.WithStandIns("required", "CPU").ResultCount);
    }

    [SkippableFact]
    public void Without_the_nvidia_libraries_the_missing_one_is_named()
    {
        Result result = _probe.Bare("good", "TensorRT");
        Assert.Equal("Refused", result.State);
        Assert.Contains("libcublas.so.13: cannot open shared object file", result.Words, StringComparison.Ordinal);
        Assert.Equal(2, result.ResultCount);
    }

    [SkippableFact]
    public void A_provider_library_that_was_cut_short_is_refused_before_it_is_loaded()
    {
        Skip.IfNot(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the provider libraries of the package are for x64");
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "libonnxruntime.so", "libonnxruntime_providers_shared.so" })
        {
            File.Copy(Path.Combine(Probe.Providers, name), folder.File(name));
        }

        byte[] whole = File.ReadAllBytes(Path.Combine(Probe.Providers, "libonnxruntime_providers_tensorrt.so"));
        File.WriteAllBytes(folder.File("libonnxruntime_providers_tensorrt.so"), whole[..(whole.Length / 2)]);
        var results = Probe.Read(folder.Path, "none");
        Assert.Equal(("Refused", "Used"), (results[("both", "TensorRT")].State, results[("both", "CPU")].State));
        Assert.Contains("cut short", results[("both", "TensorRT")].Words, StringComparison.Ordinal);
    }

    public sealed record Result(string State, int ResultCount, string AcceptedOptions, string Words);

    /// <summary>Runs the probe once without and once with the stand-ins, each when first asked for.</summary>
    public sealed class Probe : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<Dictionary<(string, string), Result>> _bare;
        private readonly Lazy<Dictionary<(string, string), Result>> _withStandIns;

        public Probe()
        {
            _bare = new(() => Read(Providers, "none"));
            _withStandIns = new(() => Read(Providers, BuildStandIns()));
        }

        public static string Providers => Path.Combine(TestPlaces.OnnxRuntimeGpuPackage, "runtimes", "linux-x64", "native");

        public Result Bare(string name, string provider) => Get(_bare, name, provider);

        public Result WithStandIns(string name, string provider) => Get(_withStandIns, name, provider);

        public void Dispose() => _folder.Dispose();

        private static Result Get(Lazy<Dictionary<(string, string), Result>> results, string name, string provider)
        {
            Skip.IfNot(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the provider libraries of the package are for x64");
            return results.Value[(name, provider)];
        }

        public static Dictionary<(string, string), Result> Read(string providers, string standIns)
        {
            string probe = Path.Combine(AppContext.BaseDirectory, "EdgeRoute.ProviderProbe.dll");
            string output = Encoding.UTF8.GetString(Tool.Run("dotnet", probe, providers, standIns, OrtPlace.Model("stage_a.onnx")));
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToDictionary(
                part => (part[0], part[1]), part => new Result(part[2], int.Parse(part[3], CultureInfo.InvariantCulture),
                    part[4], part[5]));
        }

        private string BuildStandIns()
        {
            Tool.Run(Path.Combine(TestPlaces.Repository, "tests", "EdgeRoute.ProviderProbe", "stand-ins.sh"), Providers, _folder.Path);
            return _folder.Path;
        }
    }
}
