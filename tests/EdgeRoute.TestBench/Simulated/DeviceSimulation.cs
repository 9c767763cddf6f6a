using System.Globalization;
using EdgeRoute.ControlChannel.Journal;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>What a simulation came to.</summary>
internal sealed record SimulationReport(int Seed, long FrameCount, long FailedCount, int FaultCount, int AppliedCount, int RefusedCount,
    int KeptCount, int RolledBackCount, int BootCount, int GivenUpCount, int RecordingCount, long LostTraceCount, ulong Fingerprint)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}: {FrameCount:N0} frames, {FailedCount:N0} failed, {FaultCount:N0} faults, "
        + $"changes {AppliedCount} made {RefusedCount} refused, trials {KeptCount} kept "
        + $"{RolledBackCount} rolled back, {BootCount} boots ({GivenUpCount} after a hang), {RecordingCount} recordings, "
        + $"{LostTraceCount:N0} traces lost to the disk, fingerprint {Fingerprint:x16}");
}

/// <summary>
/// Hours of a device in virtual time: faults of cameras, stages, disk and clocks, requests and power cuts, as a seed draws them; laws are
/// checked all the while. Equal seeds give equal runs.
/// </summary>
internal sealed class DeviceSimulation : IDisposable
{
    private const long Second = 1_000_000_000, Minute = 60 * Second;

    /// <summary>A camera is opened again within two seconds, and then has a frame within one; the loop may hang for ten.</summary>
    private const long CameraGraceNs = 30 * Second;

    /// <summary>A stage's longest pause is a minute, and hangs may delay its try.</summary>
    private const long StageGraceNs = 180 * Second;

    private readonly VirtualTime _time = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly string _manifest, _folder;
    private readonly List<SimulatedDevice> _earlier = [];
    private JournalFile _journal;
    private SimulatedDevice _device;
    private int _faultCount, _givenUpCount;

    /// <param name="folder">For the journal; must exist.</param>
    public DeviceSimulation(int seed, string manifest, string folder)
    {
        (_seed, _random) = (seed, new Random(seed));
        (_manifest, _folder) = (manifest, folder);
        _journal = new JournalFile(folder, _time);
        _device = new SimulatedDevice(_time, _random, manifest, _journal);
        Repeat(10 * Minute, Misbehave);
        Repeat(5 * Minute, () => _device.Ask());
        Repeat(6 * 60 * Minute, CutPower);
        _time.In(10 * Second, Check);
    }

    /// <summary>How far it has come.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_time.NowNs / 100);

    /// <exception cref="BrokenLawException">The device broke a promise.</exception>
    public SimulationReport Run(TimeSpan duration)
    {
        long until = duration.Ticks * 100;
        while (_time.RunNext(until))
        {
        }

        _device.Laws.CheckCounts();
        List<SimulatedDevice> all = [.. _earlier, _device];
        ulong fingerprint = all.Aggregate(0UL, (sum, d) => (sum * 31) ^ d.Laws.Fingerprint);
        return new SimulationReport(_seed, all.Sum(d => d.Laws.FrameCount), all.Sum(d => d.Laws.FailedCount), _faultCount,
            all.Sum(d => d.Laptop.AppliedCount), all.Sum(d => d.Laptop.RefusedCount), all.Sum(d => d.Laptop.KeptCount),
            all.Sum(d => d.Laptop.RolledBackCount), all.Count, _givenUpCount, all.Sum(d => d.Recorder.FileCount),
            all.Sum(d => d.Recorder.LostCount), fingerprint);
    }

    public void Dispose()
    {
        _device.Dispose();
        _journal.Dispose();
    }

    private void Repeat(long meanNs, Action act) => _time.In(Drawn(meanNs), () =>
    {
        act();
        Repeat(meanNs, act);
    });

    /// <summary>Of an exponential distribution.</summary>
    private long Drawn(long meanNs) => (long)(-Math.Log(1 - _random.NextDouble()) * meanNs);

