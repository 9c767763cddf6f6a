using System.Diagnostics;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Abi;

public sealed class OrtAbiTests
{
    [Fact]
    public void The_slots_are_those_of_header_version_31()
    {
        Assert.Equal(31, OrtLibrary.ManagedApiVersion);
        Assert.Equal(OrtHeader.Slots.OrderBy(slot => slot.Value), OrtHeader.DeclaredSlots.OrderBy(slot => slot.Value));
    }

    [Fact]
    public void The_oldest_version_served_has_a_size_of_its_own()
    {
        Assert.Equal(OrtLibrary.MinimumApiVersion, OrtBridge.Sizes[0].Version);
        Assert.Equal(OrtLibrary.ManagedApiVersion, OrtBridge.Sizes[^1].Version);
        Assert.Equal(OrtHeader.LastFunctions.Keys, OrtBridge.Sizes.Select(size => size.Version));
        Assert.InRange(OrtBridge.Sizes[^1].Functions, 0, OrtBridge.TableLength);
        Assert.InRange(OrtBridge.Sizes[^1].CompileFunctions, 0, OrtBridge.CompileTableLength);
    }

    [Fact]
    public void The_enumerators_are_those_of_header_version_31()
    {
        Assert.All(OrtHeader.Enumerators, pair =>
            Assert.Equal(pair.Value.Select(enumerator => enumerator.Value),
                Enum.GetValues(pair.Key).Cast<object>().Select(Convert.ToInt32)));
    }

    /// <summary>Asks the C compiler about the header that comes with the package: positions, enumerators, sizes.</summary>
    [SkippableFact]
    public void The_facts_of_these_tests_are_those_of_the_header()
    {
        using var folder = new TemporaryFolder();
        IEnumerable<string> enumerators = OrtHeader.Enumerators.Values.SelectMany(list => list)
            .Select(item => $"{item.CName} == {item.Value}");
        IEnumerable<string> slots = OrtHeader.Slots.Select(slot => $"offsetof(OrtApi, {slot.Key}) == {slot.Value} * sizeof(void*)");
        string[] sizes =
        [
            "ORT_API_VERSION == 31",
            $"sizeof(OrtApi) == {OrtBridge.Sizes[^1].Functions} * sizeof(void*)",
            $"sizeof(OrtCompileApi) == {OrtBridge.Sizes[^1].CompileFunctions} * sizeof(void*)",
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
        IEnumerable<string> asserts = slots.Concat(enumerators).Concat(sizes).Concat(TableEnds())
            .Select(fact => $"_Static_assert({fact}, \"{fact}\");");
        File.WriteAllText(folder.File("facts.c"), "#include <stddef.h>\n#include \"onnxruntime_c_api.h\"\n" + string.Join('\n', asserts));
        Assert.Equal("", Compile(folder.File("facts.c"), HeaderFolder()));
    }

    private static IEnumerable<string> TableEnds()
    {
        var ends = OrtHeader.LastFunctions.Select(last => ("OrtApi", last.Value,
            OrtBridge.Sizes.Single(size => size.Version == last.Key).Functions));
        var compileEnds = OrtHeader.LastCompileFunctions.Select(last => ("OrtCompileApi", last.Value,
            OrtBridge.Sizes.Last(size => size.Version <= last.Key).CompileFunctions));
        return ends.Concat(compileEnds).Select(end => $"offsetof({end.Item1}, {end.Value}) == {end.Item3 - 1} * sizeof(void*)");
    }

    private static string HeaderFolder() => Path.Combine(TestPlaces.OnnxRuntimeGpuPackage, "buildTransitive", "native", "include");

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
