using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core.Messages;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Messages;

/// <summary>The properties of messages as JSON and back.</summary>
internal static class PropertiesJson
{
    private const int LongestText = 255; // bytes in UTF-8

    /// <summary>The properties that are given.</summary>
    public static JsonObject Of(MessageProperties properties)
    {
        var json = new JsonObject();
        Add(json, "type", properties.Type);
        Add(json, "user_id", properties.UserId);
        Add(json, "app_id", properties.AppId);
        Add(json, "cluster_id", properties.ClusterId);
        Add(json, "message_id", properties.MessageId);
        Add(json, "correlation_id", properties.CorrelationId);
        Add(json, "reply_to", properties.ReplyTo);
        Add(json, "expiration", properties.Expiration);
        Add(json, "content_type", properties.ContentType);
        Add(json, "content_encoding", properties.ContentEncoding);
        if (properties.Timestamp is { } timestamp)
        {
            json["timestamp"] = timestamp;
        }

        if (properties.Priority is { } priority)
        {
            json["priority"] = priority;
        }

        if (properties.DeliveryMode is { } mode)
        {
            json["delivery_mode"] = mode;
        }

        if (properties.Headers is { } headers)
        {
            json["headers"] = FieldJson.Of(headers);
        }

        return json;
    }

    /// <summary>Reads properties; what is not known is left out.</summary>
    /// <exception cref="ApiError">400: a value is of another type.</exception>
    public static MessageProperties Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 0)
        {
            return new MessageProperties(); // as RabbitMQ prints none
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw ApiError.BadRequest("not_json_object", "properties");
        }

        return new MessageProperties
        {
            ContentType = Text(json, "content_type"),
            ContentEncoding = Text(json, "content_encoding"),
            Headers = json.TryGetProperty("headers", out JsonElement headers) ? Headers(headers) : null,
            DeliveryMode = Octet(json, "delivery_mode"),
            Priority = Octet(json, "priority"),
            CorrelationId = Text(json, "correlation_id"),
            ReplyTo = Text(json, "reply_to"),
            Expiration = Text(json, "expiration"),
            MessageId = Text(json, "message_id"),
            Timestamp = Number(json, "timestamp"),
            Type = Text(json, "type"),
            UserId = Text(json, "user_id"),
            AppId = Text(json, "app_id"),
            ClusterId = Text(json, "cluster_id"),
        };
    }

    private static Buffers.Fields.FieldTable Headers(JsonElement headers)
    {
        if (headers.ValueKind != JsonValueKind.Object)
        {
            return headers.ValueKind is JsonValueKind.Null or JsonValueKind.Array
                ? Buffers.Fields.FieldTable.Empty
                : throw ApiError.BadRequest("not_json_object", "headers");
        }

        try
        {
            return FieldJson.ToTable(JsonObject.Create(headers)!);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw ApiError.BadRequest($"headers: {e.Message}");
        }
    }

    private static void Add(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static string? Text(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw ApiError.BadRequest("not_string", name);
        }

        string text = value.GetString()!;
        return System.Text.Encoding.UTF8.GetByteCount(text) <= LongestText
            ? text
            : throw ApiError.BadRequest("too_long", name);
    }

    private static long? Number(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0
            ? number
            : throw ApiError.BadRequest("not_int", name);
    }

    private static byte? Octet(JsonElement json, string name) => Number(json, name) switch
    {
        null => null,
        <= byte.MaxValue and { } number => (byte)number,
        _ => throw ApiError.BadRequest("not_int", name),
    };
}
