using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Plans of a movement and a switch, in which the robot was moved by another plan while they were computed.</summary>
public sealed class MovementDebtTests
{
    /// <summary>Steps of a movement each, with the switch at 0.</summary>
    private static float[] Plan(params float[] movements) => [.. movements.SelectMany(m => new[] { m, 0 })];

    private static float Give(MovementDebt debt, float movement, float isClosed = 0)
    {
        float[] step = [movement, isClosed];
        debt.Give(step);
        Assert.Equal(isClosed, step[1]);
        return step[0];
    }

    /// <summary>The plan before is carried out.</summary>
    private static void Follow(MovementDebt debt, params float[] movements)
    {
        debt.Begin(Plan(movements), 0);
        Assert.Equal(movements, movements.Select(m => Give(debt, m)));
    }

    [Fact]
    public void The_robot_comes_to_where_the_plan_means_it_to_be()
    {
        var debt = new MovementDebt(2, [1]);
        Follow(debt, 0.1f, 0.1f, 0.1f);
        float[] plan = [0.5f, 0.5f, 0.5f, 0.2f, 0.2f, 0.2f, 0.2f];
        debt.Begin(Plan(plan), 2);
        float[] given = [.. plan[2..].Select(m => Give(debt, m))];
        Assert.Equal(plan.Sum() - 0.2f, given.Sum(), 1e-5f);
        Assert.All(given, g => Assert.InRange(g, -0.5f, 0.5f));
        Assert.Equal(0.4f, given[3], 1e-5f);
    }

    [Fact]
    public void What_went_too_far_is_taken_back_and_no_faster_than_the_plan_moves()
    {
        var debt = new MovementDebt(2, [1]);
        Follow(debt, 1, 1, 1);
        debt.Begin(Plan(0, 0, 0, 0.25f, 0, 0), 3);
        Assert.Equal([-0.25f, -0.25f, -0.25f], [Give(debt, 0.25f), Give(debt, 0), Give(debt, 0)]);
        debt.Begin(Plan(0, 0, 0, 0), 3);
        Assert.Equal(0, Give(debt, 0));
    }

    [Fact]
    public void What_was_given_before_it_was_forgotten_and_steps_that_nobody_gave_count_for_nothing()
    {
        var debt = new MovementDebt(2, [1]);
        debt.Begin(Plan(1, 1, 1), 2);
        Assert.Equal(1, Give(debt, 1));
        debt.Forget();
        debt.Begin(Plan(0.5f, 0.5f, 0.25f), 2);
        Assert.Equal(0.25f, Give(debt, 0.25f));
    }

    [Fact]
    public void What_is_no_number_is_given_as_it_is_and_spoils_nothing_after_it()
    {
        var debt = new MovementDebt(2, [1]);
        Assert.Equal(float.NaN, Give(debt, float.NaN));
        debt.Begin(Plan(1, 1, 1), 1);
        Assert.Equal([1f, 0.5f], [Give(debt, 1), Give(debt, 0.5f)]);
    }

    [Fact]
    public void Nothing_is_allocated_however_long_it_runs()
    {
        var (debt, plan, step) = (new MovementDebt(2, []), Plan(1, 2, 3), new float[2]);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            debt.Begin(plan, 100);
            debt.Give(step);
        }));
    }
}
