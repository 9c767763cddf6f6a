using System.Text;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>Models that read weights from files beside them, written here field by field as onnx.proto numbers them.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly SamplePack _sample = new();

    public void Dispose() => _sample.Dispose();

    public static TheoryData<string> Places => ["initializer", "sparse", "constant", "constants", "branch", "branches", "function",
        "training"];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_file_that_the_model_reads_and_the_manifest_does_not_list_is_refused_by_name(string place)
    {
        WriteLight(In(place, Tensor("m.data")));
        _sample.Folder.Write("m.data", "weights");
        Assert.Contains("stage 'light': file 'light.onnx' reads its weights from 'm.data', which the manifest does not list",
            Assert.Single(_sample.Reasons()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m.data")]
    [InlineData("./m.data")]
    [InlineData("sub/../m.data")]
    public void A_listed_file_is_read_however_the_model_names_it(string location)
    {
        WriteLight(In("initializer", Tensor(location)));
        string sha256 = SamplePack.Sha256(_sample.Folder.Write("m.data", "weights"));
        _sample.Set("stages.0.weights", $$"""[{"file": "m.data", "sha256": "{{sha256}}"}]""");
        Assert.Single(_sample.Read().Stages[0].WeightPaths);
    }

    [Fact]
    public void A_model_in_a_folder_reads_beside_itself()
    {
        byte[] model = In("initializer", Tensor("m.data"));
        File.WriteAllBytes(_sample.Folder.File("sub", "heavy.onnx"), model);
        _sample.Set("stages.1.sha256", $"\"{SamplePack.Sha256(_sample.Folder.File("sub", "heavy.onnx"))}\"");
        Assert.Contains("as 'sub/m.data' with its sha256", Assert.Single(_sample.Reasons()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../m.data")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/../../m.data")]
    [InlineData("")]
    public void A_file_outside_of_the_pack_is_refused(string location)
    {
        WriteLight(In("initializer", Tensor(location)));
        Assert.Contains($"reads its weights from '{location}', which is not in the pack's folder", Assert.Single(_sample.Reasons()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_external_once_and_what_is_no_tensor_is_not_read()
    {
        byte[] inside = [.. Field(13, [.. Field(1, "location"u8), .. Field(2, "m.data"u8)]), .. Field(9, new byte[64])];
        WriteLight([.. In("initializer", inside), .. Field(14, [.. Field(1, "location"u8), .. Field(2, "m.data"u8)])]);
        Assert.Equal("sample", _sample.Read().Name);
    }

    [Fact]
    public void Any_bytes_are_walked_to_their_end()
    {
        byte[] model = In("branch", Tensor("m.data"));
        var random = new Random(43);
        string path = _sample.Folder.File("any.onnx");
        for (int i = 0; i < 500; i++)
        {
            byte[] bent = [.. model];
            bent[random.Next(bent.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, bent[..random.Next(bent.Length + 1)]);
            Assert.InRange(LocationsIn(path).Length, 0, 1);
        }

        byte[] deep = [];
        for (int i = 0; i < 2000; i++)
        {
            deep = Field(1, Field(5, Field(6, deep)));
        }

        File.WriteAllBytes(path, Field(7, deep));
        Assert.Empty(LocationsIn(path));
    }

    [Fact]
    public void Models_made_by_others_say_what_they_read()
    {
        Assert.Equal(["external.weights"], LocationsIn(TestPlaces.Fixture("onnx", "external_a.onnx")));
        Assert.Empty(LocationsIn(TestPlaces.Fixture("onnx", "whole.onnx")));
    }

    private static string[] LocationsIn(string path) => [.. OnnxHeader.Read(path).ExternalFiles.Select(f => f.Location)];

    private void WriteLight(byte[] model)
    {
        string path = _sample.Folder.File("light.onnx");
        File.WriteAllBytes(path, model);
        _sample.Set("stages.0.sha256", $"\"{SamplePack.Sha256(path)}\"");
    }

    private static byte[] Tensor(string location) =>
        [.. Field(13, [.. Field(1, "location"u8), .. Field(2, Encoding.UTF8.GetBytes(location))]), 14 << 3, 1];

    /// <summary>The model with a tensor at one of the places that tensors have.</summary>
    private static byte[] In(string place, byte[] tensor)
    {
        byte[] graph = Field(5, tensor);
        byte[] model = place switch
        {
            "initializer" => Field(7, graph),
            "sparse" => Field(7, Field(15, Field(2, tensor))),
            "constant" => Field(7, Field(1, Field(5, Field(5, tensor)))),
            "constants" => Field(7, Field(1, Field(5, Field(10, tensor)))),
            "branch" => Field(7, Field(1, Field(5, Field(6, Field(1, Field(5, Field(6, graph))))))),
            "branches" => Field(7, Field(1, Field(5, Field(11, graph)))),
            "function" => Field(25, Field(7, Field(5, Field(5, tensor)))),
            _ => Field(20, Field(2, graph)),
        };
        return [8, 7, .. Field(2, "test"u8), .. model];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) =>
        [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
