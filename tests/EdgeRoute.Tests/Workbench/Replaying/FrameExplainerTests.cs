using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

public sealed class FrameExplainerTests : IDisposable
{
    private readonly ReplaySample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void One_frame_reads_as_agreed()
    {
        var frame = Explain(Recording(), FrameRule.Number, 120);
        Assert.Equal(File.ReadAllText(TestPlaces.Fixture("explain", "value-frame.txt")),
            string.Join("\n", ExplanationText.Of(frame)) + "\n");
    }

    [Fact]
    public void A_cascade_says_what_it_looked_at()
    {
        var bytes = _sample.Record(new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!), 40);
        var withPack = Enumerable.Range(0, 40).SelectMany(i => Explain(bytes, FrameRule.Number, 2 * i, _sample.Pack).Decisions)
            .SelectMany(d => d.Why).ToList();
        Assert.Contains(withPack, w => w.Contains("the cascade stops where low_confidence_mass is at most 0.3; it was",
            StringComparison.Ordinal));
        Assert.Contains(withPack, w => w.Contains("It reuses the last answer only up to motion 0.01 and age 100 ms",
            StringComparison.Ordinal));
        var without = Enumerable.Range(0, 40).SelectMany(i => Explain(bytes, FrameRule.Number, 2 * i).Decisions)
            .SelectMany(d => d.Why).ToList();
        Assert.Contains(without, w => w.Contains("give --pack to see which", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fixed_path_looks_at_nothing_and_says_so()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 20);
        var reasons = Enumerable.Range(0, 20).Select(i => Explain(bytes, FrameRule.Number, 2 * i).Decisions[0].Why[0]);
        Assert.Contains(reasons, w => w.Contains("looks at nothing", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_not_measured_has_no_figure()
    {
        var bytes = _sample.Record(new SkippingPolicy(_sample.Tree, "light", new CarryRule(100)), 20,
            change: (ref TraceRecord r) => r.Flags |= TraceFlags.SignalsLeftOut);
        var frame = Explain(bytes, FrameRule.Number, 10);
        string[] text = [.. ExplanationText.Of(frame)];
        Assert.Contains(text, l => l.StartsWith("Signals of the picture were not measured", StringComparison.Ordinal));
        Assert.DoesNotContain(text, l => l.Contains("drift", StringComparison.Ordinal) || l.Contains("motion", StringComparison.Ordinal)
            || l.Contains("sharpness", StringComparison.Ordinal));
        Assert.Contains(frame.Signals, s => s.Name == "age_ms");
        Assert.Contains(frame.Decisions[0].Why, w => w.Contains("skipping", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, "left no trace", "the nearest are 6 and 8")]
    [InlineData(5000, "not in the recording", "run from 0 to 798")]
    [InlineData(-1, "not in the recording", "run from 0 to 798")]
    public void An_unknown_frame_names_range_and_neighbours(long number, string what, string nearest)
    {
        string message = Assert.Throws<ArgumentException>(() => Explain(Recording(), FrameRule.Number, number)).Message;
        Assert.Contains(what, message);
        Assert.Contains(nearest, message);
    }

    [Fact]
    public void The_last_the_slowest_and_the_latest_frame_are_found()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 30, change: (ref TraceRecord r) =>
        {
            r.PublishedNs = r.Stamp.CaptureNs + 10_000_000 + (r.Stamp.Sequence == 20 ? 5_000_000 : 0);
            r.DeadlineNs = r.Stamp.CaptureNs + (r.Stamp.Sequence == 10 ? 8_000_000 : 14_000_000);
            r.Flags = r.PublishedNs > r.DeadlineNs ? TraceFlags.Late : TraceFlags.None;
        });
        Assert.Equal((58L, 20L, 10L), (Explain(bytes, FrameRule.Last).Frame, Explain(bytes, FrameRule.Slowest).Frame, Explain(bytes,
            FrameRule.Late).Frame));
        Assert.Contains(ExplanationText.Of(Explain(bytes, FrameRule.Late)),
            l => l.Contains("2 ms late (the deadline was 8 ms)", StringComparison.Ordinal));
        Assert.Contains("no frame of source 'table' was late",
            Assert.Throws<ArgumentException>(() => Explain(Recording(), FrameRule.Late)).Message);
    }

    [Fact]
    public void Looks_at_parts_of_the_frame_are_told_with_their_place()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 3, change: (ref TraceRecord r) =>
        {
            r.WindowCount = 1;
            r.Windows[0] = new TracedWindow(0.25f, 0.5f, 0.5f, 0.5f, 0);
            r.Decisions[0].Values[1].Denial = OptionDenial.NothingThere;
        });
        var frame = Explain(bytes, FrameRule.Last);
        Assert.Equal(new WindowExplanation("light", 1, 0.25, 0.5, 0.5, 0.5), Assert.Single(frame.Windows));
        Assert.Contains(ExplanationText.Of(frame),
            l => l.Contains("light looked at 50 % x 50 % of the frame, from 25 % of its width and 50 % of its height on",
                StringComparison.Ordinal));
        Assert.Contains(frame.Decisions[0].Options, o => o.Denial == "there is nothing in this frame to look at closer");
        using var json = JsonDocument.Parse(ReplayJson.Of(frame));
        Assert.Equal(0.25, json.RootElement.GetProperty("windows")[0].GetProperty("left").GetDouble());
    }

