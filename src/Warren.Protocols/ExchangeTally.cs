using Warren.Core.Exchanges;

namespace Warren.Protocols;

/// <summary>Gathers what one read batch publishes to an exchange, so that the exchange's shared counters are touched once.</summary>
/// <remarks>The read loop's.</remarks>
public sealed class ExchangeTally
{
    private Exchange? _exchange;
    private int _published;
    private int _routed;

    /// <summary>A message came to an exchange and goes to so many queues.</summary>
    public void Add(Exchange? exchange, int queues)
    {
        if (!ReferenceEquals(exchange, _exchange))
        {
            Flush();
            _exchange = exchange;
        }

        _published++;
        _routed += queues;
    }

    /// <summary>Hands over what was gathered.</summary>
    public void Flush()
    {
        if (_published > 0)
        {
            _exchange?.Count(_published, _routed);
            _published = 0;
            _routed = 0;
        }
    }
}
