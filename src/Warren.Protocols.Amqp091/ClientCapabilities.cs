using Warren.Buffers.Fields;

namespace Warren.Protocols.Amqp091;

/// <summary>What a client said it understands, in the capabilities table of connection.start-ok.</summary>
[Flags]
internal enum ClientCapabilities
{
    None = 0,
    ConsumerCancelNotify = 1,
    ConnectionBlocked = 2,
    AuthenticationFailureClose = 4,
}

/// <summary>Reads the capabilities a client announces.</summary>
internal static class ClientCapabilitiesReader
{
    public static ClientCapabilities Read(FieldTable clientProperties)
    {
        var capabilities = ClientCapabilities.None;
        if (clientProperties.TryGet("capabilities", out FieldValue announced))
        {
            FieldTable table = announced.AsTable();
            capabilities |= Flag(table, "consumer_cancel_notify", ClientCapabilities.ConsumerCancelNotify);
            capabilities |= Flag(table, "connection.blocked", ClientCapabilities.ConnectionBlocked);
            capabilities |= Flag(table, "authentication_failure_close", ClientCapabilities.AuthenticationFailureClose);
        }

        return capabilities;
    }

    private static ClientCapabilities Flag(FieldTable table, string name, ClientCapabilities flag) =>
        table.TryGet(name, out FieldValue value) && value.AsBoolean() ? flag : ClientCapabilities.None;
}
