using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>The order of numbered pictures.</summary>
public class NaturalOrderTests
{
    [Theory]
    [InlineData("frame1.png frame2.png frame10.png frame11.png frame100.png")]
    [InlineData("0001.jpg 0002.jpg 0010.jpg")]
    [InlineData("a1b2 a1b10 a2b1 a10b0")]
    [InlineData("1 01 001 2 02")]
    [InlineData("9 99999999999999999999 100000000000000000000")]
    [InlineData("A a a- a1 b")]
    public void Names_stand_as_people_number_them(string names)
    {
        string[] expected = names.Split(' '), sorted = [.. expected.Reverse()];
        Array.Sort(sorted, NaturalOrder.Compare);
        Assert.Equal(expected, sorted);
    }
}
