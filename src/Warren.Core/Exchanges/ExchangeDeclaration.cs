using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>What an exchange is declared with (AMQP 0-9-1, exchange.declare), without its type.</summary>
/// <param name="Name">Name; empty only for the default exchange.</param>
/// <param name="Durable">Survives a restart.</param>
/// <param name="AutoDelete">Goes away with its last binding.</param>
/// <param name="Internal">Cannot be published to, only bound to.</param>
/// <param name="Arguments">Arguments as they were given.</param>
public sealed record ExchangeDeclaration(
    string Name,
    bool Durable,
    bool AutoDelete,
    bool Internal,
    FieldTable Arguments)
{
    /// <summary>A durable exchange without arguments.</summary>
    public static ExchangeDeclaration DurableNamed(string name) =>
        new(name, Durable: true, AutoDelete: false, Internal: false, FieldTable.Empty);
}
