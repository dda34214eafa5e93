using Warren.Buffers.Options;

namespace Warren.Management.Hosting;

/// <summary>Definitions brought in at every start.</summary>
public sealed record DefinitionsOptions
{
    /// <summary>A file, or a directory whose <c>.json</c> files are taken in the order of their names; null: none.</summary>
    [ConfigKey("definitions.local.path", "load_definitions", "management.load_definitions")]
    public string? Path { get; init; }
}
