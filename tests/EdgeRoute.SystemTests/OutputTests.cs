namespace EdgeRoute.SystemTests;

/// <summary>A run is not at the mercy of whoever reads what it says.</summary>
public sealed class OutputTests
{
    private const int FrameCount = 300;

    /// <summary>The pipe is full before the run begins, so that its first word finds no room.</summary>
    [Theory]
    [InlineData("1>&3 2>&3")]
    [InlineData("2>&3")]
    [InlineData("1>&- 2>&-")]
    [InlineData("1>/dev/full 2>/dev/full")]
    public void Every_frame_ends_whoever_does_not_read(string outputs)
    {
        using var folder = new TempFolder();
        string answers = folder.File("answers.jsonl");
        string script = $"""
            mkfifo '{folder.File("pipe")}' && exec 3<>'{folder.File("pipe")}'
            dd if=/dev/zero of='{folder.File("pipe")}' oflag=nonblock bs=4096 count=1024 2>/dev/null
            exec '{HostProcess.Binary}' run '{Config(folder)}' --answers '{answers}' {outputs}
            """;
        var (exitCode, _, error) = HostProcess.RunBinary("bash", null, "-c", script);
        Assert.True(exitCode == 0, error);
        Assert.Equal(FrameCount, File.ReadAllLines(answers).Length);
    }

    [Fact]
    public void A_reader_that_has_gone_ends_no_run()
    {
        using var folder = new TempFolder();
        string answers = folder.File("answers.jsonl");
        string script = $"'{HostProcess.Binary}' run '{Config(folder)}' --answers '{answers}' 2>&1 | true; exit ${{PIPESTATUS[0]}}";
        var (exitCode, _, error) = HostProcess.RunBinary("bash", null, "-c", script);
        Assert.True(exitCode == 0, error);
        Assert.Equal(FrameCount, File.ReadAllLines(answers).Length);
    }

    [Fact]
    public void Answers_go_to_standard_output_alone_and_all_else_to_standard_error()
    {
        using var folder = new TempFolder();
        var (exitCode, output, error) = HostProcess.Run("run", Config(folder), "--answers", "-", "--json");
        Assert.True(exitCode == 0, error);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(FrameCount, lines.Length);
        Assert.All(lines, l => Assert.StartsWith("{\"source\":\"table\"", l, StringComparison.Ordinal));
        Assert.Contains("\"duration_s\"", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/full", 1)]
    [InlineData("/dev/null", 0)]
    public void Answers_that_find_no_room_are_told_and_the_run_comes_to_its_report(string device, int expected)
    {
        using var folder = new TempFolder();
        var (exitCode, output, error) = HostProcess.Run("run", Config(folder), "--answers", device, "--quiet");
        Assert.True(exitCode == expected, error);
        Assert.Contains($"{FrameCount} frames in", output, StringComparison.Ordinal);
        Assert.Equal(expected == 1, error.Contains($"answers that did not reach '{device}': {FrameCount}", StringComparison.Ordinal));
    }

    /// <summary>As LimitFSIZE= of a unit: the kernel's signal ends whoever does not care for it.</summary>
    [Fact]
    public void A_limit_on_the_size_of_files_ends_no_run()
    {
        using var folder = new TempFolder();
        string answers = folder.File("answers.jsonl");
        string script = $"ulimit -f 8; exec '{HostProcess.Binary}' run '{Config(folder)}' --answers '{answers}' --quiet";
        var (exitCode, output, error) = HostProcess.RunBinary("bash", null, "-c", script);
        Assert.True(exitCode == 0, error);
        Assert.Contains($"{FrameCount} frames in", output, StringComparison.Ordinal);
        Assert.Contains("cannot be written: it is as large as a file may be here", error, StringComparison.Ordinal);
        Assert.Contains(" were lost", error, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(answers).Length, 1, 8 * 1024);
    }

    /// <summary>Whoever writes into the folder of pictures does not write onto the terminal.</summary>
    [Fact]
    public void The_name_of_a_file_does_not_steer_the_terminal()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("pictures"));
        folder.Write("pictures/red\u001b[31m\nwarning.png", "text");
        string config = folder.Write("names.yaml", $$"""
            packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} } }
            sources: { table: { open: pictures, pack: shapes, policy: { kind: cascade } } }
            """);
        string error = HostProcess.Run("run", config, "--quiet").Error;
        Assert.Contains("red\\x1b[31m\\nwarning.png: it is no JPEG", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error);
    }

    private static string Config(TempFolder folder) => folder.Write("output.yaml", $$"""
        runtime: { threads: 1 }
        packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} } }
        sources:
          table: { open: 'sim://tabletop?seed=3&frames={{FrameCount}}&width=160&height=120', pack: shapes, take: every, pace: free,
            policy: { kind: cascade } }
        """);
}
