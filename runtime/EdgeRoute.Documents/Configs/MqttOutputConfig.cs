using System.Globalization;
using System.Text;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>The versions of MQTT that are spoken.</summary>
public enum MqttVersion
{
    /// <summary>5.0.</summary>
    Five,

    /// <summary>3.1.1.</summary>
    ThreeOneOne,
}

/// <summary>Answers, events and status as messages to an MQTT broker.</summary>
/// <param name="Broker">As written: it may name variables of the environment. See <see cref="MqttAddress"/>.</param>
public sealed record MqttOutputConfig(string Name, string Broker) : OutputConfig(Name, OutputKind.Mqtt)
{
    private const int UsualStatusSeconds = 10;

    public string? User { get; init; }

    public ConfigPath? PasswordFile { get; init; }

    /// <summary>Null for one by the machine's name.</summary>
    public string? WrittenTopic { get; init; }

    /// <summary>What all topics begin with, without a slash at the end.</summary>
    public string Topic => WrittenTopic ?? $"edgeroute/{Environment.MachineName}";

    /// <summary>Null for one by the machine's and the output's names.</summary>
    public string? WrittenClientId { get; init; }

    public string ClientId => WrittenClientId ?? $"edgeroute-{Environment.MachineName}-{Name}";

    public MqttVersion Version { get; init; }

    /// <summary>Of answers: 0 once or never, 1 at least once. All else is sent at least once.</summary>
    public int Qos { get; init; }

    /// <summary>Seconds between two messages of status.</summary>
    public int StatusSeconds { get; init; } = UsualStatusSeconds;

    /// <summary>The authorities of brokers; null for those of the system.</summary>
    public ConfigPath? CaFile { get; init; }

    /// <summary>This device's own certificate; null for none.</summary>
    public ConfigPath? CertificateFile { get; init; }

    /// <summary>Its key; null where it lies in the same file.</summary>
    public ConfigPath? KeyFile { get; init; }

    public AnswerFilterConfig Filter { get; init; } = AnswerFilterConfig.All;

    /// <summary>Where Home Assistant looks for descriptions of devices; null: none are sent.</summary>
    public string? DiscoveryPrefix { get; init; }

    /// <summary>A broker lets go of a client when another comes by the same id.</summary>
    internal override (string Key, string Value) Own => ("client_id", ClientId);

    internal static MqttOutputConfig? Read(string name, ConfigSection section)
    {
        string? broker = section.Text("broker", isRequired: true);
        var output = new MqttOutputConfig(name, broker ?? "")
        {
            User = section.Text("user"),
            PasswordFile = section.Path("password_file", PathNeed.File),
            WrittenTopic = TopicOf(section, "topic"),
            WrittenClientId = section.Text("client_id"),
            Version = section.Choice("version", ConfigEnums.MqttVersions, MqttVersion.Five),
            Qos = section.Integer("qos", ConfigLimits.MqttQos, 0),
            StatusSeconds = section.Integer("status_seconds", ConfigLimits.MqttStatusSeconds, UsualStatusSeconds),
            CaFile = section.Path("ca_file", PathNeed.File),
            CertificateFile = section.Path("certificate_file", PathNeed.File),
            KeyFile = section.Path("key_file", PathNeed.File),
            Filter = AnswerFilterConfig.Read(section),
            DiscoveryPrefix = ReadDiscovery(section),
        };
        output.CheckClientId(section);
        if (broker is not null)
        {
            output.CheckBroker(section);
        }

        output.CheckFiles(section);
        return broker is null ? null : output;
    }

    internal override void AddTo(StringBuilder text)
    {
        void Add(string key, string? value) => text.Append(value is null ? "" : $"    {key}: {EffectiveText.Quoted(value)}\n");

        Add("broker", Broker);
        Add("user", User);
        Add("password_file", PasswordFile?.Written);
        Add("topic", WrittenTopic);
        Add("client_id", WrittenClientId);
        text.Append(CultureInfo.InvariantCulture, $"    version: {ConfigEnums.Of(ConfigEnums.MqttVersions, Version)}\n    qos: {Qos}\n"
            + $"    status_seconds: {StatusSeconds}\n");
        Add("ca_file", CaFile?.Written);
        Add("certificate_file", CertificateFile?.Written);
        Add("key_file", KeyFile?.Written);
        Filter.AddTo(text);
        text.Append(CultureInfo.InvariantCulture, $"    home_assistant: {(DiscoveryPrefix is null ? "false" : "true")}\n");
        Add("discovery_prefix", DiscoveryPrefix);
    }

