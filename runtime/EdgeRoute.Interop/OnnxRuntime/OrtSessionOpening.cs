using EdgeRoute.Interop.Linux;
using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// Opens a session with the providers that work and says of each one what came of it. A provider that refuses its options is left out at
/// once; one that only fails when the session opens (no device, for example) is found by opening without it.
/// </summary>
internal sealed class OrtSessionOpening
{
    private const int SkipNone = -1;

    /// <summary>Loaded by the core before any provider's own library.</summary>
    private const string SharedLibraryFile = "libonnxruntime_providers_shared.so";

    private readonly OrtEnvironment _environment;
    private readonly OrtSessionRequest _request;
    private readonly string _path;
    private readonly OrtProviderReport?[] _failures;
    private readonly string[] _acceptedOptions;

    public OrtSessionOpening(OrtEnvironment environment, string path, OrtSessionRequest request)
    {
        _environment = environment;
        _request = request;
        _path = path;
        _failures = new OrtProviderReport?[request.Providers.Count];
        _acceptedOptions = [.. request.Providers.Select(_ => "")];
    }

    /// <summary>The open session. Throws what the library says when not even the CPU can open the model.</summary>
    public InferenceSession Open()
    {
        while (true)
        {
            if (TryOpen(SkipNone, out var session) is not { } error)
            {
                return session!;
            }
            int[] suspects = [.. Enumerable.Range(0, _failures.Length).Where(IsAppended)];
            if (suspects.Length == 0 || IsModelFault(error.Code))
            {
                throw Refusal(error);
            }
            if (OpenWithoutOne(suspects, error, out session))
            {
                return session!;
            }
            // No single one is to blame; the library asks providers in order, so the first is the one that spoke.
            Refuse(suspects[0], error.Message);
        }
    }

    /// <summary>The library says what it does not like in a model, but not always in which, and never what to do.</summary>
    private OrtException Refusal(OrtException error)
    {
        string said = error.Message.Replace($"Load model from {_path} failed:", "", StringComparison.Ordinal).TrimEnd('.');
        return new OrtException(error.Code, $"file '{Path.GetFileName(_path)}' cannot be opened: {said}; export the model again, for this "
            + "version of the library, or use a newer one");
    }

    public IReadOnlyList<OrtProviderReport> Report(nint session)
    {
        var nodes = TellsAssignment ? OrtTable.CountNodesByProvider(session) : null;
        OrtProviderReport[] reports = [.. _request.Providers.Select((provider, i) => _failures[i]
            ?? new OrtProviderReport(provider.Name, OrtProviderState.Used, "", _acceptedOptions[i],
                nodes?.GetValueOrDefault(provider.FullName)))];
        bool isMissing = reports.Where((report, i) => _request.Providers[i].Require && report.State != OrtProviderState.Used).Any();
        return isMissing ? throw new OrtProviderRequiredException(_path, reports) : reports;
    }

    private bool OpenWithoutOne(int[] suspects, OrtException error, out InferenceSession? session)
    {
        session = null;
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

    private OrtException? TryOpen(int skippedIndex, out InferenceSession? session)
    {
        session = null;
        // A provider cannot be taken out again, so each attempt makes its own options.
        using var options = NewOptions();
        for (int i = 0; i < _failures.Length; i++)
        {
            if (i != skippedIndex && IsAppended(i) && !RefusesLibrary(i))
            {
                TryAppend(options, i);
            }
        }
        try
        {
            session = new InferenceSession(_path, options);
            return null;
        }
        catch (Exception fault) when (OrtException.IsFrom(fault))
        {
            return OrtException.From(fault);
        }
    }

    private SessionOptions NewOptions()
    {
        var options = new SessionOptions { GraphOptimizationLevel = (GraphOptimizationLevel)_request.OptimizationLevel };
        TakeThreads(options);
        if (_request.OptimizedModelPath is { } optimized)
        {
            options.OptimizedModelFilePath = optimized;
        }

        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        options.AddSessionConfigEntry("session.disable_prepacking", _request.DisablePrepacking ? "1" : "0");
        if (TellsAssignment)
        {
            options.AddSessionConfigEntry("session.record_ep_graph_assignment_info", "1");
        }
        foreach ((string key, string value) in _request.Entries)
        {
            options.AddSessionConfigEntry(key, value);
        }
        return options;
    }

    private void TakeThreads(SessionOptions options)
    {
        if (_request.OwnThreads is not { } own)
        {
            options.DisablePerSessionThreads();
            return;
        }

        options.IntraOpNumThreads = own.Count;
        options.InterOpNumThreads = 1;
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", own.Spin ? "1" : "0");
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
    }

    /// <summary>A provider's library that was cut short would end the process when it is mapped.</summary>
    private bool RefusesLibrary(int index)
    {
        string? file = LibraryFileOf(_request.Providers[index]);
        string[] paths = file is null ? [] : [.. new[] { SharedLibraryFile, file }.Select(BesideCore).Where(File.Exists)];
        foreach (string path in paths)
        {
            if (ElfFile.FindProblem(path) is { } problem)
            {
                Refuse(index, $"the library {path} cannot be used: {problem}");
                return true;
            }
        }
        return false;
    }

    private string BesideCore(string file) => Path.Combine(Path.GetDirectoryName(_environment.Library.Path) ?? "", file);

    private void TryAppend(SessionOptions options, int index)
    {
        try
        {
            _acceptedOptions[index] = Append(options, _request.Providers[index]);
        }
        catch (Exception refusal) when (OrtException.IsFrom(refusal))
        {
            Refuse(index, OrtException.From(refusal).Message);
        }
    }

    /// <summary>Appends a provider; returns its options as it understood them where the library tells.</summary>
    private static string Append(SessionOptions options, OrtProviderRequest provider)
    {
        var wanted = provider.Options?.ToDictionary() ?? [];
        // TensorRT and CUDA are not names of the generic call in any build: they have calls of their own. Their options are updated also
        // where there are none: only this call says why a provider library could not be loaded, the append call just that it could not.
        if (provider.Is(OrtProviderRequest.TensorRt))
        {
            using var tensorRt = new OrtTensorRTProviderOptions();
            tensorRt.UpdateOptions(wanted);
            options.AppendExecutionProvider_Tensorrt(tensorRt);
            return tensorRt.GetOptions();
        }

        if (provider.Is(OrtProviderRequest.Cuda))
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(wanted);
            options.AppendExecutionProvider_CUDA(cuda);
            return cuda.GetOptions();
        }

        options.AppendExecutionProvider(provider.Name, wanted);
        return "";
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
            && (file is null || File.Exists(BesideCore(file)));
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

    private bool TellsAssignment => _environment.Library.ApiVersion >= OrtLibrary.AssignmentApiVersion && _failures.Length > 0;
}
