namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// One model file, ready to run. It uses the threads and the arena of its environment; several threads may run it at once, each through an
/// <see cref="OrtRun"/> of its own.
/// </summary>
public sealed class OrtSession : OrtHandle
{
    private readonly OrtEnvironment _environment;

    private OrtSession(OrtEnvironment environment, string path, OrtSessionRequest request)
        : base(OrtSlots.ReleaseSession)
    {
        _environment = environment;
        Path = path;
        using var opening = new OrtSessionOpening(environment, path, request);
        environment.Keep();
        try
        {
            SetHandle(opening.Open());
            ProviderReports = opening.Report(handle);
            Inputs = ReadSpecs(OrtSlots.SessionGetInputCount, OrtSlots.SessionGetInputName, OrtSlots.SessionGetInputTypeInfo);
            Outputs = ReadSpecs(OrtSlots.SessionGetOutputCount, OrtSlots.SessionGetOutputName, OrtSlots.SessionGetOutputTypeInfo);
        }
        catch
        {
            AbandonOpening();
            throw;
        }
    }

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

    public OrtModelMetadata ReadMetadata() => OrtModelMetadata.Read(Native);

    /// <summary>Position of the input of this name, or -1.</summary>
    public int FindInput(string name) => Find(Inputs, name);

    /// <summary>Position of the output of this name, or -1.</summary>
    public int FindOutput(string name) => Find(Outputs, name);

    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
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

    private OrtTensorSpec[] ReadSpecs(int countSlot, int nameSlot, int typeSlot)
    {
        var specs = new OrtTensorSpec[OrtNative.GetCount(countSlot, handle)];
        for (int i = 0; i < specs.Length; i++)
        {
            string name = OrtNative.GetName(nameSlot, handle, (nuint)i);
            nint typeInfo = OrtNative.GetTypeInfo(typeSlot, handle, (nuint)i);
            try
            {
                nint tensorInfo = OrtNative.Get(OrtSlots.CastTypeInfoToTensorInfo, typeInfo);
                // Sequences and maps have no tensor description: they are listed, and refused by whoever wants a tensor.
                specs[i] = tensorInfo == 0 ? new OrtTensorSpec(name, OrtElementType.Undefined, [], [])
                    : OrtTensorSpec.Read(name, tensorInfo);
            }
            finally
            {
                OrtNative.Release(OrtSlots.ReleaseTypeInfo, typeInfo);
            }
        }
        return specs;
    }
}
