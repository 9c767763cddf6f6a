using EdgeRoute.Core.Floors;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class AuditSamplerTests
{
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.2)]
    public void The_share_is_kept_for_every_source_and_stretch(double share)
    {
        var sampler = new AuditSampler(share, 7);
        for (int source = 0; source < 4; source++)
        {
            for (long start = 0; start < 1_000_000; start += 250_000)
            {
                int audited = Enumerable.Range(0, 50_000).Count(i => sampler.Draw(source, start + i).IsAudited);
                double spread = Math.Sqrt(50_000 * share * (1 - share));
                Assert.InRange(audited, (50_000 * share) - (4 * spread), (50_000 * share) + (4 * spread));
            }
        }
    }

    [Fact]
    public void The_same_seed_audits_the_same_frames_and_another_one_others()
    {
        bool[] Drawn(ulong seed, int source) => [.. Enumerable.Range(0,
            10_000).Select(i => new AuditSampler(0.5, seed).Draw(source, i).IsAudited)];
        var first = Drawn(1, 0);
        Assert.Equal(first, Drawn(1, 0));
        Assert.InRange(first.Zip(Drawn(2, 0), (a, b) => a == b).Count(x => x), 4700, 5300);
        Assert.InRange(first.Zip(Drawn(1, 1), (a, b) => a == b).Count(x => x), 4700, 5300);
        Assert.InRange(first.Zip(first.Skip(1), (a, b) => a == b).Count(x => x), 4700, 5300);
    }

    /// <summary>Recordings keep their audits only while the choice stays what it is.</summary>
    [Fact]
    public void The_choice_does_not_change_from_build_to_build()
    {
        var sampler = new AuditSampler(0.01, 42);
        Assert.Equal(GoldenSequences, Enumerable.Range(0, 1000).Where(i => sampler.Draw(1, i).IsAudited));
    }

    [Fact]
    public void Doubtful_frames_are_audited_as_much_more_often_as_said()
    {
        var sampler = new AuditSampler(0.02, 3, 5);
        Assert.Equal(0.1, sampler.Draw(0, 0, 1).InclusionProbability, 1e-12);
        Assert.Equal(0.2, sampler.Draw(0, 0, 1).Weight, 1e-12);
        Assert.Equal(1, sampler.Draw(0, 0, 0).Weight);
        Assert.InRange(Enumerable.Range(0, 100_000).Count(i => sampler.Draw(0, i, 1).IsAudited), 9500, 10_500);
        Assert.Equal(1, new AuditSampler(0.5, 0, 10).Draw(0, 0, 1).InclusionProbability);
    }

    [Fact]
    public void A_frame_audited_at_low_doubt_is_audited_at_higher_doubt()
    {
        var sampler = new AuditSampler(0.02, 3, 5);
        Assert.All(Enumerable.Range(0, 20_000).Where(i => sampler.Draw(0, i, 0.1).IsAudited),
            i => Assert.True(sampler.Draw(0, i, 0.9).IsAudited));
    }

    [Property]
    public bool Any_frame_and_doubt_give_a_probability_and_weight_in_range(int source, long sequence, double doubt)
    {
        var draw = new AuditSampler(0.01, 5, 20).Draw(source, sequence, doubt);
        return draw.InclusionProbability is >= 0.01 and <= 1 && draw.Weight is > 0 and <= 1 && (!double.IsNaN(doubt) || draw.Weight == 1);
    }

    [Property]
    public bool A_share_out_of_range_is_refused(double share, double factor)
    {
        bool isFine = share is > 0 and <= 1 && factor is >= 1 and < 1e9;
        return isFine == (Record.Exception(() => new AuditSampler(share, 0, factor)) is null);
    }

    private static readonly int[] GoldenSequences = [93, 144, 592, 607, 727, 800, 830];
}
