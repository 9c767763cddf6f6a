using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.TestBench.Robots;

/// <summary>
/// What a robot with two cameras would say: used by the tests, and as a device to look at <c>edgeroute top</c> with. The same tick gives
/// the same figures.
/// </summary>
internal sealed class RobotScript
{
    private const long StartUtcNs = 1_770_000_000_000_000_000;

    private static readonly string[] Paths = ["frame", "previous", "light", "light>heavy", "heavy"];

    private readonly long[] _captured = new long[2];
    private long _eventNumber = 3;

    public double Price { get; set; } = 0.0075;

    public TrialStatus? Trial { get; set; }

    public RecordingStatus? Recording { get; set; }

    public static DeviceDescription Description { get; } = new()
    {
        Device = "robot3", Version = "0.1.0", Board = "Jetson Orin Nano", OnnxRuntime = "1.20.0", ConfigPath = "/etc/edgeroute/device.yaml",
        Streams = [Stream(0, "front", "csi://0"), Stream(1, "rear", "rtsp://rear/stream")],
        Packs =
        [
            new PackDescription
            {
                Name = "shapes", Title = "Shapes on a table", Version = "1.2.0", ManifestPath = "/packs/shapes/manifest.json", Paths =
                    [.. Paths.Skip(1)],
                    Streams = ["front", "rear"],
            },
        ],
    };

    public static CalibrationCurve Curve { get; } = new()
    {
        Stream = "front", Teacher = "heavy", Device = "Jetson Orin Nano",
        Points =
        [
            new CurvePoint { Price = 0, DeviceMs = 11.9, Quality = 0.993 }, new CurvePoint { Price = 0.0025, DeviceMs = 9.1,
                Quality = 0.99 },
            new CurvePoint { Price = 0.005, DeviceMs = 7.4, Quality = 0.985 }, new CurvePoint { Price = 0.0075, DeviceMs = 6.1,
                Quality = 0.979 },
            new CurvePoint { Price = 0.01, DeviceMs = 5.2, Quality = 0.971 }, new CurvePoint { Price = 0.02, DeviceMs = 3.1,
                Quality = 0.934 },
        ],
        Floors = [new CertifiedFloor { Floor = 0.97, Price = 0.01 }, new CertifiedFloor { Floor = 0.99, Reason = "too few frames" }],
    };

    public EventList Events { get; } = new()
    {
        Events =
        [
            new EventEntry { Number = 1, UtcNs = StartUtcNs, Level = "notice", Text = "started with /etc/edgeroute/device.yaml" },
            new EventEntry { Number = 2, UtcNs = StartUtcNs + 4_000_000_000, Level = "warning", Stream = "rear",
                Text = "source restarted after 2.1 s: no frame within 2 s" },
            new EventEntry { Number = 3, UtcNs = StartUtcNs + 9_000_000_000, Level = "notice", Stream = "front",
                Text = "price 0.005 -> 0.0075 by anna (operator, tls)" },
        ],
    };

    public EventEntry NextEvent(string text) => new() { Number = ++_eventNumber, UtcNs = StartUtcNs + (_eventNumber * 1_000_000_000),
        Level = "notice", Stream = "front",
        Text = text };

    public void Teach(ScriptedDevice device)
    {
        device.Answer(ControlMethod.Hello, _ => new Welcome { Device = "robot3", Version = "0.1.0", Role = device.Role });
        device.Answer(ControlMethod.Describe, _ => Description);
        device.Answer(ControlMethod.Status, _ => Status(100));
        device.Answer(ControlMethod.Curve, _ => Curve);
        device.Answer(ControlMethod.Events, _ => Events);
        device.Answer(ControlMethod.Subscribe, _ => new Subscription { Number = 1 });
        device.Answer(ControlMethod.Trial, _ => Trial ?? throw new RpcRefusedException(RpcErrorCode.NotFound, "there was no trial"));
        device.Answer(ControlMethod.Snapshot, _ => new SnapshotReply { Stream = "front", Sequence = 4711, Path = "light",
            Jpeg = [0xFF, 0xD8, 0xFF, 0xD9] });
        device.Answer<RecordStartRequest>(ControlMethod.RecordStart, r =>
            Recording = new RecordingStatus { Name = r.Name.Length == 0 ? "robot3-1" : r.Name, Path = "/var/lib/edgeroute/robot3-1.erec",
                Frames = r.Frames, IsOpen = true,
                FileBytes = 4096 });
        device.Answer(ControlMethod.RecordStop, _ => Stopped());
        device.Answer<ChangeRequest>(ControlMethod.Change, Change);
        device.Answer(ControlMethod.TrialKeep, _ => Trial = EndOf("kept"));
        device.Answer(ControlMethod.TrialCancel, _ => Trial = EndOf("rolled_back"));
    }

    public DeviceStatus Status(int tick) => new()
    {
        NowUtcNs = StartUtcNs + (tick * 200_000_000L), UptimeS = 11_520 + (tick * 0.2), Trial = Trial,
        Recordings = Recording is null ? [] : [Recording],
        Streams = [Front(tick), Rear(tick)],
        Board = new BoardStatus
        {
            Watts = 12.4, HottestCelsius = 67, HottestZone = "gpu-thermal", PowerMode = "15W", GpuPercent = 58, CpuPercent = 41,
            CpuMegahertz = 1510,
            MemoryAvailableBytes = 4_300_000_000, MemoryTotalBytes = 7_800_000_000, ThrottleCount = 0,
        },
        Channel = new ChannelStatus { ConnectionCount = 1, SubscriberCount = 1, RequestCount = 42 },
    };

    public TelemetryMessage Telemetry(int tick) => new() { Subscription = 1, Number = tick + 1, Status = Status(tick) };

