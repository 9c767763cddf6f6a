using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>With the core library alone, as on a machine without an accelerator. See <see cref="OrtProviderLibraryTests"/>.</summary>
public sealed class OrtProviderTests
{
    [SkippableFact]
    public void Absent_providers_are_reported_in_the_words_of_the_library_and_the_CPU_runs()
    {
        using OrtSession session = OrtPlace.Open("stage_a.onnx", new("TensorRT"), new("CUDA"), new("XNNPACK"), new("CPU"));
        Assert.Equal(["TensorRT", "CUDA", "XNNPACK", "CPU"], session.ProviderReports.Select(report => report.Name));
        Assert.All(session.ProviderReports.Take(3), report => Assert.Equal(OrtProviderState.Absent, report.State));
        Assert.Contains("not enabled in this build", session.ProviderReports[0].Detail, StringComparison.Ordinal);
        Assert.Contains("not enabled in this build", session.ProviderReports[1].Detail, StringComparison.Ordinal);
        Assert.Contains("not supported in this build", session.ProviderReports[2].Detail, StringComparison.Ordinal);
        Assert.Equal(OrtProviderState.Used, session.ProviderReports[3].State);
        Assert.True(session.ProviderReports[3].NodeCount > 0);
        Assert.Equal(2, RunOutputCount(session));
    }

    [SkippableFact]
    public void A_name_that_no_library_knows_is_reported_with_the_names_it_knows()
    {
        using OrtSession session = OrtPlace.Open("stage_a.onnx", new OrtProviderRequest("Abacus"));
        OrtProviderReport report = Assert.Single(session.ProviderReports);
        Assert.Equal(OrtProviderState.Absent, report.State);
        Assert.Contains("Unknown provider name 'Abacus'. Currently supported values are", report.Detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("CPUExecutionProvider")]
    public void Short_and_full_names_mean_the_same(string name)
    {
        using OrtSession session = OrtPlace.Open("stage_a.onnx", new OrtProviderRequest(name, Require: true));
        Assert.Equal(OrtProviderState.Used, session.ProviderReports[0].State);
        Assert.True(session.ProviderReports[0].NodeCount > 0);
    }

    [SkippableFact]
    public void A_required_provider_that_is_absent_is_an_error_with_the_whole_report()
    {
        var error = Assert.Throws<OrtProviderRequiredException>(
            () => OrtPlace.Open("stage_a.onnx", new("CUDA"), new("TensorRT", Require: true), new("CPU")));
        Assert.Equal(["CUDA", "TensorRT", "CPU"], error.Reports.Select(report => report.Name));
        Assert.Contains("TensorRT: Absent: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("stage_a.onnx", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Nothing_asked_for_is_nothing_reported()
    {
        using OrtSession session = OrtPlace.Open("stage_a.onnx");
        Assert.Empty(session.ProviderReports);
    }

    [SkippableFact]
    public void Requests_that_make_no_sense_are_refused()
    {
        _ = OrtPlace.Environment;
        var options = new Dictionary<string, string> { ["threads"] = "2" };
        Assert.Throws<ArgumentException>(() => OrtPlace.Open("stage_a.onnx", new("CUDA"), new("CUDAExecutionProvider")));
        Assert.Throws<ArgumentException>(() => OrtPlace.Open("stage_a.onnx", new OrtProviderRequest("CPU", options)));
        OrtProviderRequest[] many = [.. Enumerable.Range(0, OrtSessionRequest.MaxProviderCount + 1)
            .Select(i => new OrtProviderRequest($"P{i}"))];
        Assert.Throws<ArgumentException>(() => OrtPlace.Open("stage_a.onnx", many));
    }

    private static int RunOutputCount(OrtSession session)
    {
        using var run = new OrtRun(session);
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        run.SetInput(0, image);
        run.Run();
        using OrtTensor features = run.TakeOutput(0), early = run.TakeOutput(1);
        return features.ByteCount > 0 && early.ByteCount > 0 ? 2 : 0;
    }
}
