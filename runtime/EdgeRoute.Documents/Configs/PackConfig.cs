namespace EdgeRoute.Documents.Configs;

/// <summary>A model pack to load.</summary>
/// <param name="Files">Folder of the pack's model files; null where they lie beside the manifest.</param>
public sealed record PackConfig(string Name, ConfigPath Manifest, ConfigPath? Files);
