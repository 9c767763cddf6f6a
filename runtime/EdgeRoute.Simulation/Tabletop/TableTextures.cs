namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// Repeating grey patterns for the table, made once from a seed: cloud, wood, weave and stone, each several times with other numbers.
/// Mean 128; a byte per texel.
/// </summary>
internal sealed class TableTextures
{
    /// <summary>Texels per side; a power of two, so that coordinates wrap by a mask.</summary>
    public const int Side = 256;

    /// <summary>Patterns kept: with random offset, size, colour and contrast no two tables look the same.</summary>
    public const int Count = 16;

    private const int KindCount = 4;

    private readonly byte[][] _tiles = new byte[Count][];

    public TableTextures(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (int i = 0; i < Count; i++)
        {
            _tiles[i] = Weigh(Pattern(i % KindCount, ref random));
        }
    }

    public ReadOnlySpan<byte> TileOf(int index) => _tiles[index % Count];

    private static float[] Pattern(int kind, ref SeededRandom random) => kind switch
    {
        0 => Cloud(4, 4, 5, ref random),
        1 => Wood(ref random),
        2 => Weave(ref random),
        _ => Stone(ref random),
    };

    /// <summary>Sum of octaves of smoothed lattice noise, each half as strong and twice as fine as the one before.</summary>
    private static float[] Cloud(int cellsX, int cellsY, int octaveCount, ref SeededRandom random)
    {
        var sum = new float[Side * Side];
        float strength = 1;
        for (int octave = 0; octave < octaveCount && Math.Max(cellsX, cellsY) <= Side; octave++)
        {
            AddLattice(sum, cellsX, cellsY, strength, ref random);
            (cellsX, cellsY, strength) = (cellsX * 2, cellsY * 2, strength * 0.55f);
        }

        return sum;
    }

    private static void AddLattice(float[] sum, int cellsX, int cellsY, float strength, ref SeededRandom random)
    {
        var lattice = new float[cellsX * cellsY];
        for (int i = 0; i < lattice.Length; i++)
        {
            lattice[i] = strength * random.NextBetween(-1, 1);
        }

        for (int y = 0; y < Side; y++)
        {
            var (y0, y1, partY) = CellAt(y, cellsY);
            for (int x = 0; x < Side; x++)
            {
                var (x0, x1, partX) = CellAt(x, cellsX);
                float top = Between(lattice[(y0 * cellsX) + x0], lattice[(y0 * cellsX) + x1], partX);
                float bottom = Between(lattice[(y1 * cellsX) + x0], lattice[(y1 * cellsX) + x1], partX);
                sum[(y * Side) + x] += Between(top, bottom, partY);
            }
        }
    }

    private static (int First, int Next, float Part) CellAt(int texel, int cellCount)
    {
        float at = texel * cellCount / (float)Side;
        int first = (int)at;
        float part = at - first;
        return (first, (first + 1) % cellCount, part * part * (3 - (2 * part)));
    }

    private static float Between(float from, float to, float part) => from + ((to - from) * part);

    /// <summary>Bands along x, bent by a slow cloud, with fine fibres.</summary>
    private static float[] Wood(ref SeededRandom random)
    {
        float[] bend = Cloud(2, 4, 3, ref random), fibres = Cloud(8, 128, 2, ref random);
        int bands = 4 + random.NextIndex(8);
        for (int i = 0; i < bend.Length; i++)
        {
            float phase = ((i / Side) * bands / (float)Side) + (0.6f * bend[i]);
            bend[i] = MathF.Sin(MathF.Tau * phase) + (0.7f * fibres[i]);
        }

        return bend;
    }

    private static float[] Weave(ref SeededRandom random)
    {
        float[] cloth = Cloud(16, 16, 4, ref random);
        int threads = 24 << random.NextIndex(2);
        for (int i = 0; i < cloth.Length; i++)
        {
            float u = MathF.Tau * threads * (i % Side) / Side, v = MathF.Tau * threads * (i / Side) / Side;
            cloth[i] += 0.8f * MathF.Sin(u) * MathF.Sin(v);
        }

        return cloth;
    }

    private static float[] Stone(ref SeededRandom random)
    {
        float[] ground = Cloud(8, 8, 3, ref random), grain = Cloud(64, 64, 3, ref random);
        float rarity = random.NextBetween(0.5f, 1);
        for (int i = 0; i < ground.Length; i++)
        {
            ground[i] += MathF.Abs(grain[i]) > rarity ? MathF.CopySign(1.6f, grain[i]) : 0;
        }

        return ground;
    }

    /// <summary>To bytes around 128 with a deviation of 42, so that contrast means the same for every pattern.</summary>
    private static byte[] Weigh(float[] pattern)
    {
        double mean = 0, square = 0;
        foreach (float value in pattern)
        {
            (mean, square) = (mean + value, square + (value * (double)value));
        }

        mean /= pattern.Length;
        double scale = 42 / Math.Sqrt(Math.Max(1e-9, (square / pattern.Length) - (mean * mean)));
        var tile = new byte[pattern.Length];
        for (int i = 0; i < tile.Length; i++)
        {
            tile[i] = (byte)Math.Clamp(128 + ((pattern[i] - mean) * scale), 0, 255);
        }

        return tile;
    }
}
