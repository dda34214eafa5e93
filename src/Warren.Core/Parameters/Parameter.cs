using System.Text.Json;

namespace Warren.Core.Parameters;

/// <summary>A runtime parameter: a value that a component of the broker reads, for one virtual host.</summary>
/// <param name="VirtualHost">The virtual host.</param>
/// <param name="Component">Who reads it: <c>vhost-limits</c>, <c>shovel</c>, <c>federation-upstream</c> and the like.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Any JSON.</param>
public sealed record Parameter(string VirtualHost, string Component, string Name, JsonElement Value);

/// <summary>A runtime parameter of the whole broker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Any JSON.</param>
public sealed record GlobalParameter(string Name, JsonElement Value);
