using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Simulation.Tabletop;

public sealed class TabletopWorldTests
{
    private const float Aspect = 4f / 3;

    [Fact]
    public void Same_seed_same_bytes()
    {
        byte[] first = Film(5, 200), second = Film(5, 200), other = Film(6, 200);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    /// <summary>The generator against the reference output of the published algorithm for seed 1234567 (Vigna's splitmix64.c).</summary>
    [Fact]
    public void Random_numbers_are_those_of_the_published_algorithm()
    {
        var random = new SeededRandom(1234567);
        Assert.Equal(6457827717110365317UL, random.NextBits());
        Assert.Equal(3203168211198807973UL, random.NextBits());
        Assert.Equal(9817491932198370423UL, random.NextBits());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5f)]
    [InlineData(1)]
    public void Boxes_lie_inside_the_frame_on_every_tick(float level)
    {
        var world = new TabletopWorld(3, TabletopClutter.Fixed(level), Aspect);
        var truth = new TabletopTruth();
        int boxCount = 0;
        for (int tick = 0; tick < 2000; tick++, world.Advance())
        {
            truth.TellFrom(world.Scene);
            boxCount += truth.Count;
            foreach (var box in truth.Boxes)
            {
                bool isInside = box is { Left: >= -1e-5f, Top: >= -1e-5f, Right: <= 1 + 1e-5f, Bottom: <= 1 + 1e-5f };
                Assert.True(isInside && box is { Width: > 0.01f, Height: > 0.01f }, $"tick {tick}: {box}");
                Assert.InRange(box.ClassIndex, 0, TabletopPalette.ClassCount - 1);
            }
        }

        Assert.True(boxCount > 2000, $"only {boxCount} boxes on 2000 ticks");
    }

    /// <summary>
    /// In every box there are pixels of the thing's colour, and just outside it, where nothing else lies, there are none.
    /// </summary>
    [Fact]
    public void Boxes_fit_the_drawn_shapes()
    {
        const int width = 640, height = 480;
        var world = new TabletopWorld(11, TabletopClutter.Fixed(0), Aspect);
        var renderer = new TabletopRenderer(width, height, 11);
        byte[] pixels = new byte[width * height * 3];
        var truth = new TabletopTruth();
        int boxCount = 0;
        for (int table = 0; table < 40; table++, world.LayNextTable())
        {
            truth.TellFrom(world.Scene);
            renderer.Draw(world.Scene, pixels);
            for (int i = 0; i < truth.Count; i++, boxCount++)
            {
                var box = truth.Boxes[i];
                var found = PaintedExtent(pixels, width, height, truth.ObjectIndices[i], world.Scene);
                Assert.InRange(found.Left, (box.Left * width) - 6, (box.Left * width) + 6);
                Assert.InRange(found.Right, (box.Right * width) - 6, (box.Right * width) + 6);
                Assert.InRange(found.Top, (box.Top * height) - 6, (box.Top * height) + 6);
                Assert.InRange(found.Bottom, (box.Bottom * height) - 6, (box.Bottom * height) + 6);
            }
        }

        Assert.True(boxCount > 60, $"only {boxCount} boxes looked at");
    }

    [Fact]
    public void More_clutter_more_things_and_more_hidden_ones()
    {
        var calm = Survey(0);
        var middling = Survey(0.5f);
        var busy = Survey(1);
        Assert.True(calm.Things < middling.Things && middling.Things < busy.Things, $"{calm} {middling} {busy}");
        Assert.True(calm.Side > middling.Side && middling.Side > busy.Side, $"{calm} {middling} {busy}");
        Assert.Equal(0, calm.Hidden);
        Assert.True(busy.Hidden > 0.3, $"{busy}");
    }

    [Fact]
    public void Auto_clutter_has_calm_and_busy_stretches()
    {
        var world = new TabletopWorld(1, TabletopClutter.Auto(), Aspect);
        int calm = 0, busy = 0, stays = 0;
        float before = -1;
        for (int table = 0; table < 400; table++, world.LayNextTable())
        {
            float level = world.Scene.Clutter;
            calm += level <= 0.2f ? 1 : 0;
            busy += level >= 0.7f ? 1 : 0;
            stays += before >= 0 && (level <= 0.2f) == (before <= 0.2f) ? 1 : 0;
            before = level;
        }

        Assert.InRange(calm, 120, 240);
        Assert.InRange(busy, 60, 160);
        Assert.True(stays > 240, $"calm and busy change too often: {stays} of 399 stayed");
    }

