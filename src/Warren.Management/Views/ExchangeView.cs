using System.Text.Json.Nodes;
using Warren.Core.Exchanges;

namespace Warren.Management.Views;

/// <summary>An exchange as the HTTP API shows it.</summary>
internal static class ExchangeView
{
    private const string Creator = "rmq-internal"; // who declared it is not kept

    /// <summary>Everything a list shows of an exchange.</summary>
    public static JsonObject Of(Exchange exchange, string virtualHost, SampleQuery samples)
    {
        JsonObject json = Declared(exchange, virtualHost);
        if (exchange.Policies.User is { } policy)
        {
            json["policy"] = policy.Name;
        }

        json["user_who_performed_action"] = Creator;
        MessageStats.Add(json, MessageStats.OfExchange, exchange.Counts, exchange.History, samples);
        return json;
    }

    /// <summary>How it was declared.</summary>
    public static JsonObject Declared(Exchange exchange, string virtualHost) => new()
    {
        ["name"] = exchange.Name,
        ["vhost"] = virtualHost,
        ["type"] = exchange.Type,
        ["durable"] = exchange.Durable,
        ["auto_delete"] = exchange.AutoDelete,
        ["internal"] = exchange.Internal,
        ["arguments"] = FieldJson.Of(exchange.Arguments),
    };
}
