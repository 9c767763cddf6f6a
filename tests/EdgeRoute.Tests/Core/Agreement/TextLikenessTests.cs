using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class TextLikenessTests
{
    private static readonly AnswerAgreement Agreement = new(new AgreementSettings(Limit));

    private static Answer Text(string text) => Values(TaskKind.Text, [.. text.SelectMany(c => new[] { (float)c, 0.9f })]);

    private static float Likeness(string judged, string teacher) => Agreement.Of(Text(judged), Text(teacher));

    [Theory]
    [InlineData("", "", 1)]
    [InlineData("abc", "abc", 1)]
    [InlineData("abc", "", 0)]
    [InlineData("", "abc", 0)]
    [InlineData("kitten", "sitting", 4 / 7f)]
    [InlineData("ab", "ba", 0)]
    [InlineData("EXIT", "EXIT 12", 4 / 7f)]
    public void Lines_agree_by_the_edits_between_them(string judged, string teacher, float expected)
    {
        Assert.Equal(expected, Likeness(judged, teacher), 6);
        Assert.Equal(expected, Likeness(teacher, judged), 6);
    }

    /// <summary>The definition of the edit distance, without its table.</summary>
    private static int Edits(string a, string b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length + b.Length;
        }

        int changed = Edits(a[1..], b[1..]) + (a[0] == b[0] ? 0 : 1);
        return Math.Min(changed, 1 + Math.Min(Edits(a[1..], b), Edits(a, b[1..])));
    }

    [Fact]
    public void Lines_equal_the_plain_distance_in_any_order_of_lengths()
    {
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
        {
            string Line() => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => (char)('a' + random.Next(3))));
            string judged = Line(), teacher = Line();
            float expected = judged.Length + teacher.Length == 0 ? 1
                : 1 - ((float)Edits(judged, teacher) / Math.Max(judged.Length, teacher.Length));
            Assert.Equal(expected, Likeness(judged, teacher), 6);
        }
    }

    [Fact]
    public void Labels_that_are_no_numbers_agree_with_nothing() =>
        Assert.Equal(0, Agreement.Of(Values(TaskKind.Text, float.NaN, 1), Values(TaskKind.Text, float.NaN, 1)));

    [Fact]
    public void A_line_is_read_by_its_labels_and_its_confidence_is_the_mean()
    {
        float[] values = [1, 0.5f, 0, 1, 9, 0.75f, float.NaN, 0.75f];
        Assert.Equal("ba", TextValues.Read(values, ["a", "b"]));
        Assert.Equal(0.75f, TextValues.ConfidenceOf(values));
        Assert.Equal(0, TextValues.ConfidenceOf([]));
        Assert.Equal(4, Values(TaskKind.Text, values).CountOrClass);
    }
}
