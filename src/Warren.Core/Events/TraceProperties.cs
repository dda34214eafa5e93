using Warren.Buffers.Fields;
using Warren.Core.Messages;

namespace Warren.Core.Events;

/// <summary>The properties of a traced message as a table: texts, 32-bit integers, and the headers as a table of their own.</summary>
internal static class TraceProperties
{
    public static FieldTable Of(MessageProperties properties)
    {
        var table = new FieldTable();
        Add(table, "content_type", properties.ContentType);
        Add(table, "content_encoding", properties.ContentEncoding);
        if (properties.Headers is { } headers)
        {
            table.Add("headers", FieldValue.Of(headers));
        }

        Add(table, "delivery_mode", properties.DeliveryMode);
        Add(table, "priority", properties.Priority);
        Add(table, "correlation_id", properties.CorrelationId);
        Add(table, "reply_to", properties.ReplyTo);
        Add(table, "expiration", properties.Expiration);
        Add(table, "message_id", properties.MessageId);
        Add(table, "timestamp", properties.Timestamp);
        Add(table, "type", properties.Type);
        Add(table, "user_id", properties.UserId);
        Add(table, "app_id", properties.AppId);
        Add(table, "cluster_id", properties.ClusterId);
        return table;
    }

    private static void Add(FieldTable table, string name, string? value)
    {
        if (value is not null)
        {
            table.Add(name, FieldValue.Of(value));
        }
    }

    // RabbitMQ cuts what does not fit into 32 bits; a timestamp after 2038 is better right than like that.
    private static void Add(FieldTable table, string name, long? value)
    {
        if (value is { } number)
        {
            table.Add(name, number is >= int.MinValue and <= int.MaxValue ? FieldValue.Of((int)number) : FieldValue.Of(number));
        }
    }
}
