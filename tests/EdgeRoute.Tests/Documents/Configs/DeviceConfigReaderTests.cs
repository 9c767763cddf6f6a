using System.Diagnostics.CodeAnalysis;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class DeviceConfigReaderTests
{
    private const string Smallest = """
        packs:
          detect: { manifest: m.json }
        sources:
          front: { open: walk.mp4, pack: detect }
        """;

    [Fact]
    public void Smallest_config_gets_every_default()
    {
        var config = Read(Smallest);
        Assert.Equal(RuntimeConfig.Default.ThreadCount, config.Runtime.ThreadCount);
        Assert.Equal(["CPU"], config.Runtime.Providers.Select(p => p.Name));
        var source = Assert.Single(config.Sources);
        Assert.Equal((AddressKind.File, DeliveryMode.EveryFrame, SourcePace.AsTaken), (source.Address.Kind, source.Take, source.Pace));
        Assert.Equal(("/robot/walk.mp4", "walk.mp4"), (source.Address.Path!.Full, source.Address.Path.Written));
        Assert.Equal((PolicyKind.Cascade, null, 3000), (source.Policy.Kind, source.DeadlineMs, source.StallMs));
        Assert.Null(config.Trace);
        Assert.Null(config.Record);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var config = Read("""
            runtime:
              library: /opt/ort/libonnxruntime.so
              threads: 3
              spin: true
              kernel: vector128
              providers:
                - name: tensorrt
                  require: true
                  options: { trt_fp16_enable: 1, device_id: "0", trt_engine_cache_path: /var/cache }
                - cuda
                - cpu
            packs:
              detect: { manifest: ../packs/m.json, files: /models }
            sources:
              front:
                pipeline: nvarguscamerasrc ! nvvidconv ! video/x-raw, format=NV12
                pack: detect
                live: false
                take: every
                pace: free
                stall_ms: 100
                policy: { kind: fixed, path: "light>heavy" }
                deadline_ms: 33.3
              back: { open: run.erec, pack: detect, loop: true }
            trace: { file: t.erec }
            record: { file: r.erec, frames: jpeg }
            """);
        Assert.Equal((3, true, "vector128"), (config.Runtime.ThreadCount, config.Runtime.Spin, config.Runtime.KernelName));
        Assert.Equal(["TensorRT", "CUDA", "CPU"], config.Runtime.Providers.Select(p => p.Name));
        Assert.True(config.Runtime.Providers[0].Require);
        Assert.Equal(["device_id=0", "trt_engine_cache_path=/var/cache", "trt_fp16_enable=1"],
            config.Runtime.Providers[0].Options.Select(o => $"{o.Key}={o.Value}"));
        Assert.Equal("/packs/m.json", config.Packs[0].Manifest.Full);
        Assert.Equal((33.3, "light>heavy", 100), (config.Sources[0].DeadlineMs, config.Sources[0].Policy.PathName,
            config.Sources[0].StallMs));
        Assert.Equal((AddressKind.Recording, true), (config.Sources[1].Address.Kind, config.Sources[1].Loop));
        Assert.Equal(RecordedFrames.Jpeg, config.Record!.Frames);
        Assert.Same(config.Packs[0], config.PackOf(config.Sources[1]));
    }

    [Fact]
    public void Every_problem_is_reported_at_once_with_its_place()
    {
        string[] problems = Problems("""
            runtime:
              thread: 2
              spin: yes
              providers: [gpu, cpu, cuda]
            packs:
              detect: { manifest: m.json }
            sources:
              front:
                open: rtp://camera/1
                pack: detcet
                stall_ms: 50ms
                deadline_ms: 0
                policy: { kind: casacde }
              Back!: { open: a, pipeline: b ! c, pack: detect }
            tracing: { file: x }
            """);
        Assert.Equal(
            [
                "/robot/device.yaml:2:3: unknown key 'thread' in runtime; did you mean 'threads'?",
                "/robot/device.yaml:3:9: runtime.spin is 'yes'; it must be true or false",
                "/robot/device.yaml:4:15: unknown provider 'gpu'; did you mean 'CPU'?",
                "/robot/device.yaml:4:25: provider CUDA comes after CPU, which runs everything, so it would never be used; move it up",
                "/robot/device.yaml:9:11: sources.front.open has the unknown scheme 'rtp://'; did you mean 'rtsp'?",
                "/robot/device.yaml:10:11: sources.front.pack names 'detcet', which is not under 'packs'; did you mean 'detect'?",
                "/robot/device.yaml:11:15: sources.front.stall_ms is '50ms'; it must be a whole number from 100 to 600000 ms (write the "
                    + "number without 'ms')",
                "/robot/device.yaml:12:18: sources.front.deadline_ms is '0'; it must be a number from 0.1 to 60000 ms, or none",
                "/robot/device.yaml:13:21: sources.front.policy.kind is 'casacde'; it must be one of fixed, skipping, cascade, value; "
                    + "did you mean 'cascade'?",
                "/robot/device.yaml:14:3: 'Back!' cannot be a name: use 1 to 32 of a-z, 0-9, '-' and '_', a letter or digit first",
                "/robot/device.yaml:14:10: sources.Back! has both 'open' and 'pipeline'; keep one",
                "/robot/device.yaml:15:1: unknown key 'tracing'; did you mean 'trace'?",
            ],
            problems);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("just text", "the file must hold keys")]
    [InlineData("- a\n- b", "not a list")]
    [InlineData("packs: { a: { manifest: m } }", "'sources' is missing")]
    [InlineData("packs: { }\nsources: { a: { open: x, pack: p } }", "packs has 0 entries; 1 to 16")]
    [InlineData("packs: [a]\nsources: { a: { open: x, pack: p } }", "packs is a list; it must be a group of keys")]
    [InlineData("packs: { a: { manifest: } }\nsources: { s: { open: x, pack: a } }", "packs.a.manifest has no value")]
    [InlineData("packs: { a: { } }\nsources: { s: { open: x, pack: a } }", "packs.a needs 'manifest'")]
    [InlineData("packs: { a: { manifest: [m] } }\nsources: { s: { open: x, pack: a } }", "packs.a.manifest is a list; it must be text")]
    [InlineData("packs: { a: { manifest: m } }\nsources: { s: { pack: a } }", "sources.s needs 'open'")]
    [InlineData("packs: { a: { manifest: m } }\npacks: { b: { manifest: m } }\nsources: { s: { open: x, pack: a } }",
        ":2:1: 'packs' is given twice; the first is on line 1")]
    [InlineData("packs: { a: &x { manifest: m } }\nsources: { s: { open: x, pack: a } }", "anchor '&x'")]
    [InlineData("packs: { a: *x }\nsources: { s: { open: x, pack: a } }", "alias '*x'")]
    [InlineData("packs: { a: !odd { manifest: m } }\nsources: { s: { open: x, pack: a } }", "tag '!odd'")]
    [InlineData("packs: { a: { manifest: m, <<: b } }\nsources: { s: { open: x, pack: a } }", "merge keys")]
    [InlineData("packs: { a: { manifest: m } }\nsources: { s: { open: x, pack: a } }\n---\npacks: {}", ":3:1: a second document")]
    [InlineData("packs:\n  a: { manifest: m\nsources: { s: { open: x, pack: a } }", ":2:16: this is not YAML: a bracket")]
    [InlineData("packs:\n\ta: 1", ":2:1: this is not YAML: a tab in the indentation")]
    [InlineData("packs: { a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]] }\nsources: { s: { open: x, pack: a } }",
        "nested more than 16 levels deep")]
    [InlineData("? [a]\n: b\npacks: { a: { manifest: m } }\nsources: { s: { open: x, pack: a } }", "a key must be a word, not a list")]
    public void Unusable_files_are_refused_in_words(string text, string expected) => Assert.Contains(Problems(text),
        p => p.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("open: rtsp://c, take: every", "take is 'every'; a live source cannot be made to wait")]
    [InlineData("open: v4l2:///dev/video0, pace: free", "pace is 'free'; a live source has its own pace")]
    [InlineData("open: sim://tabletop, loop: true", "loop is true; only files, folders, recordings")]
    [InlineData("pipeline: a ! b, take: every", "take is 'every'; a live source")]
    [InlineData("pipeline: fakesrc", "has no ' ! ' between elements")]
    [InlineData("open: x, live: false", "live is only for pipelines")]
    [InlineData("open: sim://tabletop, frames_per_second: 5", "is only for folders of pictures")]
    [InlineData("open: x, rtsp_latency_ms: 5", "is only for rtsp:// addresses")]
    [InlineData("open: http://c/1, rtsp_transport: udp", "is only for rtsp:// addresses")]
    [InlineData("open: rtsp://c/1, rtsp_transport: udb", "must be one of auto, tcp, udp; did you mean 'udp'?")]
    [InlineData("open: https://c/1, take: every", "take is 'every'; a live source")]
    [InlineData("open: x, policy: { kind: fixed }", "policy is fixed and needs 'path'")]
    [InlineData("open: x, policy: { kind: cascade, path: a }", "policy is a cascade and takes no 'path'")]
    [InlineData("open: x, policy: { kind: skipping, carry_ms: 100 }", "policy is skipping and needs 'path'")]
    [InlineData("open: x, policy: { kind: skipping, path: a }", "policy needs 'carry_ms'")]
    [InlineData("open: x, policy: { kind: skipping, path: a, carry_ms: 0 }", "it must be a number from 1 to 60000 ms")]
    [InlineData("open: x, policy: { kind: fixed, path: a, carry_ms: 100 }", "is only for the policy skipping, and this one is fixed")]
    [InlineData("open: x, max_age_ms: 90, policy: { kind: skipping, path: a, carry_ms: 100 }", "write a carry_ms of at most 90, or a")]
    [InlineData("open: x, policy: cascade", "policy is 'cascade'; it must be a group of keys")]
    [InlineData("open: x, stall_ms: \"200\"", "is the text \"200\" (in quotes)")]
    [InlineData("open: x, stall_ms: 99999999999", "it must be a whole number from 100 to 600000 ms")]
    [InlineData("open: x, deadline_ms: .nan", "it must be a number from 0.1 to 60000 ms")]
    [InlineData("open: ~/x", "Write the path out")]
    [InlineData("open: \"file:///x\"", "write the path alone, without file://")]
    public void Sources_that_cannot_be_obeyed_are_refused(string source, string expected)
    {
        string[] problems = Problems($"packs: {{ d: {{ manifest: m }} }}\nsources: {{ s: {{ pack: d, {source} }} }}");
        Assert.Contains(expected, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PathNeed.WritableFile)]
    [InlineData(PathNeed.WritableFolder)]
    public void A_dash_is_no_file_or_folder_to_write(PathNeed need) => Assert.Contains("only answers go to standard output",
        new ConfigPath("-", Path.GetFullPath("-"), need, default!).FindProblem(), StringComparison.Ordinal);

    [Fact]
    public void Relative_cache_folder_is_refused_because_the_provider_would_use_the_working_directory()
    {
        string problem = Assert.Single(Problems("runtime: { providers: [{ name: TensorRT, options: { trt_engine_cache_path: trt } }] }\n"
            + Smallest));
        Assert.Contains("write an absolute path", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    public void Threads_are_a_number_or_left_to_what_was_measured(string threads, int? count) =>
        Assert.Equal(count, Read($"runtime: {{ threads: {threads} }}\n{Smallest}").Runtime.ThreadCount);

    [Theory]
    [InlineData("fast")]
    [InlineData("65")]
    [InlineData("1.5")]
    public void Other_threads_are_told_what_there_could_be(string threads) => Assert.EndsWith(
        $"runtime.threads is '{threads}'; it must be a whole number from 0 to 64 threads, or auto",
        Assert.Single(Problems($"runtime: {{ threads: {threads} }}\n{Smallest}")), StringComparison.Ordinal);

    [Fact]
    public void What_was_read_before_a_syntax_error_is_still_checked()
    {
        string[] problems = Problems("runtime: { thread: 2 }\npacks: { a: { manifest: m }\n  oops");
        Assert.Equal(2, problems.Length);
        Assert.Contains("did you mean 'threads'?", problems[0], StringComparison.Ordinal);
        Assert.Contains("this is not YAML", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_beyond_the_limit_are_counted()
    {
        string keys = string.Join('\n', Enumerable.Range(0, 130).Select(i => $"wrong{i}: 1"));
        string[] problems = Problems(keys + "\n" + Smallest);
        Assert.Equal(101, problems.Length);
        Assert.Contains(problems, p => p.Contains("30 more problems are not shown", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_files_are_reported_with_their_resolved_place()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("device.yaml", Smallest + "\ntrace: { file: nowhere/t.erec }\n");
        string[] problems = [.. DeviceConfigReader.ReadFile(path).Problems.Select(p => p.ToString())];
        Assert.Equal(3, problems.Length);
        Assert.Equal($"{path}:2:23: no file 'm.json' (looked for {folder.File("m.json")}; paths are relative to the config file)",
            problems[0]);
        Assert.Contains("no file or folder 'walk.mp4'", problems[1], StringComparison.Ordinal);
        Assert.Contains("no folder to write 'nowhere/t.erec' into", problems[2], StringComparison.Ordinal);
        folder.Write("m.json", "{}");
        folder.Write("walk.mp4", "");
        folder.Write("nowhere/other", "");
        Assert.Empty(DeviceConfigReader.ReadFile(path).Problems);
    }

    [Fact]
    public void Unreadable_files_are_problems_not_exceptions()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("cannot be read", Problem(folder.File("absent.yaml")), StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("latin.yaml"), [(byte)'a', (byte)':', (byte)' ', 0xe9, (byte)'\n']);
        Assert.Contains("not UTF-8 text: byte 3", Problem(folder.File("latin.yaml")), StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("large.yaml"), new byte[ConfigLimits.FileBytes + 1]);
        Assert.Contains("larger than 262144 bytes", Problem(folder.File("large.yaml")), StringComparison.Ordinal);

        static string Problem(string path) => Assert.Single(DeviceConfigReader.ReadFile(path).Problems).ToString();
    }

    private static DeviceConfig Read([StringSyntax("yaml")] string text)
    {
        var reading = DeviceConfigReader.ReadText(text, "/robot/device.yaml", checkPaths: false);
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }

    private static string[] Problems(string text)
    {
        var reading = DeviceConfigReader.ReadText(text, "/robot/device.yaml", checkPaths: false);
        Assert.Null(reading.Config);
        return [.. reading.Problems.Select(p => p.ToString())];
    }
}