    [Fact]
    public void Signals_that_are_no_numbers_are_named_and_break_nothing()
    {
        var policy = new ValuePolicy(_sample.Loaded.Calibration);
        var bytes = _sample.Record(policy, 30, change: (ref TraceRecord r) =>
        {
            float none = float.NaN;
            r.Signals = new FrameSignals(none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none);
            r.Decisions[r.DecisionCount - 1].Exit = new ExitSignals(none, none, none, none, none, none, none, none, none);
            r.Decisions[0].Values[0] = new OptionValue(none, none, none, none, none, none, OptionDenial.None, 0);
            r.Decisions[0].LossFactor = none;
        });
        var frame = Explain(bytes, FrameRule.Number, 10);
        Assert.Contains(ExplanationText.Of(frame), l => l.Contains("could not be measured", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(ReplayJson.Of(frame));
        Assert.Equal(10, json.RootElement.GetProperty("frame").GetInt64());
    }

    [Fact]
    public void A_cut_file_explains_what_is_left()
    {
        var bytes = Recording();
        var frame = Explain(bytes[..(bytes.Length / 2)], FrameRule.Number, 120);
        Assert.Contains(frame.Notes, n => n.Contains("only up to a point (Cut, at byte", StringComparison.Ordinal));
        Assert.Contains("Cut", Assert.Throws<ArgumentException>(() => Explain(bytes[..(bytes.Length / 2)], FrameRule.Number, 790)).Message);
    }

    [Fact]
    public void Several_sources_must_be_told_apart()
    {
        using var file = File.OpenRead(TestPlaces.Fixture("protocol", "whole.erec"));
        var refused = Assert.Throws<ArgumentException>(() => FrameExplainer.Explain(file, "whole.erec", null, FrameRule.Last, 0, null));
        Assert.Contains("'front' (0), 'side é' (1)", refused.Message);
        file.Position = 0;
        Assert.Equal("front", FrameExplainer.Explain(file, "whole.erec", "0", FrameRule.Last, 0, null).Source);
    }

    [Theory]
    [InlineData(FrameFault.Pixels, "signals (FrameUnusableException): no end", "no stage ran on them (no end).")]
    [InlineData(FrameFault.Output, "output of stage 'heavy' (InvalidDataException): not numbers", "makes no answer (not numbers).")]
    [InlineData(FrameFault.Stage, "decide: something else", "a stage failed on it.")]
    [InlineData(FrameFault.NoOption, "decide: left out (10 times by now)", "young enough to reuse (left out (10 times by now)).")]
    [InlineData(FrameFault.None, "decide: something else", "the recording does not say why.")]
    public void A_frame_that_failed_says_why_and_nothing_that_did_not_happen(FrameFault fault, string told, string words)
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 3, change: (ref TraceRecord r) =>
        {
            (r.End, r.NodeIndex, r.Fault) = (FrameEnd.Failed, -1, fault);
            r.Flags = TraceFlags.SignalsFailed | TraceFlags.Fallback;
        }, told: told);
        var lines = ExplanationText.Of(Explain(bytes, FrameRule.Last));
        Assert.Contains(lines, l => l.StartsWith("It failed, there is no answer for this frame: ", StringComparison.Ordinal)
            && l.EndsWith(words, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("another option answered", StringComparison.Ordinal)
            || l.Contains("fixed route was taken", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_of_an_earlier_frame_is_told_as_such_and_a_frame_that_was_answered_all_the_same_says_so()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 3, change: (ref TraceRecord r) => r.Fault = FrameFault.Output,
            told: "output of stage 'heavy' (InvalidDataException): not numbers", toldNs: 1_100_000_000);
        var lines = ExplanationText.Of(Explain(bytes, FrameRule.Last));
        Assert.Contains("It was answered although something went wrong: what a stage yielded makes no answer (what was told of the last "
            + "one like it: not numbers).", lines);
    }

    [Theory]
    [InlineData(OptionDenial.Deadline, "too slow: may take 9 ms, 4 ms are left")]
    [InlineData(OptionDenial.Allowance, "over the allowance: took up to 9 ms on 19 of 20 frames, and what its longest run "
        + "took must fit into 3 ms")]
    [InlineData(OptionDenial.StageFailed, "its stage failed on this frame, or too often before it")]
    [InlineData(OptionDenial.NoPrevious, "there is no previous answer to reuse, or none young enough")]
    public void What_was_not_possible_says_why(OptionDenial denial, string words)
    {
        var bytes = _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), 1,
            change: (ref TraceRecord r) => r.Decisions[0] = Decision(denial));
        var explained = Explain(bytes, FrameRule.Last).Decisions[0];
        Assert.Contains(words, explained.Options[^1].Denial);
        Assert.Contains(explained.Why, w => w.Contains("would have had the higher value", StringComparison.Ordinal));
    }

