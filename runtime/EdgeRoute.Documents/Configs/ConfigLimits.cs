namespace EdgeRoute.Documents.Configs;

/// <summary>A range of whole numbers with its unit, as messages print it.</summary>
public readonly record struct IntegerRange(int Minimum, int Maximum, string Unit)
{
    public bool Contains(int value) => value >= Minimum && value <= Maximum;

    public override string ToString() => Unit.Length == 0 ? $"{Minimum} to {Maximum}" : $"{Minimum} to {Maximum} {Unit}";
}

/// <summary>A range of numbers with its unit, as messages print it.</summary>
public readonly record struct NumberRange(double Minimum, double Maximum, string Unit)
{
    public bool Contains(double value) => value >= Minimum && value <= Maximum;

    public override string ToString() => FormattableString.Invariant($"{Minimum} to {Maximum} {Unit}");
}

/// <summary>Every limit of a device config, each with its reason.</summary>
public static class ConfigLimits
{
    /// <summary>
    /// A config of 16 sources with comments is about 10 KiB; a larger file is not a config, and reading it would only take memory.
    /// </summary>
    public const int FileBytes = 256 * 1024;

    /// <summary>Longest text value: a GStreamer pipeline of four branches is about 1000 characters.</summary>
    public const int TextLength = 4096;

    /// <summary>Longest name of a pack or source: it is printed in every status line and annotated frame.</summary>
    public const int NameLength = 32;

    /// <summary>Packs loaded at once: each holds its weights in memory that the accelerator shares.</summary>
    public const int PackCount = 16;

    /// <summary>
    /// Sources at once: an Orin carrier board has at most 4 camera lanes; 16 leaves room for network cameras and recordings.
    /// </summary>
    public const int SourceCount = 16;

    /// <summary>Providers in the list: no build of the library carries more.</summary>
    public const int ProviderCount = 8;

    /// <summary>Options of one provider: TensorRT, which has the most, knows 48.</summary>
    public const int OptionCount = 64;

    /// <summary>What the kernel knows; above 0, frames would wait for whatever else runs.</summary>
    public static readonly IntegerRange Nice = new(-20, 0, "");
    public static readonly IntegerRange Realtime = new(0, 99, "");

    /// <summary>Below 100 ms a busy machine would end sound runs; above ten minutes nobody waits for an answer.</summary>
    public static readonly IntegerRange StageLimitMs = new(100, 600_000, "ms");

    /// <summary>0 lets the library take one thread per physical core; no board served here has more than 64.</summary>
    public static readonly IntegerRange ThreadCount = new(0, 64, "threads");

    /// <summary>Below 100 ms a slow camera in the dark would count as stalled; above 10 minutes a stall would go unnoticed.</summary>
    public static readonly IntegerRange StallMs = new(100, 600_000, "ms");

    /// <summary>Pictures are decoded on one thread; beyond 1000 a second nothing here follows.</summary>
    public static readonly NumberRange FramesPerSecond = new(0.01, 1000, "frames per second");

    /// <summary>0 shows every frame at once, in whatever order the network brings; 10 s is more than any camera buffers.</summary>
    public static readonly IntegerRange RtspLatencyMs = new(0, 10_000, "ms");

    /// <summary>Gain lies in 0 to 1: at a price of 10 per ms nothing that costs a tenth of a millisecond is worth it.</summary>
    public static readonly NumberRange PricePerMs = new(0, 10, "gain per ms");

    /// <summary>Below a millisecond nothing is carried; an answer of a minute ago is none.</summary>
    public static readonly NumberRange CarryMs = new(1, 60_000, "ms");

    /// <summary>At 0 a still camera's noise is a change; 1 is every change.</summary>
    public static readonly NumberRange CarryDrift = new(0.0001, 1, "of full brightness");

    /// <summary>At 0 any answer will do, which is no floor; at 1 only the heaviest path keeps it.</summary>
    public static readonly NumberRange Floor = new(0.01, 0.9999, "of the heaviest path's quality (write 0.97 for 97 %)");

    /// <summary>Budgets in milliseconds: as deadlines.</summary>
    public static readonly NumberRange BudgetMs = new(0.01, 60_000, "ms");

    /// <summary>The smallest board here draws some watts when idle; a workstation with its cards stays below 2 kW.</summary>
    public static readonly NumberRange BudgetWatts = new(0.1, 2000, "W (of the whole board)");

    /// <summary>Above the surroundings of any robot, below where every module has switched itself off.</summary>
    public static readonly NumberRange BudgetCelsius = new(30, 110, "C (of the hottest zone)");

    /// <summary>From a flight of minutes to a month.</summary>
    public static readonly NumberRange BatteryHours = new(0.05, 720, "h");

    /// <summary>A hundredth of a point takes ten thousand frames to tell; at half of the quality nothing is promised any more.</summary>
    public static readonly NumberRange QualityLoss = new(0.01, 50, "points of quality (write 1 for 1 %)");

