using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class AnswerChoiceTests
{
    private static readonly AnswerNames Names = new("front", ["frame", "light"], ["person", "bike"]) { Task = TaskKind.Detection };

    [Fact]
    public void Without_a_filter_everything_is_told()
    {
        var choice = new AnswerChoice(AnswerFilterConfig.All);
        Assert.True(choice.Takes(Names, 7, 0));
        Assert.Equal([true, true], Due(choice, (0, [0]), (1, [0])));
    }

    [Fact]
    public void Boxes_are_chosen_by_class_and_confidence()
    {
        var choice = new AnswerChoice(AnswerFilterConfig.All with { MinConfidence = 0.9, Classes = ["bike"] });
        Assert.True(choice.Takes(Names, 1, 0.9f));
        Assert.False(choice.Takes(Names, 1, 0.89f));
        Assert.False(choice.Takes(Names, 0, 1));
        Assert.False(choice.Takes(Names, 5, 1));
        Assert.True(choice.Takes(Names with { Labels = ["bike"] }, 0, 1));
    }

    [Fact]
    public void A_rate_is_kept_on_the_grid_of_its_period() => Assert.Equal([true, false, true, false, false, true],
        Due(new AnswerChoice(AnswerFilterConfig.All with { RateHz = 10 }), (0, [0]), (60, [0]), (110, [0]), (150, [0]), (190, [0]),
            (210, [0])));

    [Fact]
    public void A_change_is_another_number_of_another_class_that_is_told_in_whatever_order() =>
        Assert.Equal([true, false, true, false, true, true], Due(new AnswerChoice(AnswerFilterConfig.All with { OnlyChanges = true }),
            (0, [0, 1]), (1, [1, 0]), (2, [1]), (3, [1]), (4, [0]), (5, [])));

    [Fact]
    public void What_was_not_told_is_still_a_change_with_the_next_frame()
    {
        var choice = new AnswerChoice(AnswerFilterConfig.All with { OnlyChanges = true });
        using var copy = Frame(0, [0]);
        Assert.True(choice.IsDue(copy));
        Assert.True(choice.IsDue(copy));
        choice.Note(copy);
        Assert.False(choice.IsDue(copy));
    }

    private static List<bool> Due(AnswerChoice choice, params (long Ms, int[] Classes)[] frames)
    {
        var due = new List<bool>();
        foreach (var (ms, classes) in frames)
        {
            using var copy = Frame(ms, classes);
            due.Add(choice.IsDue(copy));
            if (due[^1])
            {
                choice.Note(copy);
            }
        }

        return due;
    }

    private static PublishedCopy Frame(long ms, int[] classes)
    {
        var answer = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, DetectionCount = classes.Length };
        for (int i = 0; i < classes.Length; i++)
        {
            answer.DetectionSlots[i] = new Detection(0, 0, 1, 1, 0.9f, classes[i]);
        }

        var record = new TraceRecord { PublishedNs = ms * 1_000_000, End = FrameEnd.Completed, NodeIndex = 1 };
        using var slot = new FrameSlot();
        var copy = new PublishedCopy(new Answer(TaskKind.Detection, 4, 0));
        copy.Take(new PublishedFrame(0, slot, answer, in record) { Names = Names }, withPixels: false);
        return copy;
    }
}
