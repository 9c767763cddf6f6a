using System.Runtime.CompilerServices;

namespace EdgeRoute.Tests;

/// <summary>Where tests find the repository, the natives and the optional data folder.</summary>
public static class TestPlaces
{
    public static string Repository { get; } = FindRepository();

    /// <summary>The ONNX Runtime library that the natives step installed.</summary>
    public static string OnnxRuntimeLibrary => Path.Combine(Repository, "runtime", "natives", "lib", "linux-x64", "libonnxruntime.so.1");

    public static string Fixture(params string[] parts) => Path.Combine([Repository, "tests", "fixtures", .. parts]);

    /// <summary>The folder of real models, pictures and video, or null. Named by EDGEROUTE_DATA, else expected beside the repository.</summary>
    public static string? Data { get; } = FindData();

    /// <summary>A path inside the data folder; skips the calling test with the reason when it is not there.</summary>
    public static string NeedData(params string[] parts)
    {
        Skip.If(Data is null, "needs the folder of real models and pictures: set EDGEROUTE_DATA to it");
        string path = Path.Combine([Data!, .. parts]);
        Skip.IfNot(Path.Exists(path), $"needs {path}, which is absent");
        return path;
    }

    private static string? FindData()
    {
        string? named = Environment.GetEnvironmentVariable("EDGEROUTE_DATA");
        string beside = Path.GetFullPath(Path.Combine(FindRepository(), "..", "shared", "data"));
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
