using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>A change that is checked and prepared, and has not happened.</summary>
/// <param name="StreamIndex">0-based index of the stream.</param>
/// <param name="Before">The source as it is.</param>
/// <param name="Next">The stream as it becomes.</param>
/// <param name="Differences">Each setting that differs.</param>
/// <param name="NeedsNewRecordings">Policy or pack change: recordings name both in their session start.</param>
internal sealed record ChangePlan(int StreamIndex, SourceConfig Before, StreamPlan Next, List<SettingDifference> Differences, bool NeedsNewRecordings);
