using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// One model file, ready to run. It uses the threads and the arena of its environment; several threads may run it at once, each through an
/// <see cref="OrtRun"/> of its own.
/// </summary>
public sealed class OrtSession : SafeHandle
{
    private readonly OrtEnvironment _environment;
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed in ReleaseHandle, when nothing can use it any more.")]
    private readonly InferenceSession _session = null!;

    private OrtSession(OrtEnvironment environment, string path, OrtSessionRequest request)
        : base(0, ownsHandle: true)
    {
        _environment = environment;
        Path = path;
        var opening = new OrtSessionOpening(environment, path, request);
        environment.Keep();
        try
        {
            _session = opening.Open();
            // Released by this handle alone, when the last run that holds it is gone.
            GC.SuppressFinalize(_session);
            SetHandle(HandleOf(_session));
            ProviderReports = opening.Report(handle);
            Inputs = [.. _session.InputNames.Select(name => OrtTensorSpec.Read(name, _session.InputMetadata[name]))];
            Outputs = [.. _session.OutputNames.Select(name => OrtTensorSpec.Read(name, _session.OutputMetadata[name]))];
        }
        catch
        {
            AbandonOpening();
            throw;
        }
    }

    public override bool IsInvalid => handle == 0;

    public string Path { get; }
    public IReadOnlyList<OrtTensorSpec> Inputs { get; }
    public IReadOnlyList<OrtTensorSpec> Outputs { get; }

    /// <summary>One for each provider asked for, in the order asked.</summary>
    public IReadOnlyList<OrtProviderReport> ProviderReports { get; }

    /// <summary>Opens a model file; weights in files beside it are mapped by the library.</summary>
    /// <exception cref="OrtException">The library cannot open the model, in its own words and with its code.</exception>
    /// <exception cref="OrtProviderRequiredException">A provider with Require is not used.</exception>
    public static OrtSession Open(OrtEnvironment environment, string path, OrtSessionRequest request)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Validate(request.Providers);
        return new OrtSession(environment, path, request);
    }

    /// <summary>
    /// A provider other than the CPU took part: what is bound in CPU memory is copied to its device when it is bound, not when it runs.
    /// </summary>
    internal bool UsesDevice => ProviderReports.Any(report => report.State == OrtProviderState.Used
        && !string.Equals(report.Name, OrtProviderRequest.Cpu, StringComparison.OrdinalIgnoreCase));

    public OrtModelMetadata ReadMetadata()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return OrtModelMetadata.Of(_session.ModelMetadata);
    }

    /// <summary>Position of the input of this name, or -1.</summary>
    public int FindInput(string name) => Find(Inputs, name);

    /// <summary>Position of the output of this name, or -1.</summary>
    public int FindOutput(string name) => Find(Outputs, name);

    /// <summary>Makes the session outlive its Dispose until <see cref="SafeHandle.DangerousRelease"/>; throws when it is gone.</summary>
    internal void Keep()
    {
        bool added = false;
        DangerousAddRef(ref added);
    }

    /// <summary>The native session; the caller keeps this object referenced while it is used.</summary>
    internal nint Native
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    internal OrtIoBinding NewBinding() => _session.CreateIoBinding();

    protected override bool ReleaseHandle()
    {
        _session.Dispose();
        _environment.DangerousRelease();
        return true;
    }

    /// <summary>Gives the session back, or, when none was opened yet, only the hold on the environment.</summary>
    private void AbandonOpening()
    {
        if (IsInvalid)
        {
            _environment.DangerousRelease();
        }
        Dispose();
    }

    private static int Find(IReadOnlyList<OrtTensorSpec> specs, string name)
    {
        for (int i = 0; i < specs.Count; i++)
        {
            if (specs[i].Name == name)
            {
                return i;
            }
        }
        return -1;
    }

    private static void Validate(IReadOnlyList<OrtProviderRequest> providers)
    {
        if (providers.Count > OrtSessionRequest.MaxProviderCount)
        {
            throw new ArgumentException($"{providers.Count} execution providers asked for; the maximum is "
                + $"{OrtSessionRequest.MaxProviderCount}");
        }
        if (providers.GroupBy(provider => provider.FullName, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"the execution provider {twice.First().Name} is asked for twice");
        }
        if (providers.Any(provider => provider.Is(OrtProviderRequest.Cpu) && provider.Options is { Count: > 0 }))
        {
            throw new ArgumentException("the CPU execution provider takes no options: remove them");
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_nativeHandle")]
    private static extern ref nint HandleOf(InferenceSession session);
}
