namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>The options of one attempt to open a session; a provider cannot be taken out again, so each attempt makes its own.</summary>
internal sealed unsafe class OrtSessionOptions : OrtHandle
{
    private static readonly ProviderSlots _tensorRt = new(
        OrtSlots.CreateTensorRTProviderOptions,
        OrtSlots.UpdateTensorRTProviderOptions,
        OrtSlots.SessionOptionsAppendExecutionProvider_TensorRT_V2,
        OrtSlots.GetTensorRTProviderOptionsAsString,
        OrtSlots.ReleaseTensorRTProviderOptions);

    private static readonly ProviderSlots _cuda = new(
        OrtSlots.CreateCUDAProviderOptions,
        OrtSlots.UpdateCUDAProviderOptions,
        OrtSlots.SessionOptionsAppendExecutionProvider_CUDA_V2,
        OrtSlots.GetCUDAProviderOptionsAsString,
        OrtSlots.ReleaseCUDAProviderOptions);

    private OrtSessionOptions()
        : base(OrtSlots.ReleaseSessionOptions) => SetHandle(OrtNative.Create(OrtSlots.CreateSessionOptions));

    public static OrtSessionOptions Create(OrtSessionRequest request, int apiVersion)
    {
        var options = new OrtSessionOptions();
        OrtNative.Call(OrtSlots.DisablePerSessionThreads, options.Native);
        OrtNative.Set(OrtSlots.SetSessionGraphOptimizationLevel, options.Native, (int)request.OptimizationLevel);
        options.SetEntry("session.use_env_allocators", "1");
        options.SetEntry("session.disable_prepacking", request.DisablePrepacking ? "1" : "0");
        if (apiVersion >= OrtLibrary.AssignmentApiVersion && request.Providers.Count > 0)
        {
            options.SetEntry("session.record_ep_graph_assignment_info", "1");
        }
        foreach ((string key, string value) in request.Entries)
        {
            options.SetEntry(key, value);
        }
        return options;
    }

    /// <summary>
    /// Appends a provider; returns its normalised options where the library tells them. Throws with the library's own words.
    /// </summary>
    public string Append(OrtProviderRequest provider)
    {
        // TensorRT and CUDA are not names of the generic call in any build: they have calls of their own.
        if (provider.Is(OrtProviderRequest.TensorRt))
        {
            return AppendWith(_tensorRt, provider);
        }

        if (provider.Is(OrtProviderRequest.Cuda))
        {
            return AppendWith(_cuda, provider);
        }

        return AppendByName(provider);
    }

    private void SetEntry(string key, string value)
    {
        using var texts = new OrtTextTable([key, value]);
        OrtNative.Check(OrtNative.SetEntry(Native, texts[0], texts[1]));
    }

    private string AppendWith(ProviderSlots slots, OrtProviderRequest provider)
    {
        using var keys = new OrtTextTable(KeysOf(provider));
        using var values = new OrtTextTable(ValuesOf(provider));
        nint options = OrtNative.Create(slots.Create);
        try
        {
            // Also without options: only this call says why a provider library could not be loaded; the append call just says that it could
            // not.
            OrtNative.Check(OrtNative.UpdateProviderOptions(slots.Update, options, keys.Texts, values.Texts,
                (nuint)(provider.Options?.Count ?? 0)));
            string accepted = OrtNative.GetText(slots.AsText, options);
            OrtNative.Check(OrtNative.AppendProviderOptions(slots.Append, Native, options));
            return accepted;
        }
        finally
        {
            OrtNative.Release(slots.Release, options);
        }
    }

    private string AppendByName(OrtProviderRequest provider)
    {
        using var name = new OrtTextTable([provider.Name]);
        using var keys = new OrtTextTable(KeysOf(provider));
        using var values = new OrtTextTable(ValuesOf(provider));
        OrtNative.Check(OrtNative.AppendProvider(Native, name[0], keys.Texts, values.Texts, (nuint)(provider.Options?.Count ?? 0)));
        return "";
    }

    private static IEnumerable<string> KeysOf(OrtProviderRequest provider) => provider.Options?.Keys ?? [];

    private static IEnumerable<string> ValuesOf(OrtProviderRequest provider) => provider.Options?.Values ?? [];

    private readonly record struct ProviderSlots(int Create, int Update, int Append, int AsText, int Release);
}
