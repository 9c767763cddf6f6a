using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Engine.Running;

/// <summary>What one stream is, or is to become: its settings, its pack, and the parts made of both.</summary>
public sealed record StreamPlan(SourceConfig Source, LoadedPack Pack, FrameStreamParts Parts);
