using System.Text;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>A sealed manifest: damage is found wherever it is, and told with its place.</summary>
public sealed class ManifestChecksumTests : IDisposable
{
    private readonly SamplePack _sample = new();

    public void Dispose() => _sample.Dispose();

    private byte[] Sealed => ManifestChecksums.Seal(Encoding.UTF8.GetBytes(_sample.Manifest.ToString()));

    [Fact]
    public void A_sealed_manifest_reads_as_before_and_sealing_again_changes_nothing()
    {
        byte[] once = Sealed;
        Assert.Equal("A sample", _sample.ReadText(Encoding.UTF8.GetString(once)).Title);
        Assert.Equal(once, ManifestChecksums.Seal(once));
    }

    [Fact]
    public void White_space_between_tokens_does_not_matter()
    {
        string text = Encoding.UTF8.GetString(Sealed);
        Assert.Equal("A sample", _sample.ReadText(text.Replace("\n", "\r\n  ", StringComparison.Ordinal)).Title);
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        byte[] bytes = Sealed;
        for (int bit = 0; bit < 8 * bytes.Length; bit += 7)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(_sample.Folder.File("manifest.json"), damaged);
            var refused = Record.Exception(() => PackReader.Read(_sample.Folder.File("manifest.json")));
            Assert.True(refused is PackRefusedException, $"bit {bit % 8} of byte {bit / 8} ({(char)bytes[bit / 8]}) was not noticed");
        }
    }

    [Theory]
    [InlineData("\"A sample\"", "\"A simple\"", "line 5: 'title' does not fit its checksum")]
    [InlineData("0.4", "0.5", "'stages' does not fit its checksum")]
    [InlineData("\"detection\",", "\"detection\", \"multiply_adds\": {},", "'multiply_adds' does not fit its checksum")]
    public void The_damaged_block_is_named(string was, string becomes, string expected)
    {
        string text = Encoding.UTF8.GetString(Sealed);
        int at = text.IndexOf(was, StringComparison.Ordinal);
        Assert.Contains(_sample.ReasonsOf(text[..at] + becomes + text[(at + was.Length)..]), r => r.Contains(expected,
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_block_that_is_gone_is_named()
    {
        string text = Encoding.UTF8.GetString(Sealed).Replace("\"name\": \"sample\",", "", StringComparison.Ordinal);
        Assert.Contains(_sample.ReasonsOf(text), r => r.Contains("'name' has a checksum and is not there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    public void What_is_no_manifest_is_not_sealed(string text) =>
        Assert.Throws<InvalidDataException>(() => ManifestChecksums.Seal(Encoding.UTF8.GetBytes(text)));
}
