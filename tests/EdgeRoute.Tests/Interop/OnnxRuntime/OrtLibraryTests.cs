using System.Runtime.InteropServices;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtLibraryTests
{
    [SkippableFact]
    public void The_loaded_library_says_what_it_is()
    {
        OrtLibrary library = OrtPlace.Library;
        Assert.Equal(TestPlaces.OnnxRuntimeLibrary, library.Path);
        Assert.Equal("1.31.0", library.Version);
        Assert.Equal(31, library.ApiVersion);
        Assert.Contains("git-commit-id", library.BuildText, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", library.CompiledProviders);
    }

    [SkippableFact]
    public void Loading_again_without_a_path_gives_the_loaded_library() => Assert.Same(OrtPlace.Library, OrtLibrary.Load((string?)null));

    [SkippableFact]
    public void A_folder_and_a_link_lead_to_the_same_library()
    {
        OrtLibrary library = OrtPlace.Library;
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("lib"));
        File.CreateSymbolicLink(folder.File("lib/libonnxruntime.so"), library.Path);
        Assert.Same(library, OrtLibrary.Load(Path.GetDirectoryName(library.Path)));
        Assert.Same(library, OrtLibrary.Load(Search(folder)));
    }

    [Fact]
    public void Places_come_in_the_documented_order()
    {
        using var folder = new TemporaryFolder();
        OrtLibrarySearch search = Search(folder) with { ConfiguredPath = folder.File("configured.so"), EnvironmentPath = folder.Path };
        Assert.Equal(
            [
                ("configured path", folder.File("configured.so")),
                ("EDGEROUTE_ONNXRUNTIME", folder.File("libonnxruntime.so")),
                ("EDGEROUTE_ONNXRUNTIME", folder.File("libonnxruntime.so.1")),
                ("beside the binary", folder.File("libonnxruntime.so")),
                ("beside the binary", folder.File("libonnxruntime.so.1")),
                ("beside the binary", folder.File("lib/libonnxruntime.so")),
                ("beside the binary", folder.File("lib/libonnxruntime.so.1")),
                ("beside the binary", folder.File($"runtimes/{RuntimeInformation.RuntimeIdentifier}/native/libonnxruntime.so")),
                ("beside the binary", folder.File($"runtimes/{RuntimeInformation.RuntimeIdentifier}/native/libonnxruntime.so.1")),
                ("system loader", "libonnxruntime-of-no-system.so.1"),
            ],
            search.Places());
    }

    [Fact]
    public void The_error_lists_every_place_and_why_it_failed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("libonnxruntime.so"), new string('x', 4096));
        OrtLibrarySearch search = Search(folder) with { ConfiguredPath = folder.File("gone.so"), EnvironmentPath = SomeOtherLibrary() };
        var error = Assert.Throws<OrtLibraryNotFoundException>(() => OrtLibrary.Load(search));

        Assert.Equal(search.Places().Select(place => place.Path), error.Places.Select(place => place.Path));
        Assert.All(error.Places, place => Assert.Contains($"{place.Origin}: {place.Path}: {place.Failure}", error.Message,
            StringComparison.Ordinal));
        Assert.Equal("no such file", error.Places[0].Failure);
        Assert.Contains("OrtGetApiBase", error.Places[1].Failure, StringComparison.Ordinal);
        Assert.Contains("no ELF header", error.Places[2].Failure, StringComparison.Ordinal);
        Assert.Contains("cannot open shared object file", error.Places[^1].Failure, StringComparison.Ordinal);
        Assert.Contains("beside the binary", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_library_that_is_cut_off_or_is_a_pipe_is_refused_before_it_is_mapped()
    {
        using var folder = new TemporaryFolder();
        string cut = folder.File("cut.so"), pipe = folder.File("pipe.so");
        byte[] whole = File.ReadAllBytes(TestPlaces.OnnxRuntimeLibrary);
        File.WriteAllBytes(cut, whole[..(whole.Length / 2)]);
        Tool.Run("mkfifo", pipe);
        Assert.Contains("it is cut short: segment ", FailureOf(cut), StringComparison.Ordinal);
        Assert.Contains("a regular file is needed", FailureOf(pipe), StringComparison.Ordinal);

        string FailureOf(string path) => Assert.Throws<OrtLibraryNotFoundException>(
            () => OrtLibrary.Load(Search(folder) with { ConfiguredPath = path })).Places[0].Failure;
    }

    [SkippableFact]
    public void A_library_of_another_processor_is_named_as_the_reason()
    {
        string foreign = TestPlaces.OnnxRuntimeLibraryOf(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "linux-arm64"
            : "linux-x64");
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<OrtLibraryNotFoundException>(() => OrtLibrary.Load(Search(folder) with { ConfiguredPath = foreign }));
        Assert.Contains("it is for ", error.Places[0].Failure, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_second_library_is_refused()
    {
        OrtLibrary library = OrtPlace.Library;
        using var folder = new TemporaryFolder();
        File.Copy(library.Path, folder.File("libonnxruntime.so"));
        var error = Assert.Throws<InvalidOperationException>(() => OrtLibrary.Load(folder.Path));
        Assert.Contains(library.Path, error.Message, StringComparison.Ordinal);
    }

    private static OrtLibrarySearch Search(TemporaryFolder folder)
        => new() { BinaryFolder = folder.Path, SystemNames = ["libonnxruntime-of-no-system.so.1"] };

    /// <summary>A real library that is not ONNX Runtime: the C library this process runs on.</summary>
    private static string SomeOtherLibrary()
    {
        string line = File.ReadLines("/proc/self/maps").First(line => line.Contains("/libc.so.6", StringComparison.Ordinal));
        return line[line.IndexOf('/')..];
    }
}
