using System.Text.Json.Nodes;
using Warren.Core.Exchanges;

namespace Warren.Management.Views;

/// <summary>A binding as the HTTP API shows it.</summary>
internal static class BindingView
{
    /// <summary>A binding of a virtual host.</summary>
    public static JsonObject Of(Binding binding, string virtualHost) => new()
    {
        ["source"] = binding.Source.Name,
        ["vhost"] = virtualHost,
        ["destination"] = binding.Destination.Name,
        ["destination_type"] = binding.Destination is Exchange ? "exchange" : "queue",
        ["routing_key"] = binding.Key,
        ["arguments"] = FieldJson.Of(binding.Arguments),
        ["properties_key"] = binding.PropertiesKey,
    };
}
