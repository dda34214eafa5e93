namespace Warren.Core.Exchanges;

/// <summary>Routes a message through an exchange and whatever that one is bound to.</summary>
public static class ExchangeRouter
{
    /// <summary>Adds every queue the message reaches to <paramref name="routes"/>, which the caller has cleared.</summary>
    /// <remarks>
    /// Each exchange is visited once per message, so that circles of bindings or of alternate exchanges end. An
    /// exchange that leads nowhere hands on to its alternate exchange, if that exists; one that leads to another
    /// exchange has routed, whatever becomes of the message there.
    /// </remarks>
    /// <param name="start">The exchange published to.</param>
    /// <param name="input">What routing may look at.</param>
    /// <param name="routes">Where the queues go.</param>
    /// <param name="findExchange">Exchanges of the virtual host by name.</param>
    public static void Route(
        Exchange start,
        in RoutingInput input,
        RouteSet routes,
        Func<string, Exchange?> findExchange)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(findExchange);
        routes.ClearExchanges();
        routes.Visit(start);
        while (routes.NextExchange() is { } exchange)
        {
            if (exchange.LooksBeyondRoutingKey)
            {
                routes.MarkDependentOnHeaders();
            }

            routes.Matched = false;
            exchange.Route(input, routes);
            if (exchange.UsesRoutingKey)
            {
                foreach (byte[] key in input.MoreKeys)
                {
                    exchange.Route(input.WithKey(key), routes);
                }
            }

            if (!routes.Matched && exchange.AlternateExchange is { } name && findExchange(name) is { } alternate)
            {
                routes.Visit(alternate);
            }
        }
    }
}
