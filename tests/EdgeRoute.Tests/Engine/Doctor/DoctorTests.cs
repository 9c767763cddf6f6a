using System.Text.Json;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.Engine.Board;

namespace EdgeRoute.Tests.Engine.Doctor;

public sealed class DoctorTests
{
    [Fact]
    public void Orin_tree_gives_every_metric_with_its_unit()
    {
        using var board = BoardTrees.Orin();
        var sensors = BoardSensors.Read(new SystemFiles(board.Path)).ToDictionary(s => s.Name);
        Assert.Equal((6000, "mW", ""), (sensors["power_vdd_in"].Value, sensors["power_vdd_in"].Unit, sensors["power_vdd_in"].Reason));
        Assert.DoesNotContain(sensors.Keys, k => k.Contains("nc", StringComparison.Ordinal) || k.Contains("sum", StringComparison.Ordinal));
        Assert.Equal((45.5, 87.3, 612), (sensors["temperature_cpu-thermal"].Value, sensors["gpu_load"].Value, sensors["gpu_clock"].Value));
        Assert.Equal(2, sensors["throttle_over_current_average"].Value);
        Assert.Null(sensors["temperature_cv0-thermal"].Value);
        Assert.Contains("holds 'off'", sensors["temperature_cv0-thermal"].Reason, StringComparison.Ordinal);
        Assert.Equal("/sys/class/hwmon/hwmon3/in1_input", sensors["power_vdd_in"].SourcePath);
    }

    [Fact]
    public void Empty_tree_has_a_reason_for_every_absence()
    {
        using var folder = new TemporaryFolder();
        var sensors = BoardSensors.Read(new SystemFiles(folder.Path));
        Assert.Equal(["power", "temperature", "gpu_load", "gpu_clock", "cpu_clock", "throttle_events"], sensors.Select(s => s.Name));
        Assert.All(sensors, s => Assert.True(s.Value is null && s.Reason.Length > 0, s.Name));
    }

    [Fact]
    public void Identity_is_read_without_root()
    {
        using var board = BoardTrees.Orin();
        var identity = BoardIdentity.Read(new SystemFiles(board.Path));
        Assert.Equal(("NVIDIA Jetson Orin Nano", "R36.4.4", "MAXN_SUPER (id 2)"), (identity.Model, identity.Release, identity.PowerMode));
        Assert.Equal((2, 8_000_000 * 1024L), (identity.CpuCount, identity.MemoryTotalBytes));
        Assert.Equal(["asimd", "asimddp"], identity.CpuFeatures);
    }

    [Fact]
    public void GPIO_that_cannot_be_asked_is_explained()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(KernelGpioDriver.TryDescribe("/dev/null", out string reason));
        Assert.Equal("/dev/null is not a GPIO chip", reason);
        Assert.Null(KernelGpioDriver.TryDescribe(folder.File("gpiochip0"), out reason));
        Assert.Contains("gpiochip0", reason, StringComparison.Ordinal);
        Assert.Contains("no /dev/gpiochip*", GpioReport.Read(new SystemFiles(folder.Path), []).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void I2C_buses_are_listed_with_their_drivers_names()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no /dev/i2c-*", I2cReport.Read(new SystemFiles(folder.Path)).Reason, StringComparison.Ordinal);
        folder.Write("dev/i2c-1", "");
        folder.Write("sys/class/i2c-dev/i2c-1/name", "bcm2835 (i2c@7e804000)\n");
        var report = I2cReport.Read(new SystemFiles(folder.Path));
        Assert.Equal(new I2cBusReport("/dev/i2c-1", "bcm2835 (i2c@7e804000)", ""), Assert.Single(report.Buses));
    }

    [Fact]
    public void A_power_monitor_that_the_config_names_and_the_machine_lacks_makes_it_not_ready()
    {
        using var folder = new TemporaryFolder();
        var needs = DoctorNeeds.Default with { PowerMonitor = new Ina219Config(200, 0x40, 0.1) };
        var report = DoctorProbes.Run(needs, new SystemFiles(folder.Path), "0.1.0");
        Assert.Contains(report.Missing, m => m.StartsWith("power monitor: INA219 at 0x40 of /dev/i2c-200: there is no /dev/i2c-200",
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM), width=1 ! nvvidconv ! appsink",
        "nvarguscamerasrc nvvidconv appsink")]
    [InlineData("filesrc location=\"a ! b.mp4\" ! decodebin name=d d. ! queue ! queue", "filesrc decodebin queue")]
    [InlineData("", "")]
    public void Pipeline_names_its_elements(string text, string expected) => Assert.Equal(expected,
        string.Join(' ', PipelineElements.In(text)));

