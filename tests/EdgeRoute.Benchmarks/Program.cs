using EdgeRoute.Benchmarks.Preprocess;

// Each benchmark is a verb; the driver scripts beside this file run them against the other side's program.
string verb = args.Length > 0 ? args[0] : "";
switch (verb)
{
    case "preprocess":
        return PreprocessBenchmark.Run(args[1..]);
    default:
        Console.Error.WriteLine($"'{verb}' is no benchmark. Use: preprocess [--json] [--frames DIR] [--seconds S] [--kernel NAME]");
        return 2;
}
