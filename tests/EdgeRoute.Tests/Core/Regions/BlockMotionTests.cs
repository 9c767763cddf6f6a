using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Regions;

namespace EdgeRoute.Tests.Core.Regions;

/// <summary>What moves in front of a still camera, and what only looks like it.</summary>
public sealed class BlockMotionTests
{
    private const int Width = 64, Height = 36;

    private static readonly FrameRegion Quarter = new(0, 0, 0.25, 0.25);

    private readonly BlockMotion _motion = new(new BlockGrid(Width, Height, 4));
    private readonly byte[] _scene = Scene();
    private readonly Random _noise = new(3);

    public BlockMotionTests()
    {
        for (int i = 0; i < 30; i++)
        {
            _motion.See(Noisy(_scene));
        }
    }

    [Fact]
    public void A_still_scene_with_noise_has_nothing_to_look_at() => Assert.Empty(Seen(Noisy(_scene)));

    [Fact]
    public void A_small_thing_that_moves_in_a_corner_is_looked_at()
    {
        byte[] frame = Noisy(_scene);
        Blob(frame, Width - 4, Height - 4, 3, 60);
        var window = Assert.Single(Seen(frame));
        Assert.Equal((0.75, 0.75), (window.Left, window.Top));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(1.5, 0)]
    [InlineData(0.4, 10)]
    [InlineData(0.7, 50)]
    public void Light_that_changes_everywhere_is_nothing_to_look_at(double gain, double offset)
    {
        byte[] frame = [.. _scene.Select(v => (byte)Math.Clamp((v * gain) + offset, 0, 255))];
        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(Seen(Noisy(frame)));
        }

        Blob(frame, 30, 20, 4, -60);
        Assert.Single(Seen(frame));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, -1)]
    [InlineData(2, 1)]
    [InlineData(-2, 2)]
    public void A_camera_that_shakes_is_nothing_to_look_at(int dx, int dy) => Assert.Empty(Seen(Noisy(Shifted(_scene, dx, dy))));

    [Fact]
    public void Half_a_pixel_of_shake_is_nothing_to_look_at()
    {
        byte[] other = Shifted(_scene, 1, 0);
        Assert.Empty(Seen([.. _scene.Select((v, i) => (byte)((v + other[i]) / 2))]));
    }

    [Fact]
    public void A_camera_that_turns_away_is_nothing_to_look_at()
    {
        byte[] elsewhere = Scene(99);
        Assert.Empty(Seen(elsewhere));
    }

    [Fact]
    public void A_place_that_always_flickers_is_not_looked_at_for_it()
    {
        byte[] frame = [.. _scene];
        for (int i = 0; i < 200; i++)
        {
            byte[] flickering = Noisy(_scene);
            Blob(flickering, 12, 12, 3, (i % 2) * 24);
            frame = flickering;
            _motion.See(frame);
        }

        Blob(frame, 12, 12, 0, 0);
        Assert.Empty(Seen(frame));
    }

    [Fact]
    public void After_a_restart_it_settles_anew()
    {
        _motion.Reset();
        for (int i = 0; i < BlockMotion.SettlingCount; i++)
        {
            byte[] frame = Noisy(_scene);
            Blob(frame, 20 + i, 20, 3, 80);
            Assert.Empty(Seen(frame));
        }
    }

    [Fact]
    public void Seeing_a_frame_allocates_nothing()
    {
        byte[] frame = Noisy(_scene);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => _motion.See(frame)));
    }

    private FrameRegion[] Seen(byte[] luma)
    {
        var proposer = new RegionProposer();
        _motion.See(luma);
        _motion.AddTo(proposer);
        var into = new FrameRegion[1];
        return into[..proposer.Cover(Quarter, 0, into)];
    }

    /// <summary>Shapes of several sizes and steep edges, as a room has them.</summary>
    private static byte[] Scene(int seed = 1)
    {
        var random = new Random(seed);
        byte[] scene = new byte[Width * Height];
        scene.AsSpan().Fill(70);
        for (int i = 0; i < 25; i++)
        {
            Blob(scene, random.Next(Width), random.Next(Height), random.Next(3, 14), random.Next(-50, 90));
        }

        return scene;
    }

    private static void Blob(byte[] luma, int left, int top, int side, int step)
    {
        for (int y = top; y < Math.Min(top + side, Height); y++)
        {
            for (int x = left; x < Math.Min(left + side, Width); x++)
            {
                luma[(y * Width) + x] = (byte)Math.Clamp(luma[(y * Width) + x] + step, 0, 255);
            }
        }
    }

    private static byte[] Shifted(byte[] luma, int dx, int dy) => [.. luma.Select((_, i) => luma[
        (Math.Clamp((i / Width) + dy, 0, Height - 1) * Width) + Math.Clamp((i % Width) + dx, 0, Width - 1)])];

    private byte[] Noisy(byte[] luma) => [.. luma.Select(v => (byte)Math.Clamp(v + _noise.Next(-1, 2), 0, 255))];
}