    /// <summary>From a toy's cell to a vehicle's.</summary>
    public static readonly NumberRange BatteryWattHours = new(0.1, 100_000, "Wh");

    /// <summary>From 1 W for 10 microseconds to 1 kW for a second.</summary>
    public static readonly NumberRange BudgetMillijoules = new(0.01, 1_000_000, "mJ (of a frame)");

    /// <summary>A minute has 60,000 milliseconds; several accelerators could spend more, one cannot.</summary>
    public static readonly NumberRange DeviceMsPerMinute = new(1, 60_000, "ms of device time per minute");

    /// <summary>From a hundredth of a watt to a kilowatt, for a minute.</summary>
    public static readonly NumberRange EnergyPerMinute = new(600, 60_000_000, "mJ per minute");

    /// <summary>Up to a thousand frames in a second.</summary>
    public static readonly NumberRange HeavyRunsPerMinute = new(1, 60_000, "frames on the heaviest path per minute");

    /// <summary>An episode may last for a day, all of it device time.</summary>
    public static readonly NumberRange DeviceMsPerEpisode = new(1, 86_400_000, "ms of device time per episode");

    /// <summary>From a frame's energy to a kilowatt for a day.</summary>
    public static readonly NumberRange EnergyPerEpisode = new(1, 86_400_000_000, "mJ per episode");

    /// <summary>A day of frames at a hundred a second.</summary>
    public static readonly NumberRange HeavyRunsPerEpisode = new(1, 10_000_000, "frames on the heaviest path per episode");

    /// <summary>From one movement to a day.</summary>
    public static readonly NumberRange EpisodeSeconds = new(1, 86_400, "s");

    /// <summary>A share of frames.</summary>
    public static readonly NumberRange Share = new(0.0001, 1, "of the frames (write 0.2 for 20 %)");

    /// <summary>Relative to the other sources; three decimal orders each way are more than any robot's cameras differ.</summary>
    public static readonly NumberRange Weight = new(0.001, 1000, "times the weight of a source that says nothing");

    /// <summary>A person labels a few hundred frames a day.</summary>
    public static readonly IntegerRange KeepPerHour = new(1, 1000, "frames per hour");

    /// <summary>Rules of one source: what people watch one camera for is a handful; fifty take microseconds.</summary>
    public const int RuleCount = 64;

    /// <summary>From the frame at hand to a day.</summary>
    public static readonly NumberRange RuleMs = new(0, 86_400_000, "ms");

    /// <summary>From what a frame shows to an hour, which is a recording of its own.</summary>
    public static readonly NumberRange RuleRecordSeconds = new(1, 3600, "s");

    /// <summary>A command to a lamp or a siren has less; what is longer is a document.</summary>
    public const int RuleMessageBytes = 4096;

    public static readonly NumberRange RuleConfidence = new(0, 1, "(write 0.5 for 50 %)");

    /// <summary>No head reports more.</summary>
    public static readonly IntegerRange RuleObjects = new(0, 10_000, "objects");

    /// <summary>A car that fills a frame's side in a twentieth of a second is seen once.</summary>
    public static readonly NumberRange RuleSpeed = new(0.001, 20, "frame sides per second");

    /// <summary>At 0.01 centres are on each other; at 100 everything is near.</summary>
    public static readonly NumberRange RuleDiagonals = new(0.01, 100, "times the mean of both boxes' diagonals");

    /// <summary>All signals of a frame lie in it.</summary>
    public static readonly NumberRange RuleSignal = new(0, 1, "of the signal's full scale");

    /// <summary>A header has about 28 lines; each input has a thread.</summary>
    public const int GpioLineCount = 32;

    /// <summary>Headers have 40 pins.</summary>
    public static readonly IntegerRange HeaderPin = new(1, 40, "(of the board's header)");

    /// <summary>Buttons bounce for milliseconds; above a second nobody would press one again.</summary>
    public static readonly IntegerRange DebounceUs = new(0, 1_000_000, "us");

    /// <summary>The thread that drives lines wakes within a millisecond or so; above a minute a pulse is a level.</summary>
    public static readonly IntegerRange PulseMs = new(1, 60_000, "ms");

    /// <summary>Faster than 50 times a second is no heartbeat but a clock; slower than once a minute nobody waits for.</summary>
    public static readonly IntegerRange HeartbeatMs = new(20, 60_000, "ms");

    /// <summary>The numbers of I2C buses are small; a Jetson counts to 9, buses of displays and graphics cards to some dozens.</summary>
    public static readonly IntegerRange I2cBus = new(0, 255, "(the N of /dev/i2c-N)");

    /// <summary>With the monitor's range of 320 mV, from 320 A down to 32 mA.</summary>
    public static readonly NumberRange ShuntOhms = new(0.001, 10, "ohms");

    /// <summary>From one short recording to the largest disks of a workstation.</summary>
    public static readonly IntegerRange DiskMegabytes = new(1, 100_000_000, "MB");

