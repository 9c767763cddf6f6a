using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>
/// The calibration of a written pack, for the value policy and its budgets: from the runs that the choice was made by, so that nothing is
/// run again. The written pack's own heaviest path teaches, as it does on the device.
/// </summary>
internal sealed class ChainCalibration(ChoicePoint point, ChoiceFacts facts, FrameLabels? labels)
{
    /// <summary>As <c>edgeroute calibrate</c> takes them where nothing is said.</summary>
    private static readonly double[] Floors = [0.9, 0.95, 0.97, 0.99];

    private const double Confidence = 0.95, FitShare = 0.6;

    /// <returns>The file.</returns>
    public string Write(WrittenPack target, Action<string> progress, CancellationToken cancel)
    {
        progress("calibrating the chosen pack");
        var pack = PackReader.Read(target.Manifest);
        var tree = new RouteTree(pack.Graph);
        var swept = new SweptRecording(facts.Request.Source, tree, pack.Task, Frames(tree));
        var request = facts.Request;
        var opened = new OpenedSweep(pack, swept, swept, swept.HeaviestNode(), labels, request.DoubtBand, 0);
        var choice = new SweepChoice(target.Manifest, null, request.Source, request.FramesPerSecond, request.Labels, "", request.FrameLimit,
            FrameSpan.All, request.DoubtBand, null, request.Library, point.Threads);
        var document = CalibrationRun.Run(opened, new CalibrateRequest(choice, Floors, Confidence, FitShare), progress, cancel);
        string path = Path.Combine(target.Folder, CalibrationFile.UsualName);
        File.WriteAllBytes(path + ".part", CalibrationFile.Write(document));
        File.Move(path + ".part", path, overwrite: true);
        return path;
    }

    private List<SweptFrame> Frames(RouteTree tree)
    {
        var packs = point.Chain.Packs.ToList();
        ChainLink[] links = [.. tree.Variants.Select(v => LinkOf(tree, v))];
        int[] nodes = [.. tree.Variants.Select(v => tree.Nodes.First(n => n.VariantIndex == v.Index).Index)];
        var frames = new List<SweptFrame>();
        for (int frame = 0; frame < facts.FrameCount; frame++)
        {
            if (packs.TrueForAll(p => p.FrameAt(frame) is not null))
            {
                int at = frame;
                frames.Add(packs[0].FrameAt(frame)! with { Variants = [.. links.Select((l, i) => Variant(l, at, nodes[i]))] });
            }
        }

        return frames;
    }

    private ChainLink LinkOf(RouteTree tree, RouteVariant variant) =>
        point.Chain.Links[Array.IndexOf(ChainPack.StageNames(point.Chain), tree.Graph.Stages[variant.StageIndex].Name)];

    private SweptVariant Variant(ChainLink link, int frame, int node)
    {
        var ran = link.Pack.FrameAt(frame)!.Variants[link.Variant.Index];
        var answer = ran.Answer?.Shrunk();
        answer?.NodeIndex = node;
        return ran with { Ms = link.Pack.MsOf(point.Threads, frame, link.Variant.Index), Answer = answer };
    }
}
