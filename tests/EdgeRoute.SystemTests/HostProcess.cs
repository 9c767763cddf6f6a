using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary as a child process: arguments in, exit code and both streams out.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly StringBuilder _out = new(), _error = new();
    private readonly List<(string Part, TaskCompletionSource<string> Seen)> _awaited = [];
    private readonly TaskCompletionSource _firstFrame = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(string binary, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        string[] words = Hearing(binary, arguments);
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true,
            RedirectStandardInput = true, WorkingDirectory = Repository };
        _name = binary;
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[key] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Collect(_out, e.Data);
        _process.ErrorDataReceived += (_, e) => Collect(_error, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string Repository { get; } = FindRepository();

    /// <summary>Named by EDGEROUTED, else where <c>./build.sh publish</c> leaves it.</summary>
    public static string Binary { get; } = Environment.GetEnvironmentVariable("EDGEROUTED")
        ?? Path.Combine(Repository, "out", $"linux-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(), "edgerouted");

    /// <summary>
    /// How long it may take to end, or to say what is awaited: far above any healthy run. A hang fails its test rather than the machine.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public string Output => Text(_out);

    public string Error => Text(_error);

    /// <summary>The first line that says a frame has ended.</summary>
    public Task FirstFrame => _firstFrame.Task;

    /// <summary>
    /// The words of a command that can be interrupted. A shell starts what runs in its background deaf to SIGINT, and its children inherit
    /// that; 'env' gives them their ears back.
    /// </summary>
    public static string[] Hearing(string binary, IEnumerable<string> arguments) => ["env", "--default-signal=INT", binary, .. arguments];

    public static HostProcess Start(params string[] arguments) => new(Binary, arguments, null);

    public static HostProcess StartBinary(string binary, IReadOnlyDictionary<string, string?>? environment, params string[] arguments) =>
        new(binary, arguments, environment);

    /// <inheritdoc cref="StartBinary(string, IReadOnlyDictionary{string, string?}?, string[])"/>
    /// <param name="patience">For what is slow by nature.</param>
    public static HostProcess StartBinary(
        string binary, IReadOnlyDictionary<string, string?>? environment, string[] arguments, TimeSpan patience) =>
        new(binary, arguments, environment) { Patience = patience };

    /// <summary>The next line of either stream that holds the text, from now on or already there.</summary>
    public async Task<string> Line(string part)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            if ((Output + Error).Split('\n').FirstOrDefault(l => l.Contains(part, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            _awaited.Add((part, seen));
        }

        try
        {
            return await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no line with '{part}' came. Output:\n{Output}\nErrors:\n{Error}");
        }
    }

    /// <summary>Types, as into a terminal.</summary>
    public void Type(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Runs to the end and returns all of it.</summary>
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments) => RunBinary(Binary, null, arguments);

    public static (int ExitCode, string Output, string Error) RunBinary(
        string binary, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using var host = new HostProcess(binary, arguments, environment);
        return (host.WaitForExit(), host.Output, host.Error);
    }

    /// <summary>The report of a run with <c>--json</c>: all of standard output.</summary>
    public static JsonElement ReportOf(string output) => JsonDocument.Parse(output).RootElement;

    public int WaitForExit()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill();
            throw new TimeoutException($"{_name} did not end. Its errors so far:\n{Error}");
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Sends a signal by number: 2 interrupts, 15 terminates.</summary>
    public void Signal(int number) => Send(number, _process.Id);

    /// <summary>The same to any process.</summary>
    public static void Send(int number, int process)
    {
        using var kill = Process.Start("kill", [$"-{number}", $"{process}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private void Collect(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_awaited)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }

            _awaited.RemoveAll(a => line.Contains(a.Part, StringComparison.Ordinal) && a.Seen.TrySetResult(line));
        }

        if (line.Contains("first frame", StringComparison.Ordinal))
        {
            _firstFrame.TrySetResult();
        }
    }

    private static string FindRepository()
    {
        string at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "EdgeRoute.sln")))
        {
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("EdgeRoute.sln was not found above the test binaries.");
        }

        return at;
    }
}
