using EdgeRoute.Tests.Protocol.Framing;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>The Python client against its scripted device.</summary>
public sealed class PythonClientTests
{
    private static readonly string Folder = Path.Combine(TestPlaces.Repository, "tools", "clients", "python");

    [SkippableFact]
    public void Its_own_tests_pass()
    {
        var (exitCode, text) = Interpreter.Run(Interpreter.NeedPython(), Path.Combine(Folder, "tests", "test_client.py"));
        Assert.True(exitCode == 0, text);
        Assert.DoesNotContain("Ran 0 tests", text);
        Skip.If(text.Contains("skipped=", StringComparison.Ordinal),
            "all but the tests of TLS passed; those need openssl: apt-get install openssl");
    }

    [SkippableFact]
    public void The_help_of_the_example_has_examples()
    {
        var (exitCode, text) = Interpreter.Run(Interpreter.NeedPython(), Path.Combine(Folder, "examples", "adapt_budget.py"), "--help");
        Assert.True(exitCode == 0, text);
        Assert.Contains("examples:", text);
        Assert.Contains("--dry-run", text);
    }
}