    private static DecisionRecord Decision(OptionDenial denial)
    {
        var record = new DecisionRecord
        {
            NodeIndex = 0, OptionIndex = 0, OptionCount = 2, Reason = DecisionReason.Policy, SlackNs = 4_000_000, ContextIndex = -1,
            LossFactor = 1,
            Operating = OperatingPoint.Free with { AllowanceMs = 3, PricePerMs = 0.001f },
        };
        record.Values[0] = new OptionValue(0.8f, 2, 3, 0, 2, float.NaN, OptionDenial.None, 0);
        record.Values[1] = new OptionValue(0.99f, 8, 9, 0, 8, float.NaN, denial, 0);
        return record;
    }

    /// <summary>
    /// 400 frames by the value rule; in frame 120 all that can be said is said: a floor that binds, a context with its factor, a deadline,
    /// an audit.
    /// </summary>
    private byte[] Recording()
    {
        var policy = new ValuePolicy(_sample.Loaded.Calibration);
        var point = new OperatingPoint(0.02f, 0, 0.0075f, float.PositiveInfinity, float.NaN);
        return _sample.Record(policy, 400, (router, _) => router.Operating = point, (ref TraceRecord r) =>
        {
            if (r.Stamp.Sequence == 120)
            {
                r = FrameToRead(policy, point);
            }
        });
    }

    private TraceRecord FrameToRead(ValuePolicy policy, OperatingPoint point)
    {
        var router = _sample.RouterOf(policy);
        router.Operating = point;
        router.Contexts = new ContextLosses(1);
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, 120, 5_460_000_000, 4_000_000_000), TakenNs = 5_460_400_000, PublishedNs = 5_473_600_000,
            DeadlineNs = 5_493_000_000,
            Signals = new FrameSignals(0.62f, 0.4f, 0.31f, 0.2f, 0.1f, 66, 0.93f, 0.97f, 0.95f, 3, 0.33f, 0.08f, 0.71f, 0.2f, 0.06f, 0.8f),
            SignalsNs = 300_000, PreprocessNs = 1_100_000,
            StagesNs = 9_700_000, HeadsNs = 600_000, AnswerCount = 4, AnswerConfidence = 0.912f, EnergyMillijoules = float.NaN,
            End = FrameEnd.Completed,
            AuditNs = 7_900_000, AuditLoss = 0.03f, AuditProbability = 0.05f,
        };
        var option = router.Decide(0, record.Signals, default, 32_600_000, 0, ref record.Decisions[record.DecisionCount++]);
        record.Decisions[0].LossFactor = 1.3f;
        var exit = new ExitSignals(0.52f, 0.04f, 0.6f, 1.2f, 3, 0.5f, 0, 0.4f);
        option = router.Decide(option.NodeIndex, record.Signals, exit, 29_900_000, 0, ref record.Decisions[record.DecisionCount++]);
        router.Decide(option.NodeIndex, record.Signals, new ExitSignals(0.91f, 0.3f, 0.2f, 0.3f, 4), 20_100_000, 0,
            ref record.Decisions[record.DecisionCount++]);
        record.NodeIndex = option.NodeIndex;
        return record;
    }

    private static FrameExplanation Explain(byte[] bytes, FrameRule rule, long number = 0, Pack? pack = null) =>
        FrameExplainer.Explain(new MemoryStream(bytes), "sample.erec", null, rule, number, pack);
}
