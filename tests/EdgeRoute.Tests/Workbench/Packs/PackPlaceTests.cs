using System.Formats.Tar;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Packs;

namespace EdgeRoute.Tests.Workbench.Packs;

/// <summary>Packs are looked at, copied and packed up; a copy is what the original is.</summary>
public sealed class PackPlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Shapes => Path.Combine(TestPlaces.Repository, "models", "shapes");

    private IReadOnlyList<PackFile> Export(string target, string? manifest = null, string? files = null) =>
        PackExport.Write(manifest ?? Path.Combine(Shapes, "manifest.json"), files, target, _ => { }, CancellationToken.None);

    [Theory]
    [InlineData("copy")]
    [InlineData("copy.tar")]
    [InlineData("copy.tar.gz")]
    [InlineData("copy.tgz")]
    public void A_copy_has_everything_and_is_whole(string target)
    {
        var files = Export(_folder.File(target));
        Assert.Equal(["README.md", "calibration.json", "heavy_1.onnx", "heavy_2.onnx", "labels.txt", "light.onnx", "manifest.json"],
            files.Select(f => f.Name).Order(StringComparer.Ordinal));
        using (var place = PackPlace.Open(_folder.File(target)))
        {
            Assert.Empty(PackVerification.Problems(place.Manifest, null, TestPlaces.OnnxRuntimeLibrary, _ => { }));
            Assert.Equal(PackReader.Read(Shapes).ManifestSha256, PackReader.Read(place.Manifest).ManifestSha256);
        }

        Assert.Equal([target], Directory.EnumerateFileSystemEntries(_folder.Path).Select(p => Path.GetFileName(p)));
        Assert.Contains("is there already", Assert.Throws<InvalidDataException>(() => Export(_folder.File(target))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_pack_makes_one_archive()
    {
        Export(_folder.File("a.tar.gz"));
        Export(_folder.File("b.tar.gz"));
        Assert.Equal(File.ReadAllBytes(_folder.File("a.tar.gz")), File.ReadAllBytes(_folder.File("b.tar.gz")));
    }

    [Fact]
    public void Model_files_that_are_kept_elsewhere_come_along()
    {
        string manifest = _folder.Write("manifests/shapes/manifest.json", File.ReadAllText(Path.Combine(Shapes, "manifest.json")));
        File.Copy(Path.Combine(Shapes, "labels.txt"), _folder.File("manifests", "shapes", "labels.txt"));
        Export(_folder.File("copy"), manifest, Shapes);
        Assert.Equal(3, PackReader.Read(_folder.File("copy")).Stages.Count);
    }

    [Fact]
    public void A_damaged_pack_is_told_with_every_problem_and_is_not_copied()
    {
        Export(_folder.File("copy"));
        File.AppendAllText(_folder.File("copy", "light.onnx"), "x");
        File.Delete(_folder.File("copy", "heavy_2.onnx"));
        string said = string.Join('\n', PackVerification.Problems(_folder.File("copy", "manifest.json"), null, null, _ => { }));
        Assert.Contains("file 'light.onnx' has SHA-256", said, StringComparison.Ordinal);
        Assert.Contains("file 'heavy_2.onnx' is not in", said, StringComparison.Ordinal);
        Assert.Throws<PackRefusedException>(() => Export(_folder.File("other"), _folder.File("copy", "manifest.json")));
        Assert.False(Path.Exists(_folder.File("other")) || Path.Exists(_folder.File("other.part")));
    }

    [Fact]
    public void An_archive_that_would_write_elsewhere_is_refused()
    {
        using (var archive = new TarWriter(File.Create(_folder.File("evil.tar"))))
        {
            archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../evil.txt") { DataStream = new MemoryStream([1]) });
        }

        Assert.Contains("leaves its folder", Assert.Throws<InvalidDataException>(() => PackPlace.Open(_folder.File("evil.tar"))).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "evil.txt")));
    }

    [Fact]
    public void A_summary_says_what_a_pack_is()
    {
        var summary = PackSummary.Of(Path.Combine(Shapes, "manifest.json"));
        Assert.Equal(("shapes", "detection", "Apache-2.0"), (summary.Name, summary.Task, summary.Licence));
        Assert.Equal(["light", "heavy_1", "heavy_2"], summary.Stages.Select(s => s.Name));
        Assert.Equal("96x96 rgb float32, stretch", summary.Stages[0].Input);
        Assert.Equal("light is enough where low_confidence_mass is at most 6.177, else heavy_1", summary.Rules[0]);
        Assert.Contains("\"fixed_route\": \"heavy_1", summary.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Packs_of_a_folder_are_found_and_what_is_none_is_said()
    {
        string[] found = [.. PackPlace.FoldersIn(Path.Combine(TestPlaces.Repository, "models")).Select(f => Path.GetFileName(f)!)];
        Assert.Equal(["shapes", "tabletop"], found);
        Assert.Throws<InvalidDataException>(() => PackPlace.FoldersIn(_folder.File("none")));
        Assert.Contains("has no manifest.json", Assert.Throws<InvalidDataException>(() => PackPlace.Open(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("there is no pack", Assert.Throws<InvalidDataException>(() => PackPlace.Open(_folder.File("none"))).Message,
            StringComparison.Ordinal);
    }
}
