using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;

namespace Warren.Core.Events;

/// <summary>Publishes log lines to the exchange <c>amq.rabbitmq.log</c> of the default virtual host, as RabbitMQ's <c>log.exchange</c> does.</summary>
/// <remarks>Thread-safe, never blocks. Costs next to nothing while nothing is bound.</remarks>
public sealed class LogLines
{
    /// <summary>The exchange.</summary>
    public const string ExchangeName = "amq.rabbitmq.log";

    private readonly Broker _broker;
    private readonly OwnMessages _messages;
    private volatile Place? _place;

    internal LogLines(Broker broker, OwnMessages messages)
    {
        _broker = broker;
        _messages = messages;
    }

    /// <summary>Whether anybody reads.</summary>
    public bool IsHeard => _place is { } place && place.Exchange.HasBindings;

    /// <summary>Publishes a line.</summary>
    /// <param name="level">The routing key: <c>debug</c>, <c>info</c>, <c>warning</c>, <c>error</c> or <c>critical</c>.</param>
    /// <param name="time">When it was written.</param>
    /// <param name="contentType">What the line is: <c>text/plain</c> or <c>application/json</c>.</param>
    /// <param name="line">The line in UTF-8; kept.</param>
    public void Publish(string level, DateTimeOffset time, string contentType, ReadOnlyMemory<byte> line)
    {
        if (!IsHeard || _place is not { } place)
        {
            return;
        }

        var headers = new FieldTable(1);
        headers.Add("node", FieldValue.Of(_broker.NodeName));
        var properties = new MessageProperties
        {
            ContentType = contentType,
            Timestamp = time.ToUnixTimeSeconds(),
            Headers = headers,
        };
        _messages.Post(new OwnMessage(place.Home, place.Exchange, level, properties) { Body = line });
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

    private sealed record Place(VirtualHost Home, Exchange Exchange);
}
