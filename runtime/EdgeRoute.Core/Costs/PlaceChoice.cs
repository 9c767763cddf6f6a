namespace EdgeRoute.Core.Costs;

/// <summary>How long something takes, learnt from run to run: a running mean and the mean distance from it.</summary>
public sealed class TimeEstimate
{
    /// <summary>Part of the next run in the mean: it follows a link that has changed within a dozen frames.</summary>
    private const double Part = 0.125;

    /// <summary>So many mean distances above the mean: about one run in twenty takes longer.</summary>
    private const double HighDistances = 3;

    private double _distance;

    /// <summary>Something has been measured.</summary>
    public bool IsKnown { get; private set; }

    public double MeanMs { get; private set; }

    /// <summary>What few runs exceed.</summary>
    public double HighMs => MeanMs + (HighDistances * _distance);

    /// <summary>What was learnt is of another time.</summary>
    public void Forget() => IsKnown = false;

    public void Add(double ms)
    {
        double distance = Math.Abs(ms - MeanMs);
        _distance = IsKnown ? _distance + (Part * (distance - _distance)) : ms / 8;
        MeanMs = IsKnown ? MeanMs + (Part * (ms - MeanMs)) : ms;
        IsKnown = true;
    }
}

/// <summary>Where a stage is to run that a server has too, and how long the server may take.</summary>
public static class PlaceChoice
{
    /// <summary>Until the link is measured, or where it is not worth its time, the stage runs here.</summary>
    public const double Here = 0;

    /// <summary>
    /// For how many milliseconds the server is waited for; <see cref="Here"/>: it is not asked. It is waited for no longer than leaves the
    /// time to run the stage here, so that a frame that it lets down is answered all the same.
    /// </summary>
    /// <param name="slackMs">From now to the frame's deadline; infinite without one.</param>
    /// <param name="here">What the stage takes on this machine.</param>
    /// <param name="there">What it takes from the request to the last byte of the answer: the server and the link.</param>
    /// <param name="limitMs">It is never waited for longer.</param>
    /// <param name="isAlways">It is asked even where this machine is quicker.</param>
    public static double WaitMs(double slackMs, TimeEstimate here, TimeEstimate there, double limitMs, bool isAlways)
    {
        if (!there.IsKnown || (!isAlways && here.IsKnown && there.MeanMs >= here.MeanMs))
        {
            return Here;
        }

        double hereMs = here.IsKnown ? here.HighMs : 0;
        if (slackMs - hereMs >= there.HighMs)
        {
            return Math.Min(slackMs - hereMs, limitMs);
        }

        // Not both, one after the other: this machine alone if it makes the deadline, else the server alone if that does. Where neither
        // does, the frame is late, and the quicker of them makes it least so.
        if (slackMs >= hereMs && here.IsKnown)
        {
            return Here;
        }

        if (slackMs >= there.HighMs)
        {
            return Math.Min(slackMs, limitMs);
        }

        return there.MeanMs < hereMs ? Math.Min(there.HighMs, limitMs) : Here;
    }
}
