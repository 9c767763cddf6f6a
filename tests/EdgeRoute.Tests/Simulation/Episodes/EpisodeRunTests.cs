using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Simulation.Episodes;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Workbench.Episodes;

namespace EdgeRoute.Tests.Simulation.Episodes;

/// <summary>The shipped policy pack moves the simulated arm, through the whole engine.</summary>
public sealed class EpisodeRunTests
{
    private const string Heavy = "heavy_1>heavy_2>heavy_3";

    [Fact]
    public void The_loop_is_closed_and_the_arm_mostly_succeeds()
    {
        var (summary, report) = Run("cascade", Request(40));
        Assert.Equal(40, summary.All.EpisodeCount);
        Assert.InRange(summary.All.SuccessShare, 0.75, 1);
        Assert.Equal(summary.Calm.EpisodeCount + summary.Busy.EpisodeCount, summary.All.EpisodeCount);
        // Plans are followed for several steps, so most frames run no stage.
        Assert.InRange(summary.Paths.Single(p => p.Name == "previous").FrameShare, 0.6, 0.9);
        Assert.True(summary.MultiplyAdds > 0);
        Assert.Equal(0, report.Total.Policy!.HoldCount);
        Assert.Equal(report.Total.Ends.Ended, report.Total.Policy.ActionCount);
    }

    [Fact]
    public void The_same_tables_and_networks_give_the_same_episodes()
    {
        var first = Episodes(Request(12));
        Assert.Equal(12, first.Count);
        Assert.Equal(first, Episodes(Request(12)));
        Assert.NotEqual(first.Select(e => e.Instruction), Episodes(Request(12) with { Seed = 99 }).Select(e => e.Instruction));
    }

    /// <summary>Fixed paths follow plans as well, or always heavy would be a straw man.</summary>
    [Fact]
    public void Always_heavy_follows_its_plans_and_never_runs_the_light_network()
    {
        var summary = Run(Heavy, Request(10)).Summary;
        Assert.Equal([Heavy, "previous"], summary.Paths.Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.True(summary.PlanCount < summary.TickCount / 2);
    }

    [Fact]
    public void The_language_network_runs_once_for_each_instruction()
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var run = new EpisodeRun(Request(30).ConfigFor("light"), (_, _) => { })
        {
            Watch = (_, arm) =>
            {
                arm.EpisodeEnded += e => texts.Add(e.Instruction);
                return null;
            },
        };
        run.Run("light");
        var pack = run.Report!.Packs.Single();
        // Fewer texts than the cache holds: none is ever let go, so none is read twice.
        Assert.Equal(texts.Count, pack.Instructions!.Value.RunCount);
        Assert.Equal(run.Report.Total.Ends.Ended - texts.Count, pack.Instructions.Value.HitCount);
    }

    [Fact]
    public void The_contact_sheet_shows_the_episodes_in_their_colours()
    {
        EpisodeFilm? film = null;
        ContactSheet? sheet = null;
        var run = new EpisodeRun((Request(8) with { SidePixels = 384 }).ConfigFor("cascade"), (_, _) => { })
        {
            Watch = (engine, arm) =>
            {
                engine.Consumers.Add(film = new EpisodeFilm(arm));
                sheet = new ContactSheet(engine.State.Streams[0].Router.Tree);
                return null;
            },
        };
        run.Run("cascade");
        var episodes = film!.Close();
        Assert.Equal(8, episodes.Count);
        Assert.All(episodes, e => Assert.InRange(e.Frames.Count, 2, EpisodeFilm.FramesPerEpisode));
        Assert.All(episodes, e => Assert.Equal(e.Episode.FrameCount * 2, e.Way.Count));
        var picture = sheet!.Draw(episodes, "title");
        var reused = new RgbColor(110, 114, 122);
        Assert.Contains(Enumerable.Range(0, picture.Width * picture.Height), i => picture[i % picture.Width, i / picture.Width] == reused);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], sheet.DrawPng(episodes, "title")[..4]);
    }

    [Fact]
    public void A_config_without_the_arm_is_refused()
    {
        string path = Path.Combine(TestPlaces.Repository, "device-configs", "examples", "shapes.yaml");
        var config = DeviceConfigReader.ReadFile(path).Config!;
        var refused = Assert.Throws<EngineRefusedException>(() => new EpisodeRun(config, (_, _) => { }).Run("cascade"));
        Assert.Contains("task=pick_place", refused.Message);
    }

    [Theory]
    [InlineData(0, "uniform", 96, "--count")]
    [InlineData(1, "much", 96, "clutter")]
    [InlineData(1, "uniform", 1, "width")]
    public void What_cannot_be_run_is_refused_by_name(long count, string clutter, int side, string word) =>
        Assert.Contains(word, (Request(count) with { Clutter = clutter, SidePixels = side }).FindProblem());

    [Fact]
    public void An_interval_is_wilsons()
    {
        // Checked against the formula by hand: 90 of 100 is 82.6 % to 94.5 %.
        var (low, high) = new PickPlaceTally(90, 6, 1, 3).SuccessInterval();
        Assert.Equal((0.826, 0.945), (Math.Round(low, 3), Math.Round(high, 3)));
    }

    private static List<PickPlaceEpisode> Episodes(EpisodesRequest request)
    {
        var ended = new List<PickPlaceEpisode>();
        var run = new EpisodeRun(request.ConfigFor(Heavy), (_, _) => { })
        {
            Watch = (_, arm) =>
            {
                arm.EpisodeEnded += ended.Add;
                return null;
            },
        };
        run.Run(Heavy);
        return ended;
    }

    private static (EpisodeSummary Summary, RunReport Report) Run(string policy, EpisodesRequest request)
    {
        var run = new EpisodeRun(request.ConfigFor(policy), (_, _) => { });
        return (run.Run(policy), run.Report!);
    }

    private static EpisodesRequest Request(long count) => new(Path.Combine(TestPlaces.Repository, "models", "tabletop"), count, 5,
        "uniform", 96, 1, TestPlaces.OnnxRuntimeLibrary);
}
