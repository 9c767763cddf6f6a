namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>The surest classes of a classification, for people to read.</summary>
internal static class TopClasses
{
    /// <summary>
    /// Fills <paramref name="indices"/> with the indices of the largest values, largest first, the first of equal ones first; returns how
    /// many. Meant for a handful: each pick is one pass.
    /// </summary>
    public static int Select(ReadOnlySpan<float> values, Span<int> indices)
    {
        int count = 0;
        while (count < indices.Length && count < values.Length)
        {
            int best = -1;
            for (int i = 0; i < values.Length; i++)
            {
                bool isTaken = indices[..count].Contains(i);
                best = !isTaken && (best < 0 || values[i] > values[best]) ? i : best;
            }

            indices[count++] = best;
        }

        return count;
    }
}