    [Fact]
    public void Missing_library_is_told_with_every_place_and_the_next_step()
    {
        var report = Report(OrtFindings.None(["configured path: /x: no such file"], "no usable ONNX Runtime library was found"));
        Assert.False(report.IsReady);
        string text = DoctorText.Of(report);
        Assert.Contains("Not ready:\n  ONNX Runtime: no usable ONNX Runtime library was found. Set runtime.library", text,
            StringComparison.Ordinal);
        Assert.Contains("tried                  configured path: /x: no such file", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Required_provider_that_does_not_work_makes_it_not_ready()
    {
        var ort = new OrtFindings(true, "/lib/ort.so", "1.29.0", 29, "",
            [new("TensorRT", ProviderState.Refused, "no libnvinfer", true), new("CUDA", ProviderState.Absent, "not built in", false)], [],
            "");
        var report = Report(ort);
        Assert.Equal("execution provider TensorRT: no libnvinfer. Mend it, or set require: false to run without it",
            Assert.Single(report.Missing));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.False(json.RootElement.GetProperty("is_ready").GetBoolean());
        Assert.Equal("refused", json.RootElement.GetProperty("onnx_runtime").GetProperty("providers")[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(
        "/src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() "
            + "[ONNXRuntimeError] : 1 : FAIL : "
        + "Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No "
        + "such file or directory",
        "libcublasLt.so.13: cannot open shared object file: No such file or directory")]
    [InlineData("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : unknown option 'x'", "unknown option 'x'")]
    [InlineData("not built in", "not built in")]
    public void People_are_told_the_cause_of_a_refusal_and_programs_all_of_it(string words, string cause)
    {
        var report = Report(new OrtFindings(true, "/lib/ort.so", "1.29.0", 29, "", [new("CUDA", ProviderState.Refused, words, true)], [],
            ""));
        string text = DoctorText.Of(report);
        Assert.Contains($"refused: {cause}\n", text, StringComparison.Ordinal);
        Assert.Contains($"execution provider CUDA: {cause}. Mend it", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(words, json.RootElement.GetProperty("onnx_runtime").GetProperty("providers")[0].GetProperty("detail").GetString());
    }

    [SkippableFact]
    public void This_machine_runs_a_session_on_the_CPU()
    {
        var findings = OrtProbe.Run(TestPlaces.OnnxRuntimeLibrary, []);
        Assert.True(findings.IsFound, findings.Reason);
        Assert.True(findings.IsTelemetryOff);
        using var file = File.OpenRead(findings.Path!);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)), findings.Sha256);
        Assert.Contains(findings.Sha256!, DoctorText.Of(Report(findings)), StringComparison.Ordinal);
        Assert.Equal(ProviderState.Works, findings.Providers.Single(p => p.Name == "CPU").State);
        Assert.All(findings.Providers.Where(p => p.State != ProviderState.Works), p => Assert.NotEqual("", p.Detail));
    }

    [Fact]
    public void What_actions_go_to_is_asked_for_and_named_where_it_is_missing()
    {
        using var folder = new TemporaryFolder();
        var files = new SystemFiles(folder.Path);
        folder.Write("dev/i2c-1", "");
        var axis = new AxisConfig("pan", 0, default, default, 3, null);
        var drive = new DriveConfig(new Pca9685Config(1, 0x41, 50), [axis, axis with { Name = "tilt", Chip = 2, Channel = 4 }]);
        using var device = new ScriptedI2cDevice(0x41);
        var found = DriveReport.Read(files, [("arm", drive)], _ => device);
        Assert.Equal(new DriveFinding("arm", "PCA9685 at 0x41 of /dev/i2c-1", true, "answers; pan on channel 3"), found[0]);
        Assert.Equal(("channel 4 of pwmchip2", false), (found[1].Place, found[1].IsUsable));
        Assert.StartsWith("/sys/class/pwm/pwmchip2/npwm does not exist; this machine shows no PWM chip", found[1].Detail,
            StringComparison.Ordinal);
        Assert.Empty(device.Written);

        folder.Write("sys/class/pwm/pwmchip2/npwm", "4\n");
        folder.Write("sys/class/pwm/pwmchip2/export", "");
        device.IsGone = true;
        found = DriveReport.Read(files, [("arm", drive)], _ => device);
        Assert.Equal((false, "no answer (Error 121. Remote I/O error performing I2C data transfer.): check its wires and `i2cdetect -y 1`"),
            (found[0].IsUsable, found[0].Detail));
        Assert.Equal("pwmchip2 has 4 channels, 0 to 3 (for tilt)", found[1].Detail);
        File.Delete(folder.File("dev/i2c-1"));
        folder.Write("sys/class/pwm/pwmchip2/npwm", "8\n");
        found = DriveReport.Read(files, [("arm", drive)], _ => device);
        Assert.StartsWith("there is no /dev/i2c-1", found[0].Detail, StringComparison.Ordinal);
        Assert.Equal((true, "there, for tilt"), (found[1].IsUsable, found[1].Detail));

        var report = Report(OrtProbe.Run(TestPlaces.OnnxRuntimeLibrary, []), found);
        Assert.Contains(report.Missing,
            m => m.StartsWith("actions of arm, PCA9685 at 0x41 of /dev/i2c-1: there is no", StringComparison.Ordinal));
        Assert.Contains("channel 4 of pwmchip2: there, for tilt", DoctorText.Of(report), StringComparison.Ordinal);
        Assert.Contains("\"drives\"", report.ToJson(), StringComparison.Ordinal);
    }

    private static DoctorReport Report(OrtFindings ort, IReadOnlyList<DriveFinding>? drives = null)
    {
        using var folder = new TemporaryFolder();
        var files = new SystemFiles(folder.Path);
        var library = new LibraryFinding("libjpeg-turbo", false, "JPEG", "absent", false);
        return DoctorProbes.Conclude(
            "0.1.0", BoardIdentity.Read(files), ort, new GstreamerFindings(false, null, [], "absent", false), library,
            GpioReport.Read(files, []), I2cReport.Read(files), BoardSensors.Read(files), drives);
    }
}
