using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

/// <summary>One frame of a recording decided otherwise, beside what was recorded.</summary>
public sealed class FrameWhatIfTests : IDisposable
{
    private const int FrameCount = 40;

    private const float Price = 0.01f;

    private readonly ReplaySample _sample = new();
    private readonly byte[] _recording;

    public FrameWhatIfTests() => _recording = Record();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void At_the_recorded_prices_every_frame_goes_as_it_went()
    {
        for (int i = 0; i < FrameCount; i++)
        {
            var (was, now) = (Explained(2 * i), Asked(2 * i, _sample.Request with { Policy = "value" }));
            Assert.Equal((was.Path, was.Path, false), (now.Path, now.RecordedPath, now.IsExpected));
            Assert.Equal(was.Decisions.Select(d => (d.Place, d.Chosen, d.Reason)),
                now.Decisions.Select(d => (d.Place, d.Chosen, d.Reason)));
            Assert.Equal(now.RecordedQuality, now.Quality);
        }
    }

    [Fact]
    public void Another_price_weighs_the_options_anew_and_the_way_is_told_as_far_as_it_is_known()
    {
        int changed = 0;
        for (int i = 0; i < FrameCount; i++)
        {
            var (was, free, dear) = (Explained(2 * i), Asked(2 * i, At(0)), Asked(2 * i, At(10)));
            Assert.All(free.Decisions, d => Assert.Equal(0, d.PricePerMs));
            Assert.Equal(10, dear.PricePerMs);
            Assert.All(free.Decisions[0].Options.Where(o => o.Value is not null), o => Assert.Equal(o.Gain!.Value, o.Value!.Value, 6));
            Assert.True(dear.Ms <= free.Ms, $"frame {2 * i}: {dear.Ms} ms at a high price, {free.Ms} ms at none");
            Assert.Equal(free.IsExpected, free.Decisions[^1].Options.Single(o => o.IsChosen).Name is not ("stop" or "previous"));
            changed += free.Path == was.Path && dear.Path == was.Path ? 0 : 1;
        }

        Assert.NotEqual(0, changed);
    }

    [Fact]
    public void A_policy_that_does_not_weigh_shows_no_worth_of_another()
    {
        string[] said = [.. Enumerable.Range(0, FrameCount).Select(i => Asked(2 * i, _sample.Request with { Policy = "fixed:light" }))
            .SelectMany(f => f.Decisions).Where(d => d.Reason == nameof(DecisionReason.Policy)).Select(d =>
            {
                Assert.Contains(d.Chosen, (string[])["light", "stop"]);
                Assert.All(d.Options, o => Assert.Null(o.Gain));
                return d.Why[0];
            })];
        Assert.NotEmpty(said);
        Assert.All(said, s => Assert.Contains("'fixed' takes the same path", s, StringComparison.Ordinal));
    }

    [Fact]
    public void What_no_policy_decided_and_frames_that_are_not_there_are_refused()
    {
        var absent = Assert.Throws<ArgumentException>(() => Asked(5, At(0)));
        Assert.Contains("no frame 5", absent.Message, StringComparison.Ordinal);
        byte[] locked = Record((ref TraceRecord r) => r.Decisions[0].Reason = DecisionReason.SafetyLock);
        var forced = Assert.Throws<ArgumentException>(() => FrameWhatIf.Of(new MemoryStream(locked), "sample", 4, At(0)));
        Assert.Contains("safety lock", forced.Message, StringComparison.Ordinal);
        var unfit = Assert.Throws<ArgumentException>(() => Asked(4, At(0) with { Policy = "cascade" }));
        Assert.Contains("'cascade' does not look at them", unfit.Message, StringComparison.Ordinal);
    }

    private byte[] Record(ChangeTrace? change = null) => _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), FrameCount,
        (router, _) => router.Operating = OperatingPoint.Free with { PricePerMs = Price }, change);

    private ReplayRequest At(double price) => _sample.Request with { PricePerMs = price };

    private FrameWhatIf Asked(long frame, ReplayRequest request) => FrameWhatIf.Of(new MemoryStream(_recording), "sample", frame, request);

    private FrameExplanation Explained(long frame) =>
        FrameExplainer.Explain(new MemoryStream(_recording), "sample", null, FrameRule.Number, frame, null);
}
