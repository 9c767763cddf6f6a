using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EdgeRoute.TestRunner;

/// <summary>
/// Runs the tests of an assembly in this process, for machines where the test host of the SDK does not start, such as an emulated one.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments is not [var path, .. { Length: > 0 } places])
        {
            Console.Error.WriteLine("usage: EdgeRoute.TestRunner TESTS.dll PLACE...   (namespaces or classes whose tests to run)");
            return 2;
        }

        // What the tests need stands beside them, and is found there once they are loaded from their path.
        var assembly = Assembly.LoadFrom(Path.GetFullPath(path));
        var framework = new XunitTestFramework(new TestSink());
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        var chosen = assembly.GetTypes().Where(t => places.Any(p => $"{t.FullName}.".StartsWith(p + ".", StringComparison.Ordinal)))
            .SelectMany(t => CasesOf(discoverer, t)).ToList();
        using var executor = framework.GetExecutor(assembly.GetName());
        var run = new TestSink();
        executor.RunTests(chosen, run, new TestOptions());
        run.Finished.WaitOne();
        Console.WriteLine($"{run.PassedCount} passed, {run.FailedCount} failed, {run.SkippedCount} skipped");
        return run.FailedCount > 0 || run.PassedCount == 0 ? 1 : 0;
    }

    /// <summary>Class by class: looking at all tests of an assembly takes an emulator longer than running a few of them.</summary>
    private static IEnumerable<ITestCase> CasesOf(ITestFrameworkDiscoverer discoverer, Type type)
    {
        var found = new TestSink();
        discoverer.Find(type.FullName, false, found, new TestOptions());
        found.Finished.WaitOne();
        return found.Cases;
    }
}

/// <summary>Collects the cases that are found, counts the tests that end, and names those that do not pass.</summary>
internal sealed class TestSink : LongLivedMarshalByRefObject, IMessageSink
{
    private int _passedCount, _failedCount, _skippedCount;

    public ManualResetEvent Finished { get; } = new(false);

    public List<ITestCase> Cases { get; } = [];

    public int PassedCount => _passedCount;

    public int FailedCount => _failedCount;

    public int SkippedCount => _skippedCount;

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found:
                Cases.Add(found.TestCase);
                break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                Finished.Set();
                break;
            case ITestPassed:
                Interlocked.Increment(ref _passedCount);
                break;
            case ITestSkipped skipped:
                Interlocked.Increment(ref _skippedCount);
                Console.WriteLine($"SKIPPED {skipped.Test.DisplayName}: {skipped.Reason}");
                break;
            case ITestFailed failed:
                Interlocked.Increment(ref _failedCount);
                Console.WriteLine($"FAILED {failed.Test.DisplayName}: {string.Join(" / ", failed.Messages)}");
                break;
        }

        return true;
    }
}

/// <summary>One test at a time: an emulated machine gains nothing from more.</summary>
internal sealed class TestOptions : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = new() { ["xunit.execution.MaxParallelThreads"] = 1 };

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out object? v) && v is TValue value ? value : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}
