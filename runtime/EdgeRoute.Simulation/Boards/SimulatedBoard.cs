using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.Boards;

/// <summary>
/// The physics of a board in steps of time: power by how busy its stages keep it and by its clocks, heat by power and surroundings, clocks
/// by heat as the kernel's step-wise governor sets them. Equal seeds and loads give equal boards.
/// </summary>
internal sealed class SimulatedBoard
{
    /// <summary>Power of what switches goes by the clock and the square of its voltage, which falls about half as far.</summary>
    private const double ClockExponent = 2.2;

    /// <summary>A step of the governor, how often it looks, how far below the trip it lets go, and the lowest clock.</summary>
    private const double ClockStep = 0.08, GovernorSeconds = 1, Hysteresis = 2, LeastClock = 0.3;

    /// <summary>The die follows its power in this time; a heat sink without its fan is so much worse.</summary>
    private const double DieSeconds = 2, StuckFanFactor = 1.7;

    /// <summary>Noise of a run's time and of a rail, as a part of the figure.</summary>
    private const double RunNoise = 0.03, RailNoise = 0.01;

    private const double DaySeconds = 86_400;

    private readonly BoardAddress _address;
    private readonly BoardProfile _profile;
    private SeededRandom _random;
    private readonly double _sinkDegreesPerWatt;
    private double _sink, _die, _governor, _brownOutUntil, _fan = 1, _warmer;
    private double _heatClock = 1;
    private int _nextEvent;

    public SimulatedBoard(BoardAddress address)
    {
        (_address, _profile, _random) = (address, address.Profile, new SeededRandom(address.Seed));
        _sinkDegreesPerWatt = address.SinkDegreesPerWatt ?? _profile.DegreesPerWatt;
        Watts = _profile.IdleWatts;
        (_sink, _die) = (AmbientCelsius + (_sinkDegreesPerWatt * Watts), _profile.DieDegreesPerWatt * Watts);
    }

    public BoardProfile Profile => _profile;

    /// <summary>Since the run began.</summary>
    public double Seconds { get; private set; }

    public double AmbientCelsius => _address.Ambient + _warmer + (_address.Sun
        * Math.Max(0, -Math.Cos(2 * Math.PI * ((Seconds / DaySeconds) + (_address.StartHour / 24)))));

    /// <summary>Of the hottest zone.</summary>
    public double Celsius => _sink + _die;

    /// <summary>Mean over the latest step.</summary>
    public double Watts { get; private set; }

    /// <summary>The same as the power monitor shows it.</summary>
    public double ShownWatts { get; private set; }

    public double Joules { get; private set; }

    /// <summary>Part of the mode's clock that heat and supply leave.</summary>
    public double Clock => _heatClock * (Seconds < _brownOutUntil ? 0.5 : 1);

    /// <summary>How busy the latest step was.</summary>
    public double Busy { get; private set; }

    /// <summary>Times that the trip was reached, and that the supply was too weak.</summary>
    public int ThrottleCount { get; private set; }

    public int BrownOutCount { get; private set; }

    /// <summary>Time at less than the mode's clock.</summary>
    public double ThrottledSeconds { get; private set; }

    public bool HasPowerSensor { get; private set; } = true;

    public bool HasHeatSensor { get; private set; } = true;

    /// <summary>It became so hot that it switched itself off.</summary>
    public bool IsOff { get; private set; }

    /// <summary>Share of the stages' time that other programs take.</summary>
    public double Contention { get; private set; }

    /// <summary>What a run takes now that took so long when the pack was measured.</summary>
    public double RunMs(double measuredMs) => measuredMs * _address.CostFactor * _profile.Megahertz.CostFactor / Clock / (1 - Contention)
        * Math.Max(0.5, 1 + (RunNoise * _random.NextGaussian()));

    /// <summary>Lets time pass.</summary>
    /// <param name="busy">Part of it that stages ran, in [0, 1].</param>
    public void Step(double seconds, double busy)
    {
        Busy = Math.Clamp(busy + ((1 - busy) * Contention), 0, 1);
        Watts = IsOff ? 0 : _profile.IdleWatts + (_profile.BusyWatts * Busy * Math.Pow(Clock, ClockExponent));
        ShownWatts = Math.Max(0, Watts * (1 + (RailNoise * _random.NextGaussian())));
        Joules += Watts * seconds;
        ThrottledSeconds += Clock < 1 ? seconds : 0;
        double degreesPerWatt = _sinkDegreesPerWatt * (1 + ((StuckFanFactor - 1) * (1 - _fan)));
        Seconds += seconds;
        // A better or worse cooling changes how fast it warms, too: what it holds stays the same.
        double sinkSeconds = _profile.SinkSeconds * degreesPerWatt / _profile.DegreesPerWatt;
        _sink += (1 - Math.Exp(-seconds / sinkSeconds)) * (AmbientCelsius + (degreesPerWatt * Watts) - _sink);
        _die += (1 - Math.Exp(-seconds / DieSeconds)) * ((_profile.DieDegreesPerWatt * Watts) - _die);
        IsOff |= Celsius >= _profile.CriticalCelsius;
        Govern(seconds);
        Happen();
    }

    private void Govern(double seconds)
    {
        _governor += seconds;
        if (_governor < GovernorSeconds)
        {
            return;
        }

        _governor = 0;
        if (Celsius >= _profile.TripCelsius)
        {
            ThrottleCount += _heatClock >= 1 ? 1 : 0;
            _heatClock = Math.Max(LeastClock, _heatClock - ClockStep);
        }
        else if (Celsius < _profile.TripCelsius - Hysteresis)
        {
            _heatClock = Math.Min(1, _heatClock + ClockStep);
        }
    }

    private void Happen()
    {
        for (; _nextEvent < _address.Scenario.Events.Count && _address.Scenario.Events[_nextEvent].Seconds <= Seconds; _nextEvent++)
        {
            Take(_address.Scenario.Events[_nextEvent]);
        }
    }

    private void Take(BoardEvent happens)
    {
        switch (happens.Kind)
        {
            case BoardEventKind.Fan:
                _fan = happens.Value;
                break;
            case BoardEventKind.PowerSensor:
                HasPowerSensor = happens.Value > 0;
                break;
            case BoardEventKind.HeatSensor:
                HasHeatSensor = happens.Value > 0;
                break;
            case BoardEventKind.Ambient:
                _warmer = happens.Value;
                break;
            case BoardEventKind.Contention:
                Contention = happens.Value;
                break;
            default:
                _brownOutUntil = Seconds + happens.Value;
                BrownOutCount++;
                break;
        }
    }
}
