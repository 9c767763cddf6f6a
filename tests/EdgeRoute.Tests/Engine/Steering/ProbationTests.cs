using System.Text;
using EdgeRoute.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Steering;

public sealed class ProbationTests
{
    [Fact]
    public void A_config_is_proven_when_frames_have_flowed_for_a_while()
    {
        var judge = new ProbationJudge(startNs: 100, ProbationTimes.Usual);
        Assert.Equal(ProbationVerdict.Open, judge.Judge(0, 200));
        Assert.Equal(ProbationVerdict.Open, judge.Judge(5, 300));
        Assert.Equal(ProbationVerdict.Open, judge.Judge(5, 300 + ProbationTimes.Usual.FlowNs));
        Assert.Equal(ProbationVerdict.Proven, judge.Judge(6, 301 + ProbationTimes.Usual.FlowNs));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_frames_that_flow_it_fails_at_last(long answeredCount)
    {
        var judge = new ProbationJudge(startNs: 0, ProbationTimes.Usual);
        Assert.Equal(ProbationVerdict.Open, judge.Judge(answeredCount, ProbationTimes.Usual.LimitNs - 1));
        Assert.Equal(ProbationVerdict.Failed, judge.Judge(answeredCount, ProbationTimes.Usual.LimitNs));
    }

    [Fact]
    public void The_next_start_knows_that_a_run_did_not_end_in_order()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("device.yaml", "new");
        var probation = new ConfigProbation(path);
        Assert.False(probation.IsOn);
        probation.Begin(Encoding.UTF8.GetBytes("new"));
        Assert.True(probation.IsOn);
        Assert.False(probation.HasCrashed);
        probation.BeginRun();
        Assert.True(new ConfigProbation(path).HasCrashed);
        probation.EndRun();
        Assert.False(probation.HasCrashed);
        probation.End();
        Assert.False(probation.IsOn);
    }

    [Fact]
    public void A_config_that_a_person_has_edited_since_is_not_on_probation()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("device.yaml", "new");
        var probation = new ConfigProbation(path);
        probation.Begin(Encoding.UTF8.GetBytes("new"));
        probation.BeginRun();
        folder.Write("device.yaml", "edited");
        Assert.False(probation.IsOn);
        Assert.False(probation.HasCrashed);
    }
}
