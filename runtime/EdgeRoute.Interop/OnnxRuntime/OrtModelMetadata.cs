using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>What a model file says about itself; <c>Custom</c> holds its own key and value pairs.</summary>
public sealed record OrtModelMetadata(
    string ProducerName, string GraphName, string Domain, string Description, long Version, IReadOnlyDictionary<string, string> Custom)
{
    internal static OrtModelMetadata Of(ModelMetadata model)
        => new(model.ProducerName, model.GraphName, model.Domain, model.Description, model.Version, model.CustomMetadataMap);
}
