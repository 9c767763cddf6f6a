using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Tracking;

public sealed class PatchFollowerTests
{
    private static readonly Detection Thing = Box(0.4f, 0.4f, 0.15f);

    private readonly PatchFollower _follower = new();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, -2)]
    [InlineData(-2.5, 1.5)]
    [InlineData(0.25, 3.75)]
    public void A_thing_that_moves_is_found_where_it_is(double x, double y)
    {
        _follower.Begin(GreyScene.At(Thing, 0, 0), [Thing]);
        _follower.Follow(GreyScene.At(Thing, x, y));
        var move = Assert.Single(_follower.Moves.ToArray());
        Assert.InRange(move.X * PatchFollower.Width, x - 0.5, x + 0.5);
        Assert.InRange(move.Y * PatchFollower.Height, y - 0.5, y + 0.5);
        Assert.True(move.IsHeld && move.Likeness > 0.8f, $"likeness {move.Likeness}");
    }

    /// <summary>Errors of a follower that goes from frame to frame add up; patches are those of the answer.</summary>
    [Fact]
    public void A_thing_is_followed_far_without_falling_behind()
    {
        _follower.Begin(GreyScene.At(Thing, 0, 0), [Thing]);
        for (int i = 1; i <= 20; i++)
        {
            _follower.Follow(GreyScene.At(Thing, 1.7 * i, -0.6 * i));
        }

        Assert.InRange(_follower.Moves[0].X * PatchFollower.Width, 33.5, 34.5);
        Assert.InRange(_follower.Moves[0].Y * PatchFollower.Height, -12.5, -11.5);
    }

    [Fact]
    public void A_thing_that_is_gone_is_lost_and_one_that_comes_back_is_found()
    {
        _follower.Begin(GreyScene.At(Thing, 0, 0), [Thing]);
        _follower.Follow(Blank());
        Assert.True(_follower.Moves[0] is { IsKnown: true, IsHeld: false }, $"likeness {_follower.Moves[0].Likeness}");
        _follower.Follow(GreyScene.At(Thing, 1, 1));
        Assert.True(_follower.Moves[0].IsHeld);
    }

    /// <summary>Light that falls changes every grey level and moves nothing.</summary>
    [Fact]
    public void Light_that_changes_moves_nothing()
    {
        byte[] before = GreyScene.At(Thing, 0, 0), darker = [.. before.Select(v => (byte)((v / 2) + 10))];
        _follower.Begin(before, [Thing]);
        _follower.Follow(darker);
        Assert.InRange(_follower.Moves[0].X * PatchFollower.Width, -0.2, 0.2);
        Assert.True(_follower.Moves[0].Likeness > 0.95f);
    }

    [Fact]
    public void On_a_blank_picture_all_stays_where_it_is()
    {
        _follower.Begin(Blank(), [Thing]);
        _follower.Follow(Blank());
        Assert.Equal((0f, 0f, true), (_follower.Moves[0].X, _follower.Moves[0].Y, _follower.Moves[0].IsHeld));
    }

    private static byte[] Blank() => new byte[PatchFollower.Width * PatchFollower.Height];

    [Fact]
    public void Boxes_of_any_kind_and_number_are_taken()
    {
        Detection[] odd = [Box(-0.3f, 0.9f, 0.6f), Box(0.5f, 0.5f, 0), Box(0.5f, 0.5f, float.NaN), Box(float.PositiveInfinity, 0, 1),
            Box(0.999f, 0.999f, 1e-6f), Box(0, 0, 1)];
        _follower.Begin(GreyScene.At(Thing, 0, 0), odd);
        _follower.Follow(GreyScene.At(Thing, 1, 0));
        Assert.Equal([true, false, false, false, true, true], _follower.Moves.ToArray().Select(m => m.IsKnown));
        _follower.Begin(GreyScene.Empty(), [.. Enumerable.Repeat(Thing, PatchFollower.BoxLimit + 5)]);
        Assert.Equal(PatchFollower.BoxLimit, _follower.Moves.Length);
        _follower.Reset();
        Assert.Equal(0, _follower.Moves.Length);
        Assert.Throws<ArgumentException>(() => _follower.Follow(new byte[7]));
    }

    [Fact]
    public void Following_allocates_nothing()
    {
        byte[] first = GreyScene.At(Thing, 0, 0), second = GreyScene.At(Thing, 1, 1);
        Detection[] boxes = [Thing, Box(0.1f, 0.1f, 0.3f)];
        FollowBoth();
        long before = GC.GetAllocatedBytesForCurrentThread();
        FollowBoth();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void FollowBoth()
        {
            _follower.Begin(first, boxes);
            _follower.Follow(second);
        }
    }
}

/// <summary>A textured thing before a textured ground, in grey, as boxes are followed in it.</summary>
internal static class GreyScene
{
    public static byte[] Empty() => Draw(static (_, _) => null);

    /// <summary>The thing fills its box, moved by so many pixels.</summary>
    public static byte[] At(Detection box, double moveX, double moveY)
    {
        double left = (box.Left * PatchFollower.Width) + moveX, top = (box.Top * PatchFollower.Height) + moveY;
        double width = box.Width * PatchFollower.Width, height = box.Height * PatchFollower.Height;
        return Draw((x, y) => x >= left && y >= top && x < left + width && y < top + height ? Texture(x - left, y - top, 2.1, 60) : null);
    }

    private static byte[] Draw(Func<double, double, double?> thing)
    {
        byte[] picture = new byte[PatchFollower.Width * PatchFollower.Height];
        for (int i = 0; i < picture.Length; i++)
        {
            double x = i % PatchFollower.Width, y = i / PatchFollower.Width;
            picture[i] = (byte)(thing(x, y) ?? Texture(x, y, 5, 20));
        }

        return picture;
    }

    private static double Texture(double x, double y, double grain, double depth) =>
        120 + (depth * (Math.Sin(x / grain) + Math.Cos((y + (0.4 * x)) / (1.3 * grain))));
}
