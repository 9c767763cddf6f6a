using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Running;

/// <summary>What a run is asked for beside its device config.</summary>
/// <param name="FrameLimit">Frames after which the run ends.</param>
/// <param name="AnnotateFolder">Folder for pictures with boxes and reasons; null for none.</param>
/// <param name="AnswersFile">File for answers as JSON lines; null for none.</param>
/// <param name="Schemes">Makers of sources that other parts bring, by scheme (<c>sim</c>).</param>
public sealed record EngineOptions(
    long FrameLimit, string? AnnotateFolder, string? AnswersFile, IReadOnlyDictionary<string, SourceMaker> Schemes)
{
    /// <summary>Takes the answers where no file does, such as standard output; stays the caller's. Null for none.</summary>
    public OutputDescriptor? AnswersOutput { get; init; }

    /// <summary>A pipe or device that takes the answers, with its path; stays the caller's. Null for none.</summary>
    public NamedOutput? AnswersStream { get; init; }

    /// <summary>Where the machine's sensors are read.</summary>
    public SystemFiles Files { get; init; } = new();

    /// <summary>The emergency stop of all runs with these options.</summary>
    public StopSwitch EmergencyStop { get; init; } = new(TimeProvider.System);

    /// <summary>Takes a GPIO line; null leaves all lines alone, for a run that is none of the device's own.</summary>
    public Func<GpioLineConfig, IGpioLine>? OpenLine { get; init; } = HeldLine.OpenOnBoard;

    /// <summary>The web servers of this process, which a run shares with the control channel's metrics.</summary>
    public WebHosts Web { get; init; } = new();

    /// <summary>The program, with its arguments, that runs an isolated source.</summary>
    public IReadOnlyList<string> CaptureCommand { get; init; } = CaptureChild.HostCommand;
}

/// <summary>A descriptor that takes answers, and what it is called in messages.</summary>
public sealed record NamedOutput(string Name, OutputDescriptor Output);
