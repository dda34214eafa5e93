using System.Net;
using System.Text;
using System.Text.Json;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Security;

namespace Warren.Core.Events;

/// <summary>Tells of what happens in the broker as messages of the exchange <c>amq.rabbitmq.event</c>, as RabbitMQ's plugin does.</summary>
/// <remarks>
/// Thread-safe; may be called under any lock. An event costs next to nothing while nothing is bound to the exchange. The
/// body is empty, the details are headers, with the types of RabbitMQ: text, 64-bit integers, booleans, and arrays of
/// Erlang terms in text for tables with AMQP types.
/// </remarks>
public sealed class BrokerEvents
{
    /// <summary>The exchange.</summary>
    public const string ExchangeName = "amq.rabbitmq.event";

    private readonly Broker _broker;
    private readonly OwnMessages _messages;
    private readonly AsyncLocal<string?> _actingUser = new();
    private volatile Place? _place;

    internal BrokerEvents(Broker broker, OwnMessages messages)
    {
        _broker = broker;
        _messages = messages;
    }

    /// <summary>Whether anybody listens: an event without is not even put together.</summary>
    /// <remarks>Read without the lock of the definitions: a binding counts from a moment on, not from a certain one.</remarks>
    public bool IsHeard => _place is { } place && place.Exchange.HasBindings;

    /// <summary>Who has asked for what this flow of control does, where a method is not told; null: the broker itself.</summary>
    public string? ActingUser
    {
        get => _actingUser.Value;
        set => _actingUser.Value = value;
    }

    /// <summary>The name of this node.</summary>
    internal string NodeName => _broker.NodeName;

    /// <summary>Tells that something has happened.</summary>
    /// <param name="key">The routing key, such as <c>queue.created</c>.</param>
    /// <param name="details">The headers, besides the time.</param>
    public void Emit(string key, params ReadOnlySpan<(string Name, FieldValue Value)> details)
    {
        if (_place is not { } place)
        {
            return;
        }

        long nowMs = _broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var headers = new FieldTable(details.Length + 1);
        headers.Add("timestamp_in_ms", FieldValue.Of(nowMs));
        foreach ((string name, FieldValue value) in details)
        {
            AddTo(headers, name, value);
        }

        var properties = new MessageProperties { DeliveryMode = 2, Headers = headers, Timestamp = nowMs / 1000 };
        _messages.Post(new OwnMessage(place.Home, place.Exchange, key, properties));
    }

    /// <summary>The exchange is there from now on.</summary>
    internal void Open(VirtualHost home, Exchange exchange) => _place = new Place(home, exchange);

    /// <summary>A virtual host is gone, maybe the one of the exchange.</summary>
    internal void Close(VirtualHost home)
    {
        if (_place is { } place && place.Home == home)
        {
            _place = null;
        }
    }

    internal static (string Name, FieldValue Value) Of(string name, string value) => (name, FieldValue.Of(value));

    internal static (string Name, FieldValue Value) Of(string name, long value) => (name, FieldValue.Of(value));

    internal static (string Name, FieldValue Value) Of(string name, bool value) => (name, FieldValue.Of(value));

    internal static (string Name, FieldValue Value) Of(string name, IEnumerable<string> values) =>
        (name, FieldValue.Of([.. values.Select(FieldValue.Of)]));

    // RabbitMQ has no words for AMQP's types here: each field is a text with its term.
    internal static (string Name, FieldValue Value) Of(string name, FieldTable table) =>
        (name, FieldValue.Of([.. table.Fields.Select(static f => FieldValue.Of(ErlangText.Field(f.Key, f.Value)))]));

    // An address is a tuple of its numbers.
    internal static (string Name, FieldValue Value) Of(string name, IPAddress? address)
    {
        if (address is null)
        {
            return Of(name, "unknown");
        }

        byte[] bytes = address.GetAddressBytes();
        IEnumerable<int> parts = bytes.Length == 4
            ? bytes.Select(static b => (int)b)
            : Enumerable.Range(0, bytes.Length / 2).Select(i => (bytes[2 * i] << 8) | bytes[(2 * i) + 1]);
        return Of(name, $"{{{string.Join(',', parts)}}}");
    }

    /// <summary>Who has done it, as the last header of most events.</summary>
    internal (string Name, FieldValue Value) By(string? user) =>
        Of("user_who_performed_action", user ?? ActingUser ?? User.Internal.Name);

    /// <summary>A JSON value with the types RabbitMQ gives it here.</summary>
    internal static FieldValue Json(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => FieldValue.Of(true),
        JsonValueKind.False => FieldValue.Of(false),
        JsonValueKind.String => FieldValue.Of(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out long whole) => FieldValue.Of(whole),
        JsonValueKind.Number => FieldValue.Of(value.GetSingle()),
        JsonValueKind.Array => FieldValue.Of([.. value.EnumerateArray().Select(Json)]),
        JsonValueKind.Object => FieldValue.Of(Table(value.EnumerateObject().Select(static p => (p.Name, p.Value)))),
        _ => FieldValue.Of("null"),
    };

    /// <summary>Named JSON values as a table.</summary>
    internal static FieldTable Table(IEnumerable<(string Name, JsonElement Value)> values)
    {
        var table = new FieldTable();
        foreach ((string name, JsonElement value) in values)
        {
            AddTo(table, name, Json(value));
        }

        return table;
    }

    // A name in JSON may be of any length, one in a table may not.
    private static void AddTo(FieldTable table, string name, FieldValue value)
    {
        if (Encoding.UTF8.GetByteCount(name) <= byte.MaxValue)
        {
            table.Add(name, value);
        }
    }

    private sealed record Place(VirtualHost Home, Exchange Exchange);
}
