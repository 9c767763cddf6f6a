using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// Short episodes, a thousand or as many as <see cref="CountVariable"/> says, in which costs are up to three times what was predicted,
/// cameras are lost, clocks are halved and stages fail: what a robot relies on holds in each.
/// </summary>
public sealed class HostileEpisodesTests(ITestOutputHelper output)
{
    private const string CountVariable = "EDGEROUTE_EPISODES";
    private const int FrameCount = 60;
    private const float MaxAgeMs = 300;

    private static readonly RouteTree Tree = SampleGraphs.Cascade();

    [Fact]
    public void No_answer_is_old_unflagged_and_no_allowance_is_overspent_by_more_than_a_frame()
    {
        var counts = new Counts();
        int episodes = int.Parse(Environment.GetEnvironmentVariable(CountVariable) ?? "1000", CultureInfo.InvariantCulture);
        for (int seed = 0; seed < episodes; seed++)
        {
            using var episode = new Episode(seed);
            episode.Run();
            episode.Check(counts);
        }

        output.WriteLine($"{counts.Frames} frames: {counts.Reused} reused an answer, {counts.Failed} failed, {counts.Stale} stale; "
            + $"{counts.Denied} times an allowance denied a stage");
        // The laws are worth nothing where nothing happens.
        Assert.True(Math.Min(Math.Min(counts.Reused, counts.Failed), Math.Min(counts.Stale, counts.Denied)) > episodes / 10);
    }

    private sealed class Counts
    {
        public long Frames { get; set; }

        public long Reused { get; set; }

        public long Failed { get; set; }

        public long Stale { get; set; }

        public long Denied { get; set; }
    }

    private sealed class Episode : IDisposable
    {
        private const double PeriodMs = 500;

        private readonly int _seed;
        private readonly Random _random;
        private readonly LoopRig _rig;
        private readonly EpisodePrice? _allowance;
        private readonly List<string> _events = [];
        private readonly double _pace;
        private readonly bool _losesCamera, _halvesClocks;
        private readonly int _failFrom, _failTo;
        private long _sourceNs;

        public Episode(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            _pace = 1 + (2 * _random.NextDouble());
            (_losesCamera, _halvesClocks) = (_random.Next(3) == 0, _random.Next(3) == 0);
            _failFrom = _random.Next(2) == 0 ? _random.Next(FrameCount) : FrameCount;
            _failTo = _failFrom + _random.Next(20);
            double allowed = 20 + (200 * _random.NextDouble());
            _allowance = _random.Next(3) == 0 ? null : new EpisodePrice(
                new EpisodeAllowance(AllowanceKind.DeviceMs, allowed, 12, 2.5, PeriodMs, true, 30) { CanRest = true },
                new PriceScale(0.0005, 0.2));
            double deadlineMs = _random.Next(2) == 0 ? double.PositiveInfinity : 2 + (30 * _random.NextDouble());
            _rig = new LoopRig(Tree, new ValuePolicy(HandCalibration.Of(Tree)), LoopRig.LightAndHeavy(Stage(2), Stage(10)),
                deadlineMs: deadlineMs, with: WithPrices);
        }

        public void Run()
        {
            Feed();
            _rig.AfterFrame = () =>
            {
                if (_rig.Records.Count < FrameCount)
                {
                    Feed();
                }
                else
                {
                    _rig.Exchanges[0].FinishWriting();
                }
            };
            _rig.Loop.Run();
        }

