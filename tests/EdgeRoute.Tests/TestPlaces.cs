using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Tests;

/// <summary>Where tests find the repository, the natives and the optional data folder.</summary>
internal static class TestPlaces
{
    public static string Repository { get; } = FindRepository();

    /// <summary>The ONNX Runtime library that the build put beside the tests, for this machine.</summary>
    public static string OnnxRuntimeLibrary => OnnxRuntimeLibraryOf(RuntimeInformation.RuntimeIdentifier);

    /// <summary>The folder of the package with the GPU build of ONNX Runtime, for x64.</summary>
    public static string OnnxRuntimeGpuPackage { get; } = typeof(TestPlaces).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(pair => pair.Key == "OnnxRuntimeGpuPackage").Value!;

    public static string OnnxRuntimeLibraryOf(string runtimeIdentifier)
        => Path.Combine(AppContext.BaseDirectory, "runtimes", runtimeIdentifier, "native", "libonnxruntime.so");

    public static string Fixture(params string[] parts) => Path.Combine([Repository, "tests", "fixtures", .. parts]);

    /// <summary>
    /// The folder of real models, pictures and video, or null. Named by EDGEROUTE_DATA, else expected beside the repository.
    /// </summary>
    public static string? Data { get; } = FindData();

    /// <summary>A path inside the data folder; skips the calling test with the reason when it is not there.</summary>
    public static string NeedData(params string[] parts)
    {
        Skip.If(Data is null, "needs the folder of real models and pictures: set EDGEROUTE_DATA to it");
        string path = Path.Combine([Data!, .. parts]);
        Skip.IfNot(Path.Exists(path), $"needs {path}, which is absent");
        return path;
    }

    /// <summary>
    /// A file of the cached hardware bench, named by EDGEROUTE_BENCH, else expected beside the repository; skips the calling test without
    /// it.
    /// </summary>
    public static string NeedBench(string name)
    {
        string? folder = FindFolder("EDGEROUTE_BENCH", "bench");
        Skip.If(folder is null || !File.Exists(Path.Combine(folder, name)),
            $"needs the cached hardware bench {name}: set EDGEROUTE_BENCH to its folder");
        return Path.Combine(folder!, name);
    }

    private static string? FindData() => FindFolder("EDGEROUTE_DATA", "data");

    private static string? FindFolder(string variable, string name)
    {
        string? named = Environment.GetEnvironmentVariable(variable);
        string beside = Path.GetFullPath(Path.Combine(FindRepository(), "..", "shared", name));
        return named ?? (Directory.Exists(beside) ? beside : null);
    }

    private static string FindRepository([CallerFilePath] string here = "")
    {
        for (string? at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "EdgeRoute.sln")))
            {
                return at;
            }
        }

        return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
    }
}
