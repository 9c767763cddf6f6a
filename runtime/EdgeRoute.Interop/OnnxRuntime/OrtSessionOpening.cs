namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// Opens a session with the providers that work and says of each one what came of it. A provider that refuses its options is left out at
/// once; one that only fails when the session opens (no device, for example) is found by opening without it.
/// </summary>
internal sealed unsafe class OrtSessionOpening : IDisposable
{
    private const int SkipNone = -1;

    private readonly OrtEnvironment _environment;
    private readonly OrtSessionRequest _request;
    private readonly string _path;
    private readonly OrtTextTable _nativePath;
    private readonly OrtProviderReport?[] _failures;
    private readonly string[] _acceptedOptions;

    public OrtSessionOpening(OrtEnvironment environment, string path, OrtSessionRequest request)
    {
        _environment = environment;
        _request = request;
        _path = path;
        _nativePath = new OrtTextTable([path]);
        _failures = new OrtProviderReport?[request.Providers.Count];
        _acceptedOptions = [.. request.Providers.Select(_ => "")];
    }

    /// <summary>The native session. Throws what the library says when not even the CPU can open the model.</summary>
    public nint Open()
    {
        while (true)
        {
            if (TryOpen(SkipNone, out nint session) is not { } error)
            {
                return session;
            }
            int[] suspects = [.. Enumerable.Range(0, _failures.Length).Where(IsAppended)];
            if (suspects.Length == 0 || IsModelFault(error.Code))
            {
                throw error;
            }
            if (OpenWithoutOne(suspects, error, out session))
            {
                return session;
            }
            // No single one is to blame; the library asks providers in order, so the first is the one that spoke.
            Refuse(suspects[0], error.Message);
        }
    }

    public IReadOnlyList<OrtProviderReport> Report(nint session)
    {
        Dictionary<string, int>? nodes = CountNodes(session);
        OrtProviderReport[] reports = [.. _request.Providers.Select((provider, i) => _failures[i]
            ?? new OrtProviderReport(provider.Name, OrtProviderState.Used, "", _acceptedOptions[i],
                nodes?.GetValueOrDefault(provider.FullName)))];
        bool isMissing = reports.Where((report, i) => _request.Providers[i].Require && report.State != OrtProviderState.Used).Any();
        return isMissing ? throw new OrtProviderRequiredException(_path, reports) : reports;
    }

    public void Dispose() => _nativePath.Dispose();

    private bool OpenWithoutOne(int[] suspects, OrtException error, out nint session)
    {
        session = 0;
        foreach (int suspect in suspects.Length > 1 ? suspects : [])
        {
            if (TryOpen(suspect, out session) is null)
            {
                Refuse(suspect, error.Message);
                return true;
            }
        }
        return false;
    }

    private OrtException? TryOpen(int skippedIndex, out nint session)
    {
        using OrtSessionOptions options = OrtSessionOptions.Create(_request, _environment.Library.ApiVersion);
        for (int i = 0; i < _failures.Length; i++)
        {
            if (i != skippedIndex && IsAppended(i))
            {
                TryAppend(options, i);
            }
        }
        nint opened = 0;
        nint status = OrtNative.OpenSession(_environment.Native, _nativePath[0], options.Native, &opened);
        session = opened;
        return status == 0 ? null : OrtNative.TakeError(status);
    }

    private void TryAppend(OrtSessionOptions options, int index)
    {
        try
        {
            _acceptedOptions[index] = options.Append(_request.Providers[index]);
        }
        catch (OrtException refusal)
        {
            Refuse(index, refusal.Message);
        }
    }

    /// <summary>Not the CPU, which is always there and needs no call, and not one that failed already.</summary>
    private bool IsAppended(int index) => _failures[index] is null && !_request.Providers[index].Is(OrtProviderRequest.Cpu);

    private void Refuse(int index, string words)
    {
        OrtProviderRequest provider = _request.Providers[index];
        OrtProviderState state = IsPresent(provider) ? OrtProviderState.Refused : OrtProviderState.Absent;
        _failures[index] = new OrtProviderReport(provider.Name, state, words, _acceptedOptions[index]);
    }

    /// <summary>Compiled in, and for the providers that live in a library of their own: that library stands beside the core.</summary>
    private bool IsPresent(OrtProviderRequest provider)
    {
        OrtLibrary library = _environment.Library;
        string? file = LibraryFileOf(provider);
        return library.CompiledProviders.Contains(provider.FullName, StringComparer.OrdinalIgnoreCase)
            && (file is null || File.Exists(Path.Combine(Path.GetDirectoryName(library.Path) ?? "", file)));
    }

    /// <summary>Null where the provider is part of the core.</summary>
    private static string? LibraryFileOf(OrtProviderRequest provider)
    {
        if (provider.Is(OrtProviderRequest.TensorRt))
        {
            return "libonnxruntime_providers_tensorrt.so";
        }

        return provider.Is(OrtProviderRequest.Cuda) ? "libonnxruntime_providers_cuda.so" : null;
    }

    /// <summary>These say that the model file itself cannot be opened, by any provider.</summary>
    private static bool IsModelFault(OrtErrorCode code) => code is OrtErrorCode.NoSuchFile or OrtErrorCode.InvalidProtobuf;

    private Dictionary<string, int>? CountNodes(nint session)
    {
        if (_environment.Library.ApiVersion < OrtLibrary.AssignmentApiVersion || _failures.Length == 0)
        {
            return null;
        }
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        nint* subgraphs = OrtNative.GetAssignedSubgraphs(session, out nuint count);
        for (nuint i = 0; i < count; i++)
        {
            string provider = OrtNative.GetAssignedProvider(subgraphs[i]);
            counts[provider] = counts.GetValueOrDefault(provider) + (int)OrtNative.GetAssignedNodeCount(subgraphs[i]);
        }
        return counts;
    }
}