    internal override OutputConfig WithoutSecrets() => this with { Broker = AddressText.OfSource(Broker) };

    private static string? ReadDiscovery(ConfigSection section)
    {
        bool isWanted = section.Flag("home_assistant", false);
        string? prefix = TopicOf(section, "discovery_prefix");
        if (prefix is not null && !isWanted)
        {
            section.Report("discovery_prefix", "is given, and 'home_assistant' is not true; nothing would be sent there");
        }

        return isWanted ? prefix ?? "homeassistant" : null;
    }

    /// <summary>A topic that can be published to.</summary>
    internal static string? TopicOf(ConfigSection section, string key)
    {
        if (section.Text(key) is not { } topic)
        {
            return null;
        }

        bool isWrong = topic.AsSpan().IndexOfAny('+', '#') >= 0 || topic.Any(char.IsControl) || topic[0] is '$' or '/'
            || topic[^1] == '/' || topic.Contains("//", StringComparison.Ordinal);
        int length = Encoding.UTF8.GetByteCount(topic);
        if (isWrong || length > ConfigLimits.MqttTopicBytes)
        {
            section.Report(key, isWrong ? $"is '{topic}'; a topic is words with '/' between them, such as site/robot1, without '+', '#' "
                + "and a '$' at its beginning" : $"is {length} bytes long; at most {ConfigLimits.MqttTopicBytes} are possible");
        }

        return topic;
    }

    private void CheckClientId(ConfigSection section)
    {
        if (WrittenClientId is { } id && (id.Any(char.IsControl) || Encoding.UTF8.GetByteCount(id) > ConfigLimits.MqttTopicBytes))
        {
            section.Report("client_id", $"must have no control characters and at most {ConfigLimits.MqttTopicBytes} bytes");
        }
    }

    private void CheckBroker(ConfigSection section)
    {
        var address = MqttAddress.Of(Broker, out string problem);
        if (address is null && EnvironmentText.Resolve(Broker, out _) is null)
        {
            section.ReportOfMachine("broker", problem);
        }
        else if (address is null)
        {
            section.Report("broker", problem);
        }

        if (address?.User is not null && (User ?? PasswordFile?.Written) is not null)
        {
            section.Report("broker", "holds a user already; leave it out of the address, or take out 'user' and 'password_file'");
        }

        if (PasswordFile is not null && User is null)
        {
            section.ReportAt(section.At, $"{section.Name} has 'password_file' and no 'user'; a broker wants both");
        }

        if (address is { IsTls: false } && (CaFile ?? CertificateFile ?? KeyFile) is not null)
        {
            section.Report("broker", "is mqtt://, which has no TLS, and certificates are given; write mqtts://");
        }
    }

    private void CheckFiles(ConfigSection section)
    {
        Check(section, "password_file", PasswordFile, path => MqttFiles.ReadPassword(path));
        Check(section, "ca_file", CaFile, path => MqttFiles.ReadAuthorities(path));
        if (KeyFile is null || System.IO.File.Exists(KeyFile.Full))
        {
            Check(section, "certificate_file", CertificateFile, path => MqttFiles.ReadCertificate(path, KeyFile?.Full ?? path).Dispose());
        }

        if (KeyFile is not null && CertificateFile is null)
        {
            section.Report("key_file", "is given, and 'certificate_file' is not; the broker is shown a certificate, and the key proves it");
        }
    }

    /// <summary>One that is not there is told by its path.</summary>
    private static void Check(ConfigSection section, string key, ConfigPath? path, Action<string> read)
    {
        try
        {
            if (path is not null && System.IO.File.Exists(path.Full))
            {
                read(path.Full);
            }
        }
        catch (TrustException refused)
        {
            section.ReportOfMachine(key, refused.Message);
        }
    }
}
