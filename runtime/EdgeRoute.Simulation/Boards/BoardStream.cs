using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Simulation.Boards;

/// <summary>
/// One source of a config on a simulated board: its camera's clock, its frames' content, and the road of a frame with costs by the pack's
/// measurements in place of stages.
/// </summary>
internal sealed class BoardStream
{
    /// <summary>Of a camera whose rate nobody says.</summary>
    private const double UsualFramesPerSecond = 30;

    private readonly DecidingStream _stream;
    private readonly BoardContent _content;
    private readonly SimulatedBoard _board;
    private readonly long _periodNs, _offsetNs, _deadlineNs;
    private readonly double[] _measuredMs;
    private TraceRecord _record;
    private long _nextSequence, _answeredNs = long.MinValue;

    /// <exception cref="EngineRefusedException">The pack has no measured costs, or was not calibrated.</exception>
    public BoardStream(int index, DecidingStream stream, SimulatedBoard board, ulong seed)
    {
        (Index, _stream, _board) = (index, stream, board);
        if (stream.Calibration is not { } calibration)
        {
            throw Refused("was not calibrated, so nothing is known of its frames; run edgeroute calibrate");
        }

        var tree = stream.Router.Tree;
        var costs = stream.Router.Costs;
        _measuredMs = [.. tree.Variants.Select(v => (double)costs.OfVariant(v.Index).MsP50)];
        if (_measuredMs.Any(ms => !(ms > 0)))
        {
            throw Refused("has no measured costs for every stage; run edgeroute calibrate or edgeroute measure");
        }

        _content = new BoardContent(tree, calibration, seed);
        _periodNs = (long)(1e9 / RateOf(stream.Source));
        // Cameras do not begin at once: frames of equal rates would else wait for each other for good.
        _offsetNs = _periodNs * index / 7;
        _deadlineNs = stream.Source.DeadlineMs is { } ms ? (long)(ms * 1e6) : long.MaxValue;
        PathCounts = new long[tree.Nodes.Count];
    }

    public int Index { get; }

    public string Name => _stream.Source.Name;

    public RouteTree Tree => _stream.Router.Tree;

    /// <summary>Frames that ended at each node since the start.</summary>
    public long[] PathCounts { get; }

    public long CapturedCount { get; private set; }

    public long DroppedCount { get; private set; }

    public long LateCount { get; private set; }

    /// <summary>Sum over all frames captured: a late answer counts nothing, a dropped frame has the answer before.</summary>
    public double QualitySum { get; private set; }

    public double DeviceMsSum { get; private set; }

    public double Price => _stream.Pricing?.Prices.Price ?? 0;

    public DecidingStream Deciding => _stream;

    /// <summary>The story of the frame that ended last.</summary>
    public ref readonly TraceRecord Record => ref _record;

    /// <summary>When the next frame comes.</summary>
    public long NextNs => _offsetNs + (_nextSequence * _periodNs);

    /// <summary>
    /// Takes the newest frame there is now, and sees it to its end; those before it are dropped, as the engine drops them.
    /// </summary>
    /// <param name="nowNs">Of the lane: when the frame is taken.</param>
    /// <param name="gauge">What the sensors said last.</param>
    /// <returns>Device time, in nanoseconds.</returns>
    public long Run(long nowNs, PowerGauge gauge, double backlogMs)
    {
        Drop(nowNs);
        var router = _stream.Router;
        long captureNs = NextNs;
        Begin(captureNs, nowNs);
        _stream.Pricing?.BeforeFrame(nowNs, gauge.Watts, null);
        int at = 0;
        var option = Decide(at, nowNs);
        while (option.VariantIndex >= 0)
        {
            float ms = (float)_board.RunMs(_measuredMs[option.VariantIndex]);
            _record.StagesNs += (long)(ms * 1e6);
            router.Costs.Observe(option.VariantIndex, ms);
            at = option.NodeIndex;
            option = Decide(at, nowNs + _record.StagesNs);
        }

        End(at, option, nowNs + _record.StagesNs);
        _record.EnergyMillijoules = (float)(_record.StagesNs / 1e6 * gauge.Watts);
        router.Costs.EndFrame(_record.PublishedNs, gauge.ClockMegahertz);
        _stream.Pricing?.AfterFrame(_record, backlogMs, gauge.Watts, gauge.Celsius);
        _nextSequence++;
        return _record.StagesNs;
    }