        public void Check(Counts counts)
        {
            double total = 0, longest = 0;
            for (int i = 0; i < _rig.Records.Count; i++)
            {
                var record = _rig.Records[i];
                var (stamp, confidence) = _rig.Answers[i];
                bool isStale = record.Flags.HasFlag(TraceFlags.Stale);
                bool isOld = !float.IsNaN(confidence) && (record.Stamp.SourceNs - stamp.SourceNs) / 1e6 > MaxAgeMs;
                Assert.False(isOld && !isStale, $"seed {_seed}, frame {i}: an old answer without a word");
                double spent = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6;
                (total, longest) = (total + spent, Math.Max(longest, spent));
                double most = _allowance is null ? double.PositiveInfinity
                    : (_allowance.Plan.Allowance * (Math.Floor(record.PublishedNs / 1e6 / PeriodMs) + 1)) + longest;
                Assert.True(total <= most, $"seed {_seed}, frame {i}: {total} ms of {most} ms");
                (counts.Frames, counts.Stale) = (counts.Frames + 1, counts.Stale + (isStale ? 1 : 0));
                (counts.Reused, counts.Failed) = (counts.Reused + (record.End == FrameEnd.Skipped ? 1 : 0),
                    counts.Failed + (record.End == FrameEnd.Failed ? 1 : 0));
                counts.Denied += record.DecisionCount > 0 && HasDenial(record.Decisions[0]) ? 1 : 0;
            }

            var tally = _rig.Streams[0].Tally;
            Assert.Equal(FrameCount, tally.Captured);
            Assert.Equal(tally.Captured, tally.Completed + tally.Exited + tally.Escalated + tally.Skipped + tally.Failed + tally.Dropped);
            Assert.Equal(_rig.Streams[0].Freshness.StaleCount, _rig.Records.Count(r => r.Flags.HasFlag(TraceFlags.Stale)));
            Assert.Equal(_rig.Streams[0].Freshness.StaleCount > 0, _events.Exists(e => e.StartsWith("stale", StringComparison.Ordinal)));
        }

        public void Dispose() => _rig.Dispose();

        private static bool HasDenial(in DecisionRecord decision)
        {
            bool has = false;
            for (int i = 0; i < decision.OptionCount; i++)
            {
                has |= decision.Values[i].Denial == OptionDenial.Allowance;
            }

            return has;
        }

        private void Feed()
        {
            int sequence = _rig.Records.Count;
            bool isLost = _losesCamera && _random.Next(20) == 0;
            _rig.Clock.AdvanceMs(40);
            _sourceNs += isLost ? _random.NextInt64(1, 2_000_000_000) : 40_000_000;
            _rig.Exchanges[0].TryBegin(Timeout.Infinite, out var slot);
            slot!.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 16, 12)).Fill((byte)_random.Next(256));
            slot.FollowsRestart = isLost && _random.Next(2) == 0;
            _rig.Exchanges[0].Publish(new FrameStamp(0, sequence, _rig.Clock.NowNs(), _sourceNs));
        }

        private ScriptedStage Stage(double ms) => new(_ => 0.5f + (_random.NextSingle() / 2),
            n => (float)(ms * _pace * (_halvesClocks && n > FrameCount / 4 ? 2 : 1)
                * (_random.Next(10) == 0 ? 1 + (2 * _random.NextDouble()) : 1)),
            n => n >= _failFrom && n < _failTo);

        private FrameStreamParts WithPrices(FrameStreamParts parts)
        {
            parts.Router.MaxAgeMs = MaxAgeMs;
            int heavy = Tree.FindPath("heavy")!.VariantIndex;
            parts.Router.Costs.SetProfile(Tree.FindPath("light")!.VariantIndex, new(2, 2));
            parts.Router.Costs.SetProfile(heavy, new(10, 10));
            IPriceController[] controllers = _allowance is null ? [new FixedPrice(0.01)] : [new FixedPrice(0.01), _allowance];
            EpisodePrice[] allowances = _allowance is null ? [] : [_allowance];
            var pricing = new StreamPricing(new StreamPricingParts(new StreamPrice(controllers), allowances, null, [], heavy), parts.Router,
                _ => { });
            return parts with
            {
                Pricing = pricing,
                OnEvent = (kind, text) => _events.AddRange(kind == EventKind.Stale ? [text] : []),
            };
        }
    }
}
