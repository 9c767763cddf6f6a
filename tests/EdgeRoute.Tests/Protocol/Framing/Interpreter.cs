using System.Diagnostics;
using System.Text;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>Runs scripts of other languages; skips the calling test, with what to install, where the language is absent.</summary>
internal static class Interpreter
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Ends a script that hangs: the longest takes some seconds on the slowest machine that runs the tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Debian's Python with its msgpack.</summary>
    public static string NeedPython()
    {
        Skip.IfNot(File.Exists(Python) && Run(Python, "-c", "import msgpack").ExitCode == 0,
            "needs Python's msgpack: apt-get install python3-msgpack");
        return Python;
    }

    /// <summary>Node with the packages that a folder of tests/fixtures pins.</summary>
    /// <param name="package">One of them.</param>
    public static string NeedNode(string fixture = "msgpack", string package = "@msgpack/msgpack")
    {
        string node = NeedBareNode();
        Skip.IfNot(Directory.Exists(TestPlaces.Fixture([fixture, "node_modules", .. package.Split('/')])),
            $"needs {package}: run npm ci in tests/fixtures/{fixture}");
        return node;
    }

    /// <summary>Node alone.</summary>
    public static string NeedBareNode()
    {
        string? node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "node"))
            .FirstOrDefault(File.Exists);
        Skip.If(node is null, "needs node: apt-get install nodejs npm");
        return node!;
    }

    /// <summary>What it printed, errors as well.</summary>
    public static (int ExitCode, string Text) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1", ["PYTHONIOENCODING"] = "utf-8" },
        };
        using var process = Process.Start(start)!;
        var (text, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        return (process.ExitCode, text.Result + errors.Result);
    }
}
