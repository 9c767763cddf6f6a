using EdgeRoute.Core.Costs;

namespace EdgeRoute.Tests.Core.Costs;

/// <summary>The rule by which threads are chosen, on figures made by hand.</summary>
public sealed class ThreadChoiceTests
{
    private static readonly ThreadTime[] Small = [new(1, 3.1f), new(2, 3), new(4, 3.3f)];
    private static readonly ThreadTime[] Large = [new(1, 100), new(2, 55), new(4, 40)];

    [Theory]
    [InlineData(1, 10f, 9.6f, 9.7f)]
    [InlineData(2, 10f, 9.4f, 9.2f)]
    [InlineData(4, 10f, 6f, 4f)]
    [InlineData(1, 10f, 11f, 12f)]
    public void The_fewest_threads_within_five_percent_of_the_best_are_taken(int chosen, float one, float two, float four) =>
        Assert.Equal(chosen, ThreadChoice.Of([[new(4, four), new(1, one), new(2, two)]]));

    [Fact]
    public void Of_several_packs_the_one_that_would_lose_most_decides()
    {
        Assert.Equal(1, ThreadChoice.Of([Small]));
        Assert.Equal(4, ThreadChoice.Of([Large]));
        Assert.Equal(4, ThreadChoice.Of([Small, Large]));
        Assert.Equal(4, ThreadChoice.Of([Large, Small]));
    }

    [Fact]
    public void The_least_worst_loss_wins_where_packs_disagree()
    {
        // With 4 threads the first pack takes 1.8 times its best, with 1 the second 2.5 times; with 2 neither loses more than 1.4 times.
        ThreadTime[] first = [new(1, 10), new(2, 12), new(4, 18)], second = [new(1, 25), new(2, 14), new(4, 10)];
        Assert.Equal(2, ThreadChoice.Of([first, second]));
    }

    [Fact]
    public void Only_counts_that_all_packs_know_are_compared()
    {
        Assert.Equal(2, ThreadChoice.Of([[new(1, 10), new(2, 8)], [new(2, 5), new(3, 4)]]));
        Assert.Equal(0, ThreadChoice.Of([[new(1, 10)], [new(2, 5)]]));
        Assert.Equal(0, ThreadChoice.Of([]));
        Assert.Equal(0, ThreadChoice.Of([[]]));
        Assert.Equal(2, ThreadChoice.Of([[new(1, 0), new(2, 5)]]));
    }
}
