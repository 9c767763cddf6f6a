namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>What a model file says about itself; <c>Custom</c> holds its own key and value pairs.</summary>
public sealed record OrtModelMetadata(
    string ProducerName, string GraphName, string Domain, string Description, long Version, IReadOnlyDictionary<string, string> Custom)
{
    internal static OrtModelMetadata Read(nint session)
    {
        nint metadata = OrtNative.Get(OrtSlots.SessionGetModelMetadata, session);
        try
        {
            return new OrtModelMetadata(
                OrtNative.GetText(OrtSlots.ModelMetadataGetProducerName, metadata),
                OrtNative.GetText(OrtSlots.ModelMetadataGetGraphName, metadata),
                OrtNative.GetText(OrtSlots.ModelMetadataGetDomain, metadata),
                OrtNative.GetText(OrtSlots.ModelMetadataGetDescription, metadata),
                OrtNative.GetModelVersion(metadata),
                ReadCustom(metadata));
        }
        finally
        {
            OrtNative.Release(OrtSlots.ReleaseModelMetadata, metadata);
        }
    }

    private static unsafe Dictionary<string, string> ReadCustom(nint metadata)
    {
        var custom = new Dictionary<string, string>();
        byte** keys = OrtNative.TakeMetadataKeys(metadata, out long count);
        for (long i = 0; i < count; i++)
        {
            string value = OrtNative.GetMetadataValue(metadata, keys[i]);
            custom[OrtNative.TakeText(keys[i])] = value;
        }
        OrtNative.Free(keys);
        return custom;
    }
}
