namespace EdgeRoute.Engine.Board;

/// <summary>The latest power, from the thread that measures to those that only want the figure: reading it costs a load.</summary>
public sealed class PowerGauge
{
    private volatile float _watts = float.NaN;

    /// <summary>Smoothed power of the board; not a number while nothing measures it.</summary>
    public float Watts
    {
        get => _watts;
        set => _watts = value;
    }
}
