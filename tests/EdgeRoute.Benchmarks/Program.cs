using EdgeRoute.Benchmarks.Channel;
using EdgeRoute.Benchmarks.Decisions;
using EdgeRoute.Benchmarks.Frames;
using EdgeRoute.Benchmarks.Preprocess;
using EdgeRoute.Benchmarks.Tracking;

// Each benchmark is a verb; the driver scripts beside this file run them against the other side's program.
string verb = args.Length > 0 ? args[0] : "";
switch (verb)
{
    case "preprocess":
        return PreprocessBenchmark.Run(args[1..]);
    case "frame":
        return FrameWorker.Run(args[1..]);
    case "channel":
        return ChannelBenchmark.Run();
    case "decide":
        return DecisionBenchmark.Run();
    case "tracks":
        return TrackBenchmark.Run(args[1..]);
    default:
        Console.Error.WriteLine(
            $"'{verb}' is no benchmark. Use: channel, decide, frame LIBRARY MANIFEST FILES PATH WIDTH HEIGHT, tracks ANSWERS THRESHOLD, "
                + "or preprocess [--json] [--frames DIR] [--seconds S] [--kernel NAME]");
        return 2;
}
