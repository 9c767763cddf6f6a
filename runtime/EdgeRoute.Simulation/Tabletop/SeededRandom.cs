namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// A small generator with the whole state in one word (SplitMix64, Steele, Lea and Flood 2014): the same seed gives the same numbers on
/// every runtime version, which <see cref="Random"/> does not promise.
/// </summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>Uniform in [0, 1): 24 bits, all that a float holds.</summary>
    public float NextUnit() => (NextBits() >> 40) * (1f / (1 << 24));

    public float NextBetween(float low, float high) => low + ((high - low) * NextUnit());

    /// <summary>Uniform in 0 .. <paramref name="count"/> - 1.</summary>
    public int NextIndex(int count) => (int)((NextBits() >> 32) * (ulong)count >> 32);

    /// <summary>
    /// Mean 0, deviation 1, by the sum of twelve uniforms: bounded at 6, which suits pixel noise, and without library functions.
    /// </summary>
    public float NextGaussian()
    {
        float sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += NextUnit();
        }

        return sum;
    }
}
