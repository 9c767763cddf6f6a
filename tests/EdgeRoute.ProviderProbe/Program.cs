using System.Runtime.InteropServices;
using EdgeRoute.Interop.OnnxRuntime;

// A process of its own for the tests of the real provider libraries, which would otherwise stay loaded in the test process with the
// stand-ins below them. Arguments: folder of the core and provider libraries, folder of stand-ins (or "none"), model file. Prints, per case
// and provider, one line with tabs between: case, provider, state, number of results of the run, accepted options, the library's words.
string coreFolder = args[0], standIns = args[1], model = args[2];

if (standIns != "none")
{
    // In the order in which they need each other: none does, so any order will do. Loading by path makes the loader find them by SONAME
    // later.
    foreach (string file in Directory.GetFiles(standIns))
    {
        NativeLibrary.Load(file);
    }
}

OrtLibrary library = OrtLibrary.Load(coreFolder);
using OrtEnvironment environment = OrtEnvironment.Create(library, new OrtEnvironmentOptions { IntraOpThreadCount = 1 }, log: null);

var good = new Dictionary<string, string>
{
    ["device_id"] = "0",
    ["trt_fp16_enable"] = "1",
    ["trt_engine_cache_enable"] = "1",
    ["trt_engine_cache_path"] = "/var/cache/edgeroute",
    ["trt_max_workspace_size"] = "268435456",
};
Try("good", new OrtProviderRequest("TensorRT", good));
Try("unknown", new OrtProviderRequest("TensorRT", With("no_such_option", "1")));
Try("malformed", new OrtProviderRequest("TensorRT", With("trt_fp16_enable", "perhaps")));
Try("cuda", new OrtProviderRequest("CUDA", With("device_id", "0")));
Try("cuda-unknown", new OrtProviderRequest("CUDA", With("no_such_option", "1")));
Try("both", new OrtProviderRequest("TensorRT", good), new OrtProviderRequest("CUDA"), new OrtProviderRequest("CPU"));
Try("required", new OrtProviderRequest("TensorRT", good, Require: true), new OrtProviderRequest("CPU"));
return 0;

static Dictionary<string, string> With(string key, string value) => new() { [key] = value };

void Try(string name, params OrtProviderRequest[] providers)
{
    try
    {
        using OrtSession session = OrtSession.Open(environment, model, new OrtSessionRequest { Providers = providers });
        Print(name, session.ProviderReports, RunOnce(session));
    }
    catch (OrtProviderRequiredException missing)
    {
        Print(name, missing.Reports, resultCount: 0);
    }
}

static int RunOnce(OrtSession session)
{
    using var run = new OrtRun(session);
    using OrtTensor input = OrtTensor.Allocate(session.Inputs[0].ElementType, session.Inputs[0].Shape);
    run.SetInput(0, input);
    run.Run();
    return session.Outputs.Count;
}

static void Print(string name, IEnumerable<OrtProviderReport> reports, int resultCount)
{
    foreach (OrtProviderReport report in reports)
    {
        string words = report.Detail.ReplaceLineEndings(" ");
        Console.WriteLine($"{name}\t{report.Name}\t{report.State}\t{resultCount}\t{report.AcceptedOptions}\t{words}");
    }
}
