using System.Collections.Concurrent;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtEnvironmentTests
{
    [SkippableFact]
    public void The_log_receives_the_lines_of_the_library()
    {
        var lines = new ConcurrentQueue<(OrtLogSeverity Severity, string Text)>();
        using OrtEnvironment environment = Another((severity, text) => lines.Enqueue((severity, text)));
        MakeTheLibraryLogAnError();
        Assert.Contains(lines, line => line.Severity == OrtLogSeverity.Error && line.Text.Contains("TopK", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_log_that_throws_is_counted_and_harms_nobody()
    {
        var lines = new ConcurrentQueue<string>();
        using OrtEnvironment broken = Another((_, _) => throw new InvalidOperationException("a broken log"));
        using OrtEnvironment after = Another((_, text) => lines.Enqueue(text));
        long faultsBefore = OrtEnvironment.LogFaultCount, linesBefore = OrtEnvironment.LogLineCount;
        MakeTheLibraryLogAnError();
        Assert.True(OrtEnvironment.LogFaultCount > faultsBefore);
        Assert.True(OrtEnvironment.LogLineCount > linesBefore);
        Assert.NotEmpty(lines);
    }

    [SkippableFact]
    public void A_disposed_environment_logs_no_more()
    {
        var lines = new ConcurrentQueue<string>();
        Another((_, text) => lines.Enqueue(text)).Dispose();
        MakeTheLibraryLogAnError();
        Assert.Empty(lines);
    }

    [SkippableFact]
    public void Other_options_are_not_applied_and_the_log_says_so()
    {
        OrtEnvironmentOptions inForce = OrtPlace.Environment.Options;
        var lines = new List<(OrtLogSeverity Severity, string Text)>();
        OrtEnvironmentOptions other = inForce with { IntraOpThreadCount = inForce.IntraOpThreadCount + 1 };
        using OrtEnvironment environment = OrtEnvironment.Create(OrtPlace.Library, other, (severity, text) => lines.Add((severity, text)));
        Assert.Equal(inForce, environment.Options);
        Assert.Contains(lines, line => line.Severity == OrtLogSeverity.Warning
            && line.Text.Contains(other.ToString(), StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_session_outlives_the_handle_it_was_opened_with()
    {
        OrtEnvironment environment = Another(null);
        using OrtSession session = OrtSession.Open(environment, OrtPlace.Model("stage_a.onnx"), new OrtSessionRequest());
        environment.Dispose();
        using var run = new OrtRun(session);
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        run.SetInput(0, image);
        run.Run();
        using OrtTensor features = run.TakeOutput(0);
        Assert.Equal(16, features.Floats.Length);
    }

    private static OrtEnvironment Another(Action<OrtLogSeverity, string>? log)
        => OrtEnvironment.Create(OrtPlace.Library, OrtPlace.Environment.Options, log);

    /// <summary>The library logs a failed kernel as an error, besides returning it.</summary>
    private static void MakeTheLibraryLogAnError()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using var tokens = new TokenRun(session, tokenCount: 4);
        Assert.Throws<OrtException>(() => tokens.Keep(5));
    }
}
