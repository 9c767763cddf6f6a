using System.Diagnostics;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Abi;

public sealed class OrtAbiTests
{
    [Fact]
    public void The_slots_are_those_of_header_version_29()
    {
        Assert.Equal(29, OrtLibrary.HeaderApiVersion);
        Assert.Equal(OrtHeader.Slots.OrderBy(slot => slot.Value), OrtHeader.DeclaredSlots.OrderBy(slot => slot.Value));
    }

    [Fact]
    public void The_enumerators_are_those_of_header_version_29()
    {
        Assert.All(OrtHeader.Enumerators, pair =>
            Assert.Equal(pair.Value.Select(enumerator => enumerator.Value),
                Enum.GetValues(pair.Key).Cast<object>().Select(Convert.ToInt32)));
    }

    /// <summary>Asks the C compiler about the header that comes with the provider package: positions, enumerators, sizes.</summary>
    [SkippableFact]
    public void The_facts_of_these_tests_are_those_of_the_header()
    {
        using var folder = new TemporaryFolder();
        IEnumerable<string> enumerators = OrtHeader.Enumerators.Values.SelectMany(list => list)
            .Select(item => $"{item.CName} == {item.Value}");
        IEnumerable<string> slots = OrtHeader.Slots.Select(slot => $"offsetof(OrtApi, {slot.Key}) == {slot.Value} * sizeof(void*)");
        string[] sizes =
        [
            "ORT_API_VERSION == 29",
            "sizeof(OrtApiBase) == 2 * sizeof(void*)",
            "offsetof(OrtApiBase, GetApi) == 0",
            "sizeof(OrtErrorCode) == 4",
            "sizeof(ONNXTensorElementDataType) == 4",
            "sizeof(OrtLoggingLevel) == 4",
            "OrtDeviceAllocator == 0",
            "OrtArenaAllocator == 1",
            "OrtMemTypeDefault == 0",
            "OrtMemoryInfoDeviceType_CPU == 0",
        ];
        IEnumerable<string> asserts = slots.Concat(enumerators).Concat(sizes).Select(fact => $"_Static_assert({fact}, \"{fact}\");");
        File.WriteAllText(folder.File("facts.c"), "#include <stddef.h>\n#include \"onnxruntime_c_api.h\"\n" + string.Join('\n', asserts));
        Assert.Equal("", Compile(folder.File("facts.c"), HeaderFolder()));
    }

    private static string HeaderFolder()
    {
        string package = Path.Combine(TestPlaces.Repository, "tests", "natives", "node_modules", "com.github.asus4.onnxruntime");
        Skip.IfNot(Directory.Exists(package), "needs the header of the provider package: run runtime/natives/install.sh --providers");
        return Path.GetDirectoryName(Directory.EnumerateFiles(package, "onnxruntime_c_api.h", SearchOption.AllDirectories).First())!;
    }

    private static string Compile(string source, string include)
    {
        Skip.IfNot(File.Exists("/usr/bin/gcc"), "needs gcc");
        var start = new ProcessStartInfo("/usr/bin/gcc", ["-fsyntax-only", "-I", include, source]) { RedirectStandardError = true };
        using Process compiler = Process.Start(start)!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        return errors;
    }
}
