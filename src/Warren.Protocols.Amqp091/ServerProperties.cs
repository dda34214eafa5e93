using System.Runtime.InteropServices;
using Warren.Buffers.Fields;

namespace Warren.Protocols.Amqp091;

/// <summary>What connection.start says of the server.</summary>
internal static class ServerProperties
{
    private static readonly string[] Capabilities =
    [
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "consumer_priorities",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ];

    public static FieldTable Build(Amqp091Options options)
    {
        var capabilities = new FieldTable();
        foreach (string capability in Capabilities)
        {
            capabilities.Add(capability, FieldValue.Of(true));
        }

        var properties = new FieldTable();
        properties.Add("capabilities", FieldValue.Of(capabilities));
        properties.Add("cluster_name", FieldValue.Of(options.ClusterName));
        properties.Add("copyright", FieldValue.Of("Copyright (c) the Warren authors"));
        properties.Add("information", FieldValue.Of("Warren, licensed under the Apache License 2.0"));
        properties.Add("platform", FieldValue.Of(RuntimeInformation.FrameworkDescription));
        properties.Add("product", FieldValue.Of(options.Product));
        properties.Add("version", FieldValue.Of(options.Version));
        return properties;
    }
}