    private void Misbehave()
    {
        _faultCount++;
        var duration = TimeSpan.FromTicks(Drawn(20 * Second) / 100);
        switch (_random.Next(8))
        {
            case 0:
                _device.Recorder.IsDiskFull = true;
                var device = _device;
                _time.In(duration.Ticks * 100, () => device.Recorder.IsDiskFull = false);
                break;
            case 1:
                _time.DayOffsetNs += _random.NextInt64(-3600 * Second, 3600 * Second);
                break;
            case 2:
                _device.Cameras[_random.Next(_device.Cameras.Count)].AskRestart();
                break;
            case 3 or 4:
                _device.Stages.Misbehave(_random.Next(_device.Stages.Names.Count), Any<StageFault>(), duration);
                break;
            case 5:
                AllStagesFail(duration);
                break;
            default:
                _device.Cameras[_random.Next(_device.Cameras.Count)].Misbehave(Any<CameraFault>(), duration);
                break;
        }
    }

    private void AllStagesFail(TimeSpan duration)
    {
        for (int i = 0; i < _device.Stages.Names.Count; i++)
        {
            _device.Stages.Misbehave(i, StageFault.Fails, duration);
        }
    }

    /// <summary>Any but "none", which comes first.</summary>
    private T Any<T>() where T : struct, Enum => Enum.GetValues<T>()[_random.Next(1, Enum.GetValues<T>().Length)];

    /// <summary>The device starts anew from its config; its journal goes on where it was.</summary>
    private void CutPower()
    {
        if (!_device.Laptop.Waits)
        {
            StartAnew();
        }
    }

    private void StartAnew()
    {
        _device.Laws.CheckCounts();
        _device.Dispose();
        // After it: a trial that was on is noted as undecided.
        long number = _journal.LastNumber;
        _earlier.Add(_device);
        _journal.Dispose();
        _journal = new JournalFile(_folder, _time);
        Require(_journal.LastNumber == number && _journal.Complaint is null,
            $"after a power cut the journal is at number {_journal.LastNumber} instead of {number}; it complains: {_journal.Complaint}");
        _device = new SimulatedDevice(_time, _random, _manifest, _journal);
    }

    private void Check()
    {
        _time.In(10 * Second, Check);
        Require(_device.Laws.Broken is null, _device.Laws.Broken!);
        Require(_device.Stages.Broken is null, _device.Stages.Broken!);
        if (_device.IsGivenUp)
        {
            _device.Close();
            _givenUpCount++;
            StartAnew();
        }

        long now = _time.NowNs;
        foreach (var camera in _device.Cameras.Where(c => c.IsLive && now - c.HealthySinceNs > CameraGraceNs))
        {
            Require(now - camera.LastFrameNs < CameraGraceNs,
                $"a camera that is well since {Seconds(now - camera.HealthySinceNs)} was not read for {Seconds(now - camera.LastFrameNs)}");
        }

        foreach (var stream in _device.Engine.State.Streams)
        {
            long since = stream.Parts.Exchange.WaitingSinceNs;
            Require(since < 0 || now - since < Minute, $"a frame of {stream.Name} waits since {Seconds(now - since)}");
            bool isWell = now - Math.Max(_device.Stages.HealthySinceNs, _device.Cameras[stream.Index].HealthySinceNs) > StageGraceNs;
            long failing = _device.Laws.FailingSinceNs[stream.Index];
            Require(!isWell || failing == long.MaxValue || now - failing < StageGraceNs,
                $"frames of {stream.Name} fail since {Seconds(now - failing)}, and nothing is wrong with its stages: {stream.LastFault}");
            Require(stream.Pricing is not { } pricing || double.IsFinite(pricing.Prices.Price),
                $"the price of {stream.Name} is not a number");
        }
    }

    private static void Require(bool holds, string law)
    {
        if (!holds)
        {
            throw new BrokenLawException(law);
        }
    }

    private static string Seconds(long ns) => (ns / 1e9).ToString("0.0 s", CultureInfo.InvariantCulture);
}
