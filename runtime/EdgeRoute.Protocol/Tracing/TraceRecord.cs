using System.Runtime.CompilerServices;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Protocol.Tracing;

/// <summary>Room for every decision of one frame.</summary>
[InlineArray(RouteTree.DepthLimit)]
public struct DecisionRecords
{
    private DecisionRecord _first;
}

/// <summary>A window of the frame that a stage looked at, as fractions of the frame's sides.</summary>
/// <param name="DecisionIndex">The decision that led to it.</param>
public readonly record struct TracedWindow(float Left, float Top, float Width, float Height, byte DecisionIndex)
{
    public static TracedWindow Of(in FrameRegion window, int decisionIndex) =>
        new((float)window.Left, (float)window.Top, (float)window.Width, (float)window.Height, (byte)decisionIndex);
}

/// <summary>Room for the windows of one frame.</summary>
[InlineArray(TraceRecord.WindowLimit)]
public struct TracedWindows
{
    private TracedWindow _first;
}

/// <summary>What happened beside the plain road. Bit values are part of the trace format.</summary>
[Flags]
public enum TraceFlags : ushort
{
    None = 0,

    /// <summary>Published after its deadline.</summary>
    Late = 1,

    /// <summary>Signals could not be computed, so the fixed route was taken.</summary>
    SignalsFailed = 2,

    /// <summary>A stage failed and another option answered instead.</summary>
    Fallback = 4,

    /// <summary>The first frame after the capture thread restarted the source.</summary>
    SourceRestarted = 8,

    /// <summary>No stage has answered a frame of the source for longer than its answers may be old.</summary>
    Stale = 16,

    /// <summary>Signals were not measured, because the policy reads none: of them the age of the last answer alone is known.</summary>
    SignalsLeftOut = 32,

    /// <summary>A server ran a stage.</summary>
    AtServer = 64,

    /// <summary>A stage ran on the device because its server was late, failed or could not be asked.</summary>
    HereInstead = 128,
}

/// <summary>What went wrong first on a frame. Byte values are part of the trace format.</summary>
public enum FrameFault : byte
{
    None = 0,

    /// <summary>Its pixels cannot be decoded or used.</summary>
    Pixels = 1,

    /// <summary>A stage failed.</summary>
    Stage = 2,

    /// <summary>What a stage yielded makes no answer: values that are not numbers or out of their range, another shape.</summary>
    Output = 3,

    /// <summary>Every stage was left out, and no answer was young enough to reuse.</summary>
    NoOption = 4,

    /// <summary>The instruction or the robot's state was missing or not understood.</summary>
    Task = 5,

    /// <summary>A step of the program itself failed.</summary>
    Program = 6,
}

/// <summary>
/// The whole story of one frame in a fixed number of bytes; RECORDING.md gives the layout on disk. Times are nanoseconds of the monotonic
/// clock.
/// </summary>
public struct TraceRecord
{
    /// <summary>More crops than this are told as this many.</summary>
    public const int CropCountMost = 255;

    /// <summary>Of their time likewise: 16 seconds.</summary>
    public const int CropsMicrosecondsMost = (1 << 24) - 1;

    /// <summary>
    /// Windows of one frame that are told: two rounds of as many as an edge may have. More are looked at and left out here.
    /// </summary>
    public const int WindowLimit = 2 * WindowRule.CountMost;

    public FrameStamp Stamp;

    /// <summary>When the loop took the frame from its source.</summary>
    public long TakenNs;

    /// <summary>When the answer was handed to consumers.</summary>
    public long PublishedNs;

    /// <summary>The deadline, an instant; <see cref="long.MaxValue"/> without one.</summary>
    public long DeadlineNs;
    public FrameEnd End;
    public TraceFlags Flags;

    /// <summary>What went wrong first; a frame may have been answered all the same.</summary>
    public FrameFault Fault;

    /// <summary>Route tree node whose answer was published; -1 for a failed frame.</summary>
    public int NodeIndex;
    public FrameSignals Signals;
    public long SignalsNs;
    public long PreprocessNs;
    public long StagesNs;
    public long HeadsNs;

    /// <summary>Detections published (detection), class index (classification), else 0; and the largest confidence.</summary>
    public int AnswerCount;
    public float AnswerConfidence;

    /// <summary>Energy of the frame by the device's sensor; NaN without one.</summary>
    public float EnergyMillijoules;

    /// <summary>Device time of the audit, in nanoseconds; 0 for a frame that was not audited.</summary>
    public long AuditNs;

    /// <summary>Crops of the frame that stages looked at, up to <see cref="CropCountMost"/>; their device time in microseconds is part of
    /// the times above.</summary>
    public int CropCount, CropsMicroseconds;

    /// <summary>Loss of the published answer against the heaviest path's, in [0, 1]; NaN for a frame that was not audited.</summary>
    public float AuditLoss;

    /// <summary>With which this frame was chosen for audit, in (0, 1]; 0 where nothing is audited.</summary>
    public float AuditProbability;
    public int DecisionCount;
    public DecisionRecords Decisions;

    /// <summary>Windows of the frame that stages looked at, in the order of the looks.</summary>
    public int WindowCount;

    public TracedWindows Windows;

    /// <summary>Capture to publish.</summary>
    public readonly long LatencyNs => PublishedNs - Stamp.CaptureNs;
}