    public static TraceMessage Traces(int count) => new()
    {
        Subscription = 2,
        Number = 1,
        RecordBytes = BriefTrace.Bytes,
        Records = [.. Enumerable.Range(0, count).SelectMany(i => TraceBytes(i))],
    };

    private static byte[] TraceBytes(int i)
    {
        byte[] bytes = new byte[BriefTrace.Bytes];
        bool isLate = i % 3 == 2;
        var trace = new BriefTrace(
            1000 + i, 5_000_000_000 + (i * 33_000_000L), (uint)(isLate ? 41_000 : 12_500), 6_100, 800, 0, (short)(isLate ? 3 : 2),
            isLate ? FrameEnd.Escalated : FrameEnd.Exited, 2, isLate ? TraceFlags.Late : TraceFlags.None, 3, 0.91f, 0.0075f, 0.97f,
            isLate ? -8 : 20.5f, float.NaN, float.NaN);
        trace.Write(bytes);
        return bytes;
    }

    private static StreamDescription Stream(int index, string name, string address) => new()
    {
        Index = index, Name = name, Address = address, Pack = "shapes", Policy = "value", Task = "detection", IsCalibrated = true,
        DeadlineMs = 33,
        Nodes = [.. Paths.Select(p => new RouteNodeDescription { Path = p })],
    };

    private StreamStatus Front(int tick)
    {
        // A calm stretch and a busy one by turns, so that the picture shows something.
        bool isBusy = tick / 20 % 2 == 1;
        long[] nodes = isBusy ? [0, 0, 3, 2, 1] : [0, 1, 5, tick % 5 == 0 ? 1 : 0, 0];
        _captured[0] += nodes.Sum();
        return new StreamStatus
        {
            Name = "front", Pack = "shapes", Policy = "value", Captured = 34_560, Completed = 1_102, Exited = 24_011, Escalated = 5_120,
            Skipped = 4_200, Dropped = 121, Failed = 3,
            Late = 64, Fallbacks = 2, SourceRestarts = 1, DeadlineMs = 33,
            Window = new WindowStatus
            {
                Seconds = 10, FrameCount = 300, FramesPerSecond = 30, LatencyMsP50 = 12.1, LatencyMsP95 = 24.7, LatencyMsP99 = 31.4,
                LatencyMsMax = 40.2, DeviceMsMean = 6.32,
                Paths = [Share("light", 0.64), Share("light>heavy", 0.19), Share("previous", 0.12), Share("heavy", 0.05)],
            },
            Price = new PriceStatus
            {
                InForce = Price, Asked = Price, Ceiling = 0.01, AskedBy = "device_ms", Dial = 0.005, Floor = 0.97,
                Budgets =
                [
                    new BudgetStatus { Name = "device_ms", Measured = 6.32, Target = 6, Unit = "ms a frame", IsMissed = true },
                    new BudgetStatus { Name = "watts", Measured = 12.4, Target = 15, Unit = "W" },
                ],
            },
            Audit = new AuditStatus { Share = 0.05, AuditedCount = 1_730, LetGoCount = 2, BreachCount = 0, AgreementMean = 0.982 },
            RecentNodes = [.. nodes], RecentLate = tick % 17 == 0 ? 1 : 0, RecentDropped = tick % 23 == 0 ? 1 : 0,
            RecentFailed = tick % 61 == 60 ? 1 : 0,
        };
    }

    private static StreamStatus Rear(int tick) => new()
    {
        Name = "rear", Pack = "shapes", Policy = "cascade", Captured = 17_280, Exited = 17_000, Dropped = 280, DeadlineMs = 50,
        Window = new WindowStatus
        {
            Seconds = 10, FrameCount = 150, FramesPerSecond = 15, LatencyMsP50 = 18.3, LatencyMsP95 = 29, LatencyMsP99 =
                52.5, DeviceMsMean = 7.7, Paths = [Share("light",
                0.8), Share("light>heavy", 0.2)],
        },
        RecentNodes = [0, 0, 2, tick % 3 == 0 ? 1 : 0, 0],
    };

    private static PathShare Share(string path, double share) => new() { Path = path, Share = share, FrameCount = (long)(300 * share) };

    private ChangeReply Change(ChangeRequest request)
    {
        string before = $"{Price}";
        bool hasPrice = request.Set.Price.IsGiven;
        Trial = request is { Trial: { } trial, IsDryRun: false }
            ? new TrialStatus { Stream = "front", State = "running", SecondsLeft = trial.Seconds,
                NeedsConfirmation = trial.NeedsConfirmation,
                Conditions = ["latency p99 31.4 of 33 ms"], JournalNumber = 7 } : Trial;
        Price = hasPrice && !request.IsDryRun ? request.Set.Price.Number ?? 0 : Price;
        return new ChangeReply
        {
            IsApplied = !request.IsDryRun, JournalNumber = request.IsDryRun ? 0 : 7, Trial = request.IsDryRun ? null : Trial,
                Effects = ["device time 5.2 ms a frame, quality 0.971 predicted"],
            Differences = [new SettingDifference { Name = hasPrice ? "price" : "budget.device_ms", Before = hasPrice ? before : "6",
                After = hasPrice ? $"{request.Set.Price}"
                : $"{request.Set.DeviceMs}" }],
        };
    }

    private TrialStatus EndOf(string state) => new() { Stream = "front", State = state, JournalNumber = 7,
        Conditions = [state == "kept" ? "kept by anna" : "cancelled by anna"] };

    private RecordingStatus Stopped()
    {
        var stopped = Recording ?? throw new RpcRefusedException(RpcErrorCode.NotFound, "no recording is open");
        (stopped.IsOpen, stopped.TraceCount, Recording) = (false, 1234, null);
        return stopped;
    }
}
