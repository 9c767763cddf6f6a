using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Tests.Protocol.Framing;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>The schema of device configs: as shipped, as documented, and as an editor's own checker follows it.</summary>
public sealed class ConfigSchemaTests : IDisposable
{
    /// <summary>Mistakes that people make, each with the line that is wrong; the reader and the editor must both point at it.</summary>
    private static readonly (string What, string Text)[] Mistakes =
    [
        ("misspelt key", Source("stal_ms: 3000")),
        ("misspelt group", "runtim: { threads: 1 }\n" + Source("loop: false")),
        ("unit in the value", Source("deadline_ms: 33ms")),
        ("below the range", Source("stall_ms: 5")),
        ("above the range", Source("weight: 100000")),
        ("no whole number", Source("stall_ms: 3000.5")),
        ("number in quotes", Source("stall_ms: \"3000\"")),
        ("word that is none", Source("take: newst")),
        ("yes for true", Source("loop: yes")),
        ("text for a group", Source("policy: cascade")),
        ("list for a number", Source("stall_ms: [1000]")),
        ("two addresses", Source("pipeline: videotestsrc")),
        ("price without value", Source("policy: { kind: cascade, price: 0.1 }")),
        ("budget that is none", Source("budget: { latency: 30 }")),
        ("log without a path", Source("actions: { actuator: log, hz: 30 }")),
        ("endless age", Source("actions: { actuator: channel, hz: 30, max_age_ms: none }")),
        ("axis of a channel", Source("actions: { actuator: channel, hz: 30, axes: { a: { action: 0, channel: 0 } } }")),
        ("motor with a pulse",
            Source("actions: { actuator: dc_motor, hz: 9, axes: { a: { action: 0, channel: 0, chip: 0, pulse_us: [1, 2] } } }")),
        ("zone of two points", Source("zones: { door: [[0, 0], [1, 1]] }")),
        ("point outside", Source("lines: { gate: [[0, 0], [1, 1.5]] }")),
        ("two conditions", Source("rules: { r: { when: { path: light, ended: exited } } }")),
        ("misspelt condition", Source("rules: { r: { when: { counts: { class: person } } } }")),
        ("deep condition", Source("rules: { r: { when: { all: [{ not: { any: [{ dwell: { at_least_s: 5 } }] } }] } } }")),
        ("rule that sets a pack", Source("rules: { r: { when: { path: light }, set: { pack: d } } }")),
        ("name with a capital", "outputs: { Home: { kind: jsonl, path: a } }\n" + Source("loop: false")),
        ("broker of a file", "outputs: { home: { kind: jsonl, path: a, broker: mqtt://b } }\n" + Source("loop: false")),
        ("output without a kind", "outputs: { home: { path: a } }\n" + Source("loop: false")),
        ("unknown provider", "runtime: { providers: [cpu, cudda] }\n" + Source("loop: false")),
        ("provider without a name", "runtime: { providers: [{ require: true }] }\n" + Source("loop: false")),
        ("beat of a lamp", "gpio: { lines: { lamp: { use: rule, line: l, period_ms: 500 } } }\n" + Source("loop: false")),
        ("line without a place", "gpio: { lines: { lamp: { use: rule } } }\n" + Source("loop: false")),
        ("no packs", "packs: {}\nsources: { s: { open: a.mp4, pack: d } }\n"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Shipped => Path.Combine(TestPlaces.Repository, "device-configs", "device.schema.json");

    [Fact]
    public void The_shipped_schema_is_what_the_program_writes() => Assert.True(File.ReadAllText(Shipped) == ConfigSchema.Text(),
        "the reader or the documents say something else now: edgerouted schema > device-configs/device.schema.json");

    [Fact]
    public void Every_config_names_the_schema_in_its_first_line() => Assert.All(ShippedConfigTests.Files, file =>
    {
        const string Start = "# yaml-language-server: $schema=";
        string first = File.ReadLines(file).First();
        Assert.StartsWith(Start, first, StringComparison.Ordinal);
        Assert.Equal(Shipped, Path.GetFullPath(first[Start.Length..], Path.GetDirectoryName(file)!));
    });

    /// <summary>A key without a row is one of what a row says as a whole.</summary>
    [Fact]
    public void Every_key_has_its_row_in_the_documents_and_every_row_a_key()
    {
        string[] whole = ["sources.name.rules.name.set", "sources.name.policy", "runtime.providers"];
        var keys = KeysOf("", JsonNode.Parse(ConfigSchema.Text())!.AsObject()).ToArray();
        string[] silent = [.. keys.Where(k => !k.IsTold && !whole.Any(w => k.Full.StartsWith(w, StringComparison.Ordinal)))
            .Select(k => k.Full).Distinct()];
        Assert.Equal([], silent);
        Assert.Equal([], ConfigRows.OfDocuments().Keys.Where(r => !keys.Any(k => ConfigRows.IsOf(r, k.Full))));
        Assert.InRange(keys.Length, 150, 1000);
    }

    [SkippableFact]
    public void An_editor_finds_no_fault_in_what_is_right_and_each_mistake_where_the_reader_does()
    {
        string[] right = [.. ShippedConfigTests.Files,
            .. ShippedConfigTests.Files.Select((f, i) => Written($"effective{i}.yaml",
                DeviceConfigReader.ReadFile(f, false).Config!.Effective()))];
        string[] wrong = [.. Mistakes.Select((m, i) => Written($"mistake{i}.yaml", m.Text))];
        var found = Diagnose([.. right, .. wrong]);
        Assert.All(right, file => Assert.Equal([], found[file].Select(f => $"{file}:{f.Line}: {f.Message}")));
        Assert.All(Mistakes.Zip(wrong), m =>
        {
            long[] lines = [.. DeviceConfigReader.ReadFile(m.Second, checkPaths: false).Problems.Select(p => p.At.Line).Distinct()];
            Assert.True(lines.Length > 0, $"{m.First.What}: the reader finds nothing");
            Assert.True(found[m.Second].Any(f => lines.Contains(f.Line)), $"{m.First.What}: the reader finds it in line "
                + $"{string.Join(", ", lines)}, the editor says: {string.Join("; ", found[m.Second])}");
        });
    }

    private static Dictionary<string, Diagnosis[]> Diagnose(string[] files)
    {
        var (exitCode, text) = Interpreter.Run(Interpreter.NeedNode("yaml", "yaml-language-server"),
            [TestPlaces.Fixture("yaml", "diagnose.mjs"), .. files]);
        Assert.True(exitCode == 0, text);
        return JsonSerializer.Deserialize<Dictionary<string, Diagnosis[]>>(text, JsonSerializerOptions.Web)!;
    }

    private string Written(string name, string text) => _folder.Write(name, $"# yaml-language-server: $schema={Shipped}\n{text}");

    private static string Source(string line) =>
        $"packs:\n  d:\n    manifest: m\nsources:\n  s:\n    open: a.mp4\n    pack: d\n    {line}\n";

    /// <summary>Keys of values, by their full names; groups have rows of their own only where there is something to say.</summary>
    private static IEnumerable<(string Full, bool IsTold)> KeysOf(string path, JsonObject schema)
    {
        foreach (var (key, value) in schema["properties"]?.AsObject() ?? [])
        {
            string full = path.Length == 0 ? key : $"{path}.{key}";
            bool isLeaf = value is not JsonObject group || !(group.ContainsKey("properties") || group.ContainsKey("patternProperties"));
            if (value is JsonObject { Count: > 0 } shape && isLeaf && !shape.ContainsKey("$ref"))
            {
                yield return (full, shape.ContainsKey("description"));
            }
            else if (value is JsonObject other)
            {
                yield return (full, true);
                foreach (var inner in KeysOf(full, other))
                {
                    yield return inner;
                }
            }
        }

        foreach (var (_, value) in schema["patternProperties"]?.AsObject() ?? [])
        {
            foreach (var inner in KeysOf($"{path}.name", value!.AsObject()))
            {
                yield return inner;
            }
        }

        foreach (var then in schema["allOf"]?.AsArray().Select(v => v!["then"]!.AsObject()) ?? [])
        {
            foreach (var inner in KeysOf(path, then))
            {
                yield return inner;
            }
        }
    }

    private sealed record Diagnosis(long Line, string Message);
}