    /// <summary>0 fills the disk to its end.</summary>
    public static readonly IntegerRange FreeMegabytes = new(0, 100_000_000, "MB");

    /// <summary>Servers at once: each has a connection and a thread.</summary>
    public const int EngineCount = 8;

    /// <summary>More stages than any pack has.</summary>
    public const int EngineStageCount = 32;

    /// <summary>Below a millisecond no server answers; a frame that waits longer than five seconds is of no use to a robot.</summary>
    public static readonly IntegerRange EngineTimeoutMs = new(1, 5000, "ms");
    public static readonly IntegerRange JpegQuality = new(1, 100, "(100 is the most)");

    /// <summary>Outputs of answers at once: a file each for a few programs. Each has a thread and a ring of answers.</summary>
    public const int OutputCount = 8;

    /// <summary>A joint moves little in a millisecond; what a robot knew of itself a minute ago is no state.</summary>
    public static readonly NumberRange StateAgeMs = new(1, 60_000, "ms");

    /// <summary>A task for a second is a movement; what a robot was told yesterday, nobody remembers.</summary>
    public static readonly NumberRange InstructionAgeMs = new(1000, 86_400_000, "ms");

    /// <summary>From a chess robot to a fast arm; the steps of policies are made for 5 to 50 a second.</summary>
    public static readonly NumberRange ActionHz = new(0.1, 200, "steps per second");

    /// <summary>From one step of a fast arm to the longest plan that anybody follows without looking.</summary>
    public static readonly NumberRange ActionAgeMs = new(1, 60_000, "ms");

    /// <summary>A camera on a bad network takes half a second.</summary>
    public static readonly NumberRange ActionLatencyMs = new(0, 1000, "ms");

    /// <summary>Axes of one robot: a PCA9685 has 16 channels, and few arms have more than seven joints.</summary>
    public const int AxisCount = 32;

    /// <summary>Values of a step, as the largest humanoids have joints.</summary>
    public static readonly IntegerRange ActionIndex = new(0, 255, "(0 is the first value of a step)");

    /// <summary>Policies give fractions, radians, degrees or millimetres.</summary>
    public static readonly NumberRange ActionValue = new(-1_000_000, 1_000_000, "(as the pack's plans have it)");

    /// <summary>Servos take 500 to 2500 us; no pulse is longer than the time between two at the lowest rate.</summary>
    public static readonly NumberRange PulseUs = new(1, 40_000, "us");

    /// <summary>Servos turn by 90 to 270 degrees, winches more; the package's servo takes no more than one turn.</summary>
    public static readonly NumberRange TravelDegrees = new(1, 360, "degrees");

    /// <summary>What the chip's prescaler reaches with its own oscillator.</summary>
    public static readonly IntegerRange Pca9685Hz = new(24, 1526, "Hz");

    /// <summary>Servos want 50; beyond what ears hear is enough for a motor.</summary>
    public static readonly IntegerRange PwmHz = new(10, 100_000, "Hz");

    /// <summary>Above what most ears hear, and slow enough for every H-bridge.</summary>
    public const int UsualMotorHz = 20_000;

    /// <summary>The numbers of PWM chips are small; boards have up to a dozen.</summary>
    public static readonly IntegerRange PwmChip = new(0, 255, "(the N of /sys/class/pwm/pwmchipN)");

    /// <summary>Chips in processors have up to sixteen or so.</summary>
    public static readonly IntegerRange PwmChannel = new(0, 63, "(of the chip)");

    /// <summary>From one in a quarter of an hour to what no camera exceeds.</summary>
    public static readonly NumberRange AnswerRateHz = new(0.001, 1000, "answers per second of a source");

    /// <summary>Classes chosen by name: more than a handful is nearly all of them.</summary>
    public const int AnswerClassCount = 64;

    /// <summary>Exactly once would cost each answer two journeys to the broker and back.</summary>
    public static readonly IntegerRange MqttQos = new(0, 1, "");

    /// <summary>Up to an hour.</summary>
    public static readonly IntegerRange MqttStatusSeconds = new(1, 3600, "s");

    /// <summary>The protocol's limit is 65535 for a whole topic; brokers and dashboards take less.</summary>
    public const int MqttTopicBytes = 256;

    /// <summary>From a minute to a month.</summary>
    public static readonly IntegerRange FileMinutes = new(1, 44_640, "minutes");

    /// <summary>From a day to ten years.</summary>
    public static readonly IntegerRange KeepDays = new(1, 3650, "days");

    /// <summary>Below 0.1 ms no stage can answer; above a minute it is no deadline.</summary>
    public static readonly NumberRange DeadlineMs = new(0.1, 60_000, "ms");

    /// <summary>From less than a frame of any camera to an hour, for one that takes a picture now and then.</summary>
    public static readonly NumberRange MaxAgeMs = new(1, 3_600_000, "ms");
}