    [Fact]
    public void Things_rest_and_things_move()
    {
        var world = new TabletopWorld(2, TabletopClutter.Fixed(0.3f), Aspect);
        int still = 0, moving = 0;
        for (int tick = 0; tick < 1000; tick++)
        {
            var before = world.Scene.Objects.ToArray();
            long episode = world.EpisodeCount;
            world.Advance();
            bool isSame = before.AsSpan().SequenceEqual(world.Scene.Objects);
            still += isSame ? 1 : 0;
            moving += !isSame && episode == world.EpisodeCount ? 1 : 0;
        }

        Assert.True(still > 200 && moving > 200, $"still {still}, moving {moving}");
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var world = new TabletopWorld(4, TabletopClutter.Auto(), Aspect);
        var renderer = new TabletopRenderer(160, 120, 4);
        var truth = new TabletopTruth();
        byte[] pixels = new byte[160 * 120 * 3];
        void Step()
        {
            world.Advance();
            truth.TellFrom(world.Scene);
            renderer.Draw(world.Scene, pixels);
        }

        Assert.Equal(0, AllocationWindows.LeastBytesOf(Step));
    }

    private static byte[] Film(ulong seed, int tickCount)
    {
        var world = new TabletopWorld(seed, TabletopClutter.Auto(), Aspect);
        var renderer = new TabletopRenderer(80, 60, seed);
        byte[] film = new byte[80 * 60 * 3 * tickCount];
        for (int tick = 0; tick < tickCount; tick++, world.Advance())
        {
            renderer.Draw(world.Scene, film.AsSpan(tick * 80 * 60 * 3, 80 * 60 * 3));
        }

        return film;
    }

    private static (double Things, double Side, double Hidden) Survey(float level)
    {
        var world = new TabletopWorld(9, TabletopClutter.Fixed(level), Aspect);
        var truth = new TabletopTruth();
        double things = 0, side = 0, hidden = 0;
        for (int table = 0; table < 200; table++, world.LayNextTable())
        {
            truth.TellFrom(world.Scene);
            things += world.Scene.Count / 200.0;
            for (int i = 0; i < truth.Count; i++)
            {
                side += truth.Boxes[i].Height / truth.Count / 200.0;
                hidden += truth.VisibleFractions[i] < 0.99f ? 1 / 200.0 : 0;
            }
        }

        return (things, side, hidden);
    }

    /// <summary>Extent of the pixels near a thing that have its colour under the light there.</summary>
    private static (int Left, int Top, int Right, int Bottom) PaintedExtent(byte[] pixels, int width, int height, int index,
        TabletopScene scene)
    {
        var thing = scene.Objects[index];
        int centerX = (int)(thing.X / scene.Aspect * width), centerY = (int)(thing.Y * height),
            reach = (int)(thing.Radius * height * 1.15f);
        // The middle of every target shape is covered by it, so the colour there is the thing's own.
        int middle = ((centerY * width) + centerX) * 3;
        var (left, top, right, bottom) = (width, height, 0, 0);
        for (int y = Math.Max(0, centerY - reach); y < Math.Min(height, centerY + reach); y++)
        {
            for (int x = Math.Max(0, centerX - reach); x < Math.Min(width, centerX + reach); x++)
            {
                if (IsAlike(pixels, middle, ((y * width) + x) * 3))
                {
                    left = Math.Min(left, x);
                    top = Math.Min(top, y);
                    right = Math.Max(right, x);
                    bottom = Math.Max(bottom, y);
                }
            }
        }

        return (left, top, right + 1, bottom + 1);
    }

    /// <summary>Same hue, whatever the shading: the largest difference of the colour shares.</summary>
    private static bool IsAlike(byte[] pixels, int first, int second)
    {
        float sum1 = pixels[first] + pixels[first + 1] + pixels[first + 2], sum2 = pixels[second] + pixels[second + 1] + pixels[second + 2];
        float red = (pixels[first] / sum1) - (pixels[second] / sum2), green = (pixels[first + 1] / sum1) - (pixels[second + 1] / sum2);
        return MathF.Abs(red) < 0.1f && MathF.Abs(green) < 0.1f && MathF.Abs(red + green) < 0.1f;
    }
}
