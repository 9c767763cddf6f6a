using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>Stages that a server runs over gRPC: the same bits as here, and an answer whatever the server does.</summary>
public sealed class GrpcStageTests : IDisposable
{
    private const string Grpc = "grpc";

    private const int PatienceMs = 30_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ServerMood.Sound)]
    [InlineData(ServerMood.AsText)]
    public void A_server_yields_the_bits_of_this_machine(ServerMood mood)
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        server.Mood = mood;
        rig.RunUntil(s => s.AnsweredCount > 60);
        var status = rig.Status;
        Assert.Equal((EngineStatus.Ready, 0L, 0L), (status.State, status.LateCount, status.FailedCount));
        Assert.StartsWith("grpc://127.0.0.1:", status.Address, StringComparison.Ordinal);
        Assert.True(status.BytesOut > status.AnsweredCount * 1000 && status.BytesIn > 0 && status.RoundTripMs > 0);
        Assert.Empty(rig.Told);
    }

    /// <summary>What stands in <c>tests/fixtures/grpc</c>: another implementation of gRPC, and another build of the library.</summary>
    [SkippableFact]
    public void A_server_of_other_hands_yields_the_bits_of_this_machine()
    {
        string fixture = Path.Combine(TestPlaces.Repository, "tests", "fixtures", "grpc");
        Skip.IfNot(Directory.Exists(Path.Combine(fixture, "node_modules")), $"needs npm: run 'npm ci --ignore-scripts' in {fixture}");
        using var server = Process.Start(new ProcessStartInfo("node", [Path.Combine(fixture, "serve.mjs"),
            .. RemoteRig.ModelsOf(PackRig.Shapes).Select(m => $"{m.Key}={m.Value}")]) { RedirectStandardOutput = true })!;
        try
        {
            string line = server.StandardOutput.ReadLine() ?? "";
            using var rig = new RemoteRig(int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture), scheme: Grpc);
            rig.RunUntil(s => s.AnsweredCount > 60);
            Assert.Equal((EngineStatus.Ready, 0L, 0L), (rig.Status.State, rig.Status.LateCount, rig.Status.FailedCount));
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData(ServerMood.Garbage, "no answer of the protocol")]
    [InlineData(ServerMood.Truncated, "not one plain message of gRPC")]
    [InlineData(ServerMood.OtherShape, "another shape")]
    [InlineData(ServerMood.TooShort, "another number of bytes")]
    [InlineData(ServerMood.TooLong, "bytes that can be meant")]
    [InlineData(ServerMood.HangingUp, "it broke the call off")]
    [InlineData(ServerMood.Refusing, "gRPC INTERNAL: out of memory, 100 %")]
    public void What_makes_no_answer_is_run_here_and_told_once(ServerMood mood, string words)
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.RunUntil(s => s.AnsweredCount > 0);
        server.Mood = mood;
        rig.RunUntil(s => s.FailedCount >= CircuitBreaker.FaultLimit);
        Assert.Equal(EngineStatus.LeftOut, rig.Status.State);
        Assert.Contains(rig.Told, t => t.Contains(words, StringComparison.Ordinal)
            && t.Contains("the stage ran here", StringComparison.Ordinal));
        Assert.Single(rig.Told, t => t.Contains("5 faults in a row", StringComparison.Ordinal));
        server.Mood = ServerMood.Sound;
        long answered = rig.Status.AnsweredCount;
        rig.RunUntil(s => s.AnsweredCount > answered);
        rig.AwaitTold("engine rack answers again");
    }

    [Fact]
    public void A_server_that_falls_silent_costs_no_frame_its_answer()
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, timeoutMs: 100, scheme: Grpc);
        rig.RunUntil(s => s.AnsweredCount > 0);
        server.Mood = ServerMood.Silent;
        rig.RunUntil(s => s.LateCount >= CircuitBreaker.FaultLimit);
        Assert.Contains(rig.Told, t => t.Contains("late: it did not answer in time", StringComparison.Ordinal));
        Assert.True(rig.Status.HereCount >= CircuitBreaker.FaultLimit);
        server.Mood = ServerMood.Sound;
        long answered = rig.Status.AnsweredCount;
        rig.RunUntil(s => s.AnsweredCount > answered);
    }

    [Fact]
    public void A_frames_deadline_is_the_calls_and_leaves_time_to_run_it_here()
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.RunUntil(s => s.AnsweredCount > 2, variant: 1);
        server.Mood = ServerMood.Silent;
        long late = rig.Status.LateCount;
        rig.Stages.Until(TimeProvider.System.NowNs() + 1_000_000_000);
        rig.RunAlike(1, 1);
        Assert.Equal(late + 1, rig.Status.LateCount);
        Assert.True(SpinWait.SpinUntil(() =>
        {
            // A call that a busy machine gave up before the server saw it tells no deadline; the next one does.
            rig.Stages.Until(TimeProvider.System.NowNs() + 1_000_000_000);
            rig.RunAlike(1, 1);
            return server.DeadlineMs <= 1001;
        }, PatienceMs), $"the last deadline was {server.DeadlineMs} ms away");
    }

    [Fact]
    public void A_server_that_is_killed_is_told_once_and_so_is_that_it_is_back()
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.RunUntil(s => s.AnsweredCount > 0);
        server.Kill();
        rig.RunUntil(s => s.State == EngineStatus.Absent);
        rig.AwaitTold("nothing listens at");
        rig.AwaitTold("is that its gRPC port?");
        long here = rig.Status.HereCount;
        rig.RunUntil(s => s.HereCount > here);
        server.Revive();
        long answered = rig.Status.AnsweredCount;
        rig.RunUntil(s => s.AnsweredCount > answered);
        rig.AwaitTold("engine rack can be used again");
        Assert.Single(rig.Told, t => t.Contains("nothing listens at", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_is_not_ready_at_the_start_is_used_when_it_is()
    {
        using var server = Serve();
        server.IsLoading = true;
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.AwaitTold("it is not ready (it says so)");
        rig.RunAlike(0);
        Assert.Equal((EngineStatus.Absent, 0L), (rig.Status.State, rig.Status.RequestCount));
        server.IsLoading = false;
        rig.RunUntil(s => s.AnsweredCount > 0);
    }

    [Fact]
    public void A_server_with_another_model_is_told_each_difference_and_runs_only_what_is_alike()
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, models: new Dictionary<string, string>
        {
            ["light"] = "light", ["heavy_1"] = "light", ["heavy_2"] = "heavy_3",
        }, scheme: Grpc);
        rig.AwaitTold("stage 'heavy_1': input 'frame' of the server's model has shape");
        rig.AwaitTold("output 'features'");
        rig.AwaitTold("the server has no model 'heavy_3' that is loaded (gRPC NOT_FOUND: no model heavy_3)");
        rig.RunUntil(s => s.AnsweredCount > 0);
        Assert.Contains("heavy", rig.Status.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_speaks_something_else_is_told()
    {
        using var server = new ConformanceServer(RemoteRig.ModelsOf(PackRig.Shapes));
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.AwaitTold("it does not speak gRPC; is that port its gRPC port");
        rig.RunAlike(0);
        Assert.Equal((EngineStatus.Absent, 0L), (rig.Status.State, rig.Status.RequestCount));
    }

    [Fact]
    public void A_way_that_is_longer_than_the_run_here_is_measured_and_not_taken()
    {
        using var server = Serve();
        server.Mood = ServerMood.Far;
        using var rig = new RemoteRig(server.Port, EngineUse.Faster, scheme: Grpc);
        rig.RunUntil(s => s.RoundTripMs > 0 && s.KeptCount > 20);
        Assert.Equal(0, rig.Status.LateCount + rig.Status.FailedCount);
        Assert.True(rig.Status.RoundTripMs >= ConformanceServer.FarMs);
    }

    [Fact]
    public void Only_a_certificate_of_the_named_authority_is_believed()
    {
        var (authority, other) = (ServerCertificates.Authority("ours"), ServerCertificates.Authority("theirs"));
        using var server = Serve(ServerCertificates.Signed(authority, "localhost"));
        using (var rig = new RemoteRig(server.Port, caFile: FileOf(other), host: "localhost", scheme: Grpc))
        {
            rig.AwaitTold("its certificate is not believed");
            rig.RunAlike(0);
            Assert.Equal(0, rig.Status.RequestCount);
        }

        using (var rig = new RemoteRig(server.Port, caFile: FileOf(authority), host: "127.0.0.1", scheme: Grpc))
        {
            rig.AwaitTold("it is not for '127.0.0.1'");
        }

        using (var rig = new RemoteRig(server.Port, caFile: FileOf(authority), host: "localhost", scheme: Grpc))
        {
            rig.RunUntil(s => s.AnsweredCount > 3);
            Assert.Empty(rig.Told);
        }
    }

    [Fact]
    public void A_run_at_a_server_allocates_nothing_on_the_loop()
    {
        using var server = Serve();
        using var rig = new RemoteRig(server.Port, scheme: Grpc);
        rig.RunUntil(s => s.AnsweredCount > 0, variant: 0);
        long before = rig.Status.AnsweredCount;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => rig.Stages.Run(0)));
        Assert.True(rig.Status.AnsweredCount - before > 1000, $"{rig.Status.AnsweredCount - before} of 1600 went there");
    }

    private static GrpcServer Serve(X509Certificate2? certificate = null) => new(RemoteRig.ModelsOf(PackRig.Shapes), certificate);

    private ConfigPath FileOf(X509Certificate2 authority)
    {
        string path = _folder.Write($"{authority.Thumbprint}.pem", authority.ExportCertificatePem());
        return new ConfigPath(path, path, PathNeed.File, default);
    }
}
