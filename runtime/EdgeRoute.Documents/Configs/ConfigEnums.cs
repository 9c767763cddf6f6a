using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Configs;

/// <summary>The words a config uses for the values of its choices.</summary>
public static class ConfigEnums
{
    /// <summary>Written where a value is left out on purpose.</summary>
    public const string None = "none";

    /// <summary>Written where the program is to choose.</summary>
    internal const string Auto = "auto";

    public static readonly EnumName<DeliveryMode>[] Takes =
        [new("newest", DeliveryMode.NewestWins), new("every", DeliveryMode.EveryFrame)];
    public static readonly EnumName<SourcePace>[] Paces = [new("source", SourcePace.Source), new("free", SourcePace.AsTaken)];
    public static readonly EnumName<RtspTransport>[] RtspTransports =
        [new("auto", RtspTransport.Auto), new("tcp", RtspTransport.Tcp), new("udp", RtspTransport.Udp)];
    public static readonly EnumName<PolicyKind>[] Policies = [new("fixed", PolicyKind.Fixed),
        new("skipping", PolicyKind.Skipping), new("cascade", PolicyKind.Cascade), new("value", PolicyKind.Value)];
    public static readonly EnumName<RecordedFrames>[] Frames =
        [new("raw", RecordedFrames.Raw), new("jpeg", RecordedFrames.Jpeg), new("none", RecordedFrames.None)];

    public static readonly EnumName<OutputKind>[] Outputs = [new("jsonl", OutputKind.Jsonl), new("mqtt", OutputKind.Mqtt),
        new("websocket", OutputKind.WebSocket)];
    public static readonly EnumName<EngineKind>[] Engines = [new("remote", EngineKind.Remote)];
    public static readonly EnumName<TensorForm>[] TensorForms = [new("binary", TensorForm.Binary), new("json", TensorForm.Json)];
    public static readonly EnumName<EngineUse>[] EngineUses = [new("faster", EngineUse.Faster), new("always", EngineUse.Always)];
    public static readonly EnumName<MqttVersion>[] MqttVersions =
        [new("5", MqttVersion.Five), new("3.1.1", MqttVersion.ThreeOneOne)];
    public static readonly EnumName<AnswerFormat>[] AnswerFormats =
        [new("json", AnswerFormat.Json), new("msgpack", AnswerFormat.MessagePack)];

    public static readonly EnumName<GpioUse>[] GpioUses =
    [
        new("trigger", GpioUse.Trigger), new("stop", GpioUse.Stop), new("lock", GpioUse.Lock), new("rule", GpioUse.Rule),
        new("heartbeat", GpioUse.Heartbeat), new("motor", GpioUse.Motor),
    ];
    public static readonly EnumName<GpioBias>[] GpioBiases =
    [
        new("as_is", GpioBias.AsIs), new("pull_up", GpioBias.PullUp), new("pull_down", GpioBias.PullDown),
        new("disabled", GpioBias.Disabled),
    ];
    public static readonly EnumName<GpioDrive>[] GpioDrives = [new("push_pull", GpioDrive.PushPull),
        new("open_drain", GpioDrive.OpenDrain), new("open_source", GpioDrive.OpenSource)];
    public static readonly EnumName<bool>[] GpioLevels = [new("inactive", false), new("active", true)];
    public static readonly EnumName<StateOrigin>[] StateOrigins = [new("channel", StateOrigin.Channel), new("mqtt", StateOrigin.Mqtt)];
    public static readonly EnumName<bool?>[] Blends = [new(Auto, null), new("true", true), new("false", false)];
    public static readonly EnumName<ActuatorKind>[] Actuators =
    [
        new("channel", ActuatorKind.Channel), new("log", ActuatorKind.Log), new("mqtt", ActuatorKind.Mqtt),
        new("pca9685", ActuatorKind.Pca9685), new("servo", ActuatorKind.Servo), new("dc_motor", ActuatorKind.DcMotor),
    ];

    /// <summary>The word for a value of a choice.</summary>
    public static string Of<T>(EnumName<T>[] words, T value) =>
        Array.Find(words, w => EqualityComparer<T>.Default.Equals(w.Value, value))!.Text;
}
