using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.Linux;

/// <summary>A library that is not whole is told before it is mapped, because the process would end where it is touched.</summary>
public sealed class ElfFileTests : IDisposable
{
    private const int CutCount = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whole_libraries_are_not_complained_of()
    {
        string libc = File.ReadLines("/proc/self/maps").First(l => l.Contains("/libc.so.6", StringComparison.Ordinal));
        Assert.Null(ElfFile.FindProblem(TestPlaces.OnnxRuntimeLibrary));
        Assert.Null(ElfFile.FindProblem(libc[libc.IndexOf('/')..]));
    }

    [SkippableFact]
    public void A_library_that_was_cut_short_anywhere_is_refused_in_words_and_ends_nothing()
    {
        string whole = TestPlaces.OnnxRuntimeLibrary, cut = _folder.File("libonnxruntime.so");
        File.Copy(whole, cut);
        using var file = new FileStream(cut, FileMode.Open, FileAccess.ReadWrite);
        for (int i = CutCount; i > 0; i--)
        {
            // From one byte too few down to one byte in all, in steps of about a twentieth.
            file.SetLength(i == CutCount ? file.Length - 1 : Math.Max(1, (i - 1) * (new FileInfo(whole).Length / CutCount)));
            var error = Assert.Throws<OrtLibraryNotFoundException>(() => OrtLibrary.Load(new OrtLibrarySearch
            {
                ConfiguredPath = cut, BinaryFolder = _folder.File("none"), SystemNames = [],
            }));
            Assert.Matches(i == 1 ? "no ELF header" : "cut short", error.Places[0].Failure);
        }
    }

    [Theory]
    [InlineData(0, 0x7E, "no ELF header")]
    [InlineData(4, 1, "64-bit")]
    [InlineData(16, 2, "64-bit")]
    [InlineData(18, 0xF3, "it is for machine 243")]
    [InlineData(54, 1, "table of segments is damaged")]
    [InlineData(39, 0x80, "cut short: segment 0")]
    [InlineData(47, 0x80, "cut short: section 0")]
    public void A_damaged_header_is_told(int at, byte value, string expected)
    {
        byte[] bytes = File.ReadAllBytes(TestPlaces.OnnxRuntimeLibrary);
        bytes[at] = value;
        string path = _folder.File("library.so");
        File.WriteAllBytes(path, bytes);
        Assert.Contains(expected, ElfFile.FindProblem(path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_is_told()
    {
        Assert.Contains("a folder", ElfFile.FindProblem(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("no file", ElfFile.FindProblem(_folder.File("none")), StringComparison.Ordinal);
        Assert.Contains("no ELF header", ElfFile.FindProblem(_folder.Write("text", "text")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_library_of_another_digest_than_is_wanted_is_not_loaded()
    {
        string library = TestPlaces.OnnxRuntimeLibrary, digest = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(library)));
        Assert.Equal(library, OrtLibrary.Load(library, digest).Path);
        var search = new OrtLibrarySearch
        {
            ConfiguredPath = library, BinaryFolder = _folder.File("none"), SystemNames = ["libc.so.6"], Sha256 = new string('0', 64),
        };
        var error = Assert.Throws<OrtLibraryNotFoundException>(() => OrtLibrary.Load(search));
        Assert.Contains($"its SHA-256 is {digest}", error.Places[0].Failure, StringComparison.Ordinal);
        Assert.Contains("cannot be checked", error.Places[^1].Failure, StringComparison.Ordinal);
    }
}