    /// <summary>As the source or its address says (<c>?fps=15</c>).</summary>
    private static double RateOf(SourceConfig source)
    {
        const string Key = "fps=";
        string[] pairs = source.Address.Text.Split('?', '&');
        string? said = Array.Find(pairs, p => p.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..];
        double rate = double.TryParse(said, CultureInfo.InvariantCulture, out double told) ? told : 0;
        rate = source.FramesPerSecond is > 0 and var asked ? asked : rate;
        return rate is > 0 and <= 1000 ? rate : UsualFramesPerSecond;
    }

    private void Drop(long nowNs)
    {
        for (; NextNs + _periodNs <= nowNs; _nextSequence++)
        {
            NextContent(NextNs);
            CapturedCount++;
            DroppedCount++;
            QualitySum += IsYoung(NextNs) ? _content.QualityOfPrevious() : 0;
        }
    }

    private void Begin(long captureNs, long nowNs)
    {
        CapturedCount++;
        NextContent(captureNs);
        _record = default;
        _record.Stamp = new FrameStamp(Index, _nextSequence, captureNs, captureNs);
        _record.TakenNs = nowNs;
        _record.DeadlineNs = _deadlineNs == long.MaxValue ? long.MaxValue : captureNs + _deadlineNs;
        _record.Signals = _content.Frame;
        _record.AuditLoss = float.NaN;
    }

    private void NextContent(long captureNs)
    {
        float age = _answeredNs == long.MinValue ? float.PositiveInfinity : (captureNs - _answeredNs) / 1e6f;
        _content.Next(_periodNs / 1e9, age);
    }

    private bool IsYoung(long captureNs) => _answeredNs != long.MinValue && (captureNs - _answeredNs) / 1e6 <= _stream.Router.MaxAgeMs;

    private RouteOption Decide(int nodeIndex, long nowNs)
    {
        var router = _stream.Router;
        int at = Math.Min(_record.DecisionCount, RouteTree.DepthLimit - 1);
        _record.DecisionCount = at + 1;
        router.SpentMs = _record.StagesNs / 1e6f;
        long slack = _record.DeadlineNs == long.MaxValue ? long.MaxValue : _record.DeadlineNs - nowNs;
        return router.Decide(nodeIndex, _record.Signals, nodeIndex == 0 ? default : _content.ExitAt(nodeIndex), slack, 0,
            ref _record.Decisions[at]);
    }

    private void End(int nodeIndex, RouteOption option, long nowNs)
    {
        _record.PublishedNs = nowNs;
        bool isLate = nowNs > _record.DeadlineNs;
        _record.Flags = isLate ? TraceFlags.Late : TraceFlags.None;
        LateCount += isLate ? 1 : 0;
        DeviceMsSum += _record.StagesNs / 1e6;
        bool isPrevious = option.Kind == OptionKind.Previous;
        _record.End = Tree.EndOf(option);
        _record.NodeIndex = isPrevious ? option.NodeIndex : nodeIndex;
        PathCounts[_record.NodeIndex]++;
        if (_content.IsHeaviest(_record.NodeIndex) && IsYoung(_record.Stamp.CaptureNs))
        {
            _stream.Pricing?.Looks?.Show(1 - (float)_content.QualityOfPrevious(), float.NaN);
        }

        QualitySum += isLate ? 0 : Math.Max(_content.QualityOf(nodeIndex, option), 0);
        _answeredNs = isPrevious ? _answeredNs : _record.Stamp.CaptureNs;
    }

    private EngineRefusedException Refused(string words) => new(RefusalCause.Config,
        $"source '{Name}': the pack '{_stream.Pack.Name}' {words}");
}
