using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>The schema that editors use and the reader say the same, and every manifest of the project satisfies both.</summary>
public sealed class PackSchemaTests
{
    private static readonly string SchemaPath = Path.Combine(TestPlaces.Repository, "models", "pack.schema.json");
    private static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(SchemaPath))!;

    public static TheoryData<string> Manifests =>
        [.. Directory.GetFiles(Path.Combine(TestPlaces.Repository, "models"), "manifest.json", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(TestPlaces.Fixture("packs"), "manifest.json", SearchOption.AllDirectories))
            .Select(p => Path.GetRelativePath(TestPlaces.Repository, p)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Schema_and_reader_know_the_same_properties()
    {
        var differences = new List<string>();
        Compare(ManifestJson.Default.ManifestDocument, Schema, "manifest", differences);
        Assert.Empty(differences);
    }

    [Fact]
    public void Schema_and_reader_know_the_same_words()
    {
        Same(Schema["properties"]!["task"]!, ManifestEnums.Tasks.Select(w => w.Text));
        Same(Schema["properties"]!["carry"]!, ManifestEnums.Carries.Select(w => w.Text));
        var input = Schema["$defs"]!["input"]!["properties"]!;
        Same(input["channels"]!, ManifestEnums.Channels.Select(w => w.Text));
        Same(input["layout"]!, ManifestEnums.Layouts.Select(w => w.Text));
        Same(input["element"]!, ManifestEnums.Elements.Select(w => w.Text));
        Same(input["fit"]!, ManifestEnums.Fits.Select(w => w.Text));
        Same(Schema["$defs"]!["pad"]!["properties"]!["placement"]!, ManifestEnums.Placements.Select(w => w.Text));
        Same(Schema["$defs"]!["exit"]!["properties"]!["head"]!, ManifestEnums.Heads.Select(w => w.Text));
        Same(Schema["$defs"]!["plan"]!["properties"]!["actions"]!, ManifestEnums.Actions.Select(w => w.Text));
        Same(Schema["$defs"]!["windows"]!["properties"]!["from"]!, ManifestEnums.WindowSources.Select(w => w.Text));
        Same(Schema["$defs"]!["edge"]!["properties"]!["merge"]!, ManifestEnums.Merges.Select(w => w.Text));
        Same(Schema["$defs"]!["cascade_exit"]!["properties"]!["signal"]!, ManifestEnums.Signals.Select(w => w.Text));
    }

    [SkippableTheory]
    [MemberData(nameof(Manifests))]
    public void A_manifest_of_the_project_satisfies_the_schema(string manifest)
    {
        Assert.Equal("", Validate(File.ReadAllText(Path.Combine(TestPlaces.Repository, manifest))));
    }

    [SkippableFact]
    public void The_schema_accepts_the_sample_and_refuses_it_spoiled()
    {
        using var sample = new SamplePack();
        Assert.Equal("", Validate(sample.Manifest.ToJsonString()));
        foreach (var (path, value) in new[]
        {
            ("titel", "1"), ("manifest", "2"), ("stages.0.exit.head", "\"yolo\""), ("stages.0.sha256", "\"ab\""), ("edges.1.keep", "[0]"),
            ("stages.0.file", "\"/x\""), ("policies.cascade.exits.light.stop_at_least", "1"), ("stages.0.name", "\"stop\""),
            ("policies", null),
        })
        {
            using var spoiled = new SamplePack();
            spoiled.Set(path, value);
            Assert.NotEqual("", Validate(spoiled.Manifest.ToJsonString()));
        }
    }

    /// <summary>Empty when valid, else the validator's words. The validator is Debian's python3-jsonschema.</summary>
    private static string Validate(string json)
    {
        const string Python = "/usr/bin/python3";
        const string Script =
            "import json,sys,jsonschema\ns=json.load(open(sys.argv[1]))\nv=jsonschema.Draft202012Validator\nv.check_schema(s)\n"
            + "print(*[e.json_path+': '+e.message for e in v(s).iter_errors(json.load(sys.stdin))],sep='\\n',end='')";
        Skip.IfNot(File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/jsonschema"),
            "needs the Debian package python3-jsonschema");
        var start = new ProcessStartInfo(Python, ["-c", Script, SchemaPath])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(json);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    private static void Same(JsonNode choice, IEnumerable<string> words) =>
        Assert.Equal(words.Order(StringComparer.Ordinal), choice["enum"]!.AsArray().Select(n => (string)n!).Order(StringComparer.Ordinal));

    private static void Compare(JsonTypeInfo type, JsonNode schema, string path, List<string> differences)
    {
        schema = schema["$ref"] is { } reference ? Schema["$defs"]![((string)reference!).Split('/')[^1]]! : schema;
        var options = ManifestJson.Default.Options;
        if (type.Kind == JsonTypeInfoKind.Object)
        {
            var inSchema = schema["properties"]!.AsObject();
            differences.AddRange(type.Properties.Where(p => !inSchema.ContainsKey(p.Name))
                .Select(p => $"{path}.{p.Name} is not in the schema"));
            differences.AddRange(inSchema.Where(p => type.Properties.All(t => t.Name != p.Key))
                .Select(p => $"{path}.{p.Key} is not in the reader"));
            Assert.False((bool)schema["additionalProperties"]!, $"{path}: the schema must refuse unknown properties, as the reader does");
            foreach (var property in type.Properties.Where(p => inSchema.ContainsKey(p.Name)))
            {
                Compare(options.GetTypeInfo(property.PropertyType), inSchema[property.Name]!, $"{path}.{property.Name}", differences);
            }
        }
        else if (type.Kind != JsonTypeInfoKind.None)
        {
            string inside = type.Kind == JsonTypeInfoKind.Dictionary ? "additionalProperties" : "items";
            Compare(options.GetTypeInfo(type.ElementType!), schema[inside]!, path + "[]", differences);
        }
    }
}
