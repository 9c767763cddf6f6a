using System.Text;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Documents.Packs;

namespace EdgeRoute.Tests.Documents;

/// <summary>Whatever stands in a document, its reader takes it or refuses it in words; nothing else comes out.</summary>
public sealed class MutatedDocumentTests : IDisposable
{
    private const int ManifestCount = 5500, OtherCount = 1500;

    private readonly SamplePack _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Mutated_manifests_are_read_or_refused()
    {
        byte[] manifest = Encoding.UTF8.GetBytes(_sample.Manifest.ToJsonString());
        string path = _sample.Folder.File("manifest.json");
        int refused = Try(ManifestCount, manifest, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            PackReader.Read(path);
        });
        Assert.InRange(refused, ManifestCount / 2, ManifestCount);
    }

    [Fact]
    public void Mutated_calibrations_are_read_or_refused()
    {
        var pack = _sample.Read();
        var tree = new RouteTree(pack.Graph);
        var document = new CalibrationDocument { Pack = pack.Name, ManifestSha256 = pack.ManifestSha256 };
        CalibrationFile.Put(document, tree, RandomCalibration.Of(new Random(4), tree));
        string path = _sample.Folder.File(CalibrationFile.UsualName);
        Try(OtherCount, CalibrationFile.Write(document), bytes =>
        {
            File.WriteAllBytes(path, bytes);
            CalibrationFile.Read(path, pack, tree);
        });
    }

    [Fact]
    public void Mutated_configs_are_read_or_refused()
    {
        byte[] config = File.ReadAllBytes(Path.Combine(TestPlaces.Repository, "device-configs", "jetson-orin-nano.yaml"));
        string path = _sample.Folder.File("device.yaml");
        Try(OtherCount, config, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            DeviceConfigReader.ReadFile(path, checkPaths: false).Config?.Hash();
        });
    }

    [Theory]
    [InlineData(@"""\ud800""", "line 1: name holds half of a character")]
    [InlineData(@"""a\udfffb""", "line 1: name holds half of a character")]
    public void Half_a_character_in_a_manifest_has_its_place(string name, string expected)
    {
        string json = _sample.Manifest.ToJsonString().Replace("\"sample\"", name, StringComparison.Ordinal);
        Assert.Contains(_sample.ReasonsOf(json), r => r.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_byte_in_labels_has_its_place()
    {
        _sample.Set("labels", null);
        _sample.Set("labels_file", "\"labels.txt\"");
        File.WriteAllBytes(_sample.Folder.File("labels.txt"), [.. "person\nbi"u8, 0xC3, .. "ke\ncar\n"u8]);
        Assert.Contains(_sample.Reasons(), r => r.Contains("line 2: this is not UTF-8 text: byte 9 (0xc3)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_byte_in_a_config_has_its_place()
    {
        string path = _sample.Folder.File("device.yaml");
        File.WriteAllBytes(path, [.. "packs:\n  a: b"u8, 0xFF]);
        Assert.Contains("line 2: this is not UTF-8 text: byte 13 (0xff)", Assert.Single(DeviceConfigReader.ReadFile(path).Problems).Message,
            StringComparison.Ordinal);
    }

    /// <summary>How many of the mutations were refused by an exception that the readers document.</summary>
    private static int Try(int count, byte[] document, Action<byte[]> read)
    {
        int refused = 0;
        for (int seed = 0; seed < count; seed++)
        {
            byte[] mutated = Mutate(new Random(seed), document);
            try
            {
                read(mutated);
            }
            catch (Exception expected) when (expected is PackRefusedException || expected.GetType() == typeof(ArgumentException))
            {
                Assert.NotEmpty(expected.Message);
                refused++;
            }
            catch (Exception odd)
            {
                Assert.Fail($"seed {seed}: {odd}\n{Encoding.Latin1.GetString(mutated)}");
            }
        }

        return refused;
    }

    private static byte[] Mutate(Random random, byte[] document)
    {
        List<byte> bytes = [.. document];
        for (int left = random.Next(1, 4); left > 0; left--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at - 1));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)));
                    break;
                case 4:
                    bytes.InsertRange(AfterQuote(bytes, at), Encoding.ASCII.GetBytes($"\\u{random.Next(0xd700, 0xe100):x4}"));
                    break;
                case 5:
                    bytes.InsertRange(AfterQuote(bytes, at), Odd[random.Next(Odd.Length)]);
                    break;
                case 6:
                    bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                    break;
                default:
                    bytes.RemoveRange(at + 1, bytes.Count - at - 1);
                    break;
            }
        }

        return [.. bytes];
    }

    private static readonly byte[][] Odd =
        [[0xC3], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0], [0xC0, 0x80], [0xEF, 0xBB, 0xBF]];

    private static readonly byte[][] Words = [.. new[] { "null", "1e999", "-1", "[[[[", "{}", "\"\"", "99999999999", "NaN", "\\x",
        "\"\\UFFFFFFFF\"", "%", "&a", "*a", "!!", "? ", "- ", "\t", "'" }.Select(Encoding.UTF8.GetBytes)];

    private static int AfterQuote(List<byte> bytes, int at) => bytes.IndexOf((byte)'"', at) is >= 0 and var quote ? quote + 1 : at;
}
