using EdgeRoute.Documents;

namespace EdgeRoute.Tests.Documents;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("threads", "thread", 1)]
    [InlineData("detcet", "detect", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void Distance_counts_slips(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestName.Distance(a, b));
        Assert.Equal(expected, NearestName.Distance(b, a));
    }

    [Theory]
    [InlineData("stall-ms", "stall_ms")]
    [InlineData("Deadline_MS", "deadline_ms")]
    [InlineData("polcy", "policy")]
    [InlineData("colour", null)]
    [InlineData("x", null)]
    public void Nearest_is_found_or_nothing(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, ["stall_ms", "deadline_ms", "policy", "pack"]));

    [Theory]
    [InlineData("polcy", "; did you mean 'policy'?")]
    [InlineData("colour", "; valid here: policy, pack")]
    public void Hint_names_each_valid_name_once_and_no_empty_one(string name, string expected) =>
        Assert.Equal(expected, NearestName.Hint(name, ["policy", "", "pack", "policy"]));

    [Fact]
    public void Hint_is_empty_where_nothing_would_be_valid() => Assert.Equal("", NearestName.Hint("x", [""]));
}
