namespace EdgeRoute.Tests.Preprocess;

/// <summary>Managed bytes of code that has run before.</summary>
public static class SteadyState
{
    /// <summary>
    /// Bytes that 1,000 runs allocate. The runtime itself may allocate once while it recompiles a hot method, so a window with bytes is repeated: what a
    /// run allocates shows in every window.
    /// </summary>
    public static long BytesOfThousandRuns(Action run)
    {
        long least = long.MaxValue;
        for (int window = 0; window < 4 && least > 0; window++)
        {
            run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                run();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
