using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class RecordingNameTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2));

    [Fact]
    public void The_first_has_the_name_asked_for_and_the_next_one_its_start_in_utc()
    {
        using var folder = new TemporaryFolder();
        string asked = folder.File("run.erec");
        Assert.Equal(asked, RecordingName.Free(asked, Start));
        File.WriteAllText(asked, "");
        string second = RecordingName.Free(asked, Start);
        Assert.Equal(folder.File("run-20260102T010405678Z.erec"), second);
        File.WriteAllText(second, "");
        Assert.Equal(folder.File("run-20260102T010405679Z.erec"), RecordingName.Free(asked, Start));
    }

    [Fact]
    public void Names_never_run_out()
    {
        using var folder = new TemporaryFolder();
        string asked = folder.File("run.erec");
        for (int i = 0; i < 1200; i++)
        {
            File.WriteAllText(RecordingName.Free(asked, Start), "");
        }

        Assert.Equal(1200, Directory.GetFiles(folder.Path).Count(f => RecordingName.IsOf(asked, Path.GetFileName(f))));
    }

    [Theory]
    [InlineData("run.erec", true)]
    [InlineData("run-2.erec", true)]
    [InlineData("run-20260102T010405678Z.erec", true)]
    [InlineData("run-kitchen.erec", false)]
    [InlineData("run.txt", false)]
    [InlineData("runner.erec", false)]
    [InlineData("walk.erec", false)]
    public void Only_its_own_names_are_of_a_ring(string name, bool isOf) => Assert.Equal(isOf, RecordingName.IsOf("/a/run.erec", name));
}
