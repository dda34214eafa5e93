using Warren.Core;
using Warren.Core.Exchanges;

namespace Warren.Management.Endpoints;

/// <summary>A binding and where it is.</summary>
/// <param name="VirtualHost">Its virtual host.</param>
/// <param name="Binding">The binding.</param>
internal readonly record struct PlacedBinding(VirtualHost VirtualHost, Binding Binding);
