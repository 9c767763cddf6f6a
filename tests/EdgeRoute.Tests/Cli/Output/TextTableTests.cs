using EdgeRoute.Cli.Output;

namespace EdgeRoute.Tests.Cli.Output;

/// <summary>Tables on terminals that are too narrow for them.</summary>
public sealed class TextTableTests
{
    [Fact]
    public void Below_its_width_a_table_is_a_line_for_each_figure()
    {
        var table = new TextTable("stream", "policy", ">p50 ms", "paths");
        table.Add("front", "value", "12.5", "light 80 %, light>heavy 20 %");
        table.Add("rear", "cascade", "-", "");
        Assert.Equal(
        [
            "front",
            "  policy  value",
            "  p50 ms  12.5",
            "  paths   light 80 %, light>heavy 20 %",
            "rear",
            "  policy  cascade",
            "  p50 ms  -",
        ], table.Listed(40));
    }

    [Fact]
    public void A_long_text_is_broken_at_spaces_and_a_narrow_terminal_breaks_nothing()
    {
        var table = new TextTable(">no", "reason");
        table.Add("1", "the robot carries more than it did before");
        table.Add("2", "/a/path/that/has/no/space/and/is/longer/than/a/line");
        Assert.Equal(
        [
            "  no      1",
            "  reason  the robot carries more",
            "          than it did before",
            "",
            "  no      2",
            "  reason  /a/path/that/has/no/sp",
            "          ace/and/is/longer/than",
            "          /a/line",
        ], table.Listed(32));
        Assert.Equal(5, table.Listed(12).Count);
        var paths = new TextTable("stream", "paths");
        paths.Add("front", "light 64 %, light>heavy 19 %, previous 12 %");
        Assert.Equal(["front", "  paths  light 64 %,", "         light>heavy 19 %,", "         previous 12 %"], paths.Listed(30));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var table = new TextTable("pack", "title", "manifest");
        for (int i = 1; i < 90; i++)
        {
            table.Add($"p{i}", string.Join(' ', Enumerable.Repeat("word", i)), new string('x', i));
        }

        Assert.All(table.Listed(width), l => Assert.True(l.Length <= width, l));
        Assert.All(table.Listed(width), l => Assert.DoesNotContain('\e', l));
    }
}
