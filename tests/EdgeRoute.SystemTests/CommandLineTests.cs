using System.Text.Json;

namespace EdgeRoute.SystemTests;

public sealed class CommandLineTests
{
    [Fact]
    public void Every_verb_has_help_with_its_exit_codes()
    {
        foreach (string verb in new[] { "run", "check", "doctor", "cameras", "init" })
        {
            var (exitCode, output, _) = HostProcess.Run(verb, "--help");
            Assert.Equal(0, exitCode);
            Assert.Contains("Exit code 0", output);
        }
    }

    [Fact]
    public void An_unknown_option_is_refused_and_named()
    {
        var (exitCode, _, error) = HostProcess.Run("run", "x.yaml", "--fremes", "3");
        Assert.Equal(2, exitCode);
        Assert.Contains("--fremes", error);
    }

    [Fact]
    public void Check_reports_every_problem_with_its_line_and_the_nearest_name()
    {
        using var folder = new TempFolder();
        string config = folder.Write("bad.yaml", "packs:\n  p: { manifest: nowhere.json }\nsources:\n  front: { opn: 'test://smpte', "
            + "pack: q, deadline_ms: -3 }\n");
        var (exitCode, _, error) = HostProcess.Run("check", config);
        Assert.Equal(2, exitCode);
        Assert.Contains("bad.yaml:4", error);
        Assert.Contains("'open'", error);
        Assert.Contains("nowhere.json", error);
        Assert.Contains("deadline_ms", error);
    }

    [Fact]
    public void Check_accepts_the_shipped_demo_configs() =>
        Assert.All(["demo.yaml", "examples/shapes.yaml", "examples/value.yaml", "examples/live.yaml"],
            file => Assert.Equal(0, HostProcess.Run("check", $"device-configs/{file}").ExitCode));

    [Fact]
    public void The_shipped_schema_is_what_the_program_writes()
    {
        var (exitCode, output, _) = HostProcess.Run("schema");
        Assert.Equal(0, exitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(HostProcess.Repository, "device-configs", "device.schema.json")), output);
    }

    [Fact]
    public void A_first_config_passes_the_check_and_one_that_is_there_stays()
    {
        using var folder = new TempFolder();
        string file = folder.File("device.yaml");
        string pack = Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json");
        var (exitCode, output, error) = HostProcess.Run("init", file, "--pack", pack, "--json");
        Assert.True(exitCode == 0, error);
        Assert.Contains("CPU", JsonDocument.Parse(output).RootElement.GetProperty("providers").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(0, HostProcess.Run("check", file).ExitCode);
        string written = File.ReadAllText(file);
        Assert.Equal(2, HostProcess.Run("init", file, "--pack", pack).ExitCode);
        Assert.Equal(written, File.ReadAllText(file));
    }

    [Fact]
    public void A_machine_without_cameras_says_so()
    {
        using var folder = new TempFolder();
        var (exitCode, output, _) = HostProcess.Run("cameras", "--root", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains("there is no camera", output);
    }

    [Fact]
    public void The_doctor_reports_to_programs_what_it_reports_to_people()
    {
        var (exitCode, output, _) = HostProcess.Run("doctor", "--json");
        Assert.Equal(0, exitCode);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("is_ready").GetBoolean());
        Assert.Contains("1.31.0", output);
        Assert.Contains("ONNX Runtime", HostProcess.Run("doctor").Output);
    }

    [Fact]
    public void A_library_that_is_nowhere_is_an_error_that_lists_every_place_tried()
    {
        using var folder = new TempFolder();
        string binary = folder.Program(HostProcess.Binary);
        var (exitCode, _, error) = HostProcess.RunBinary(binary, null, "run", "device-configs/examples/shapes.yaml", "--frames", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains("EDGEROUTE_ONNXRUNTIME", error);
        Assert.Contains("beside the binary", error);
    }
}
