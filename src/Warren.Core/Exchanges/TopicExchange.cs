namespace Warren.Core.Exchanges;

/// <summary>Routes by patterns over the dotted words of the routing key (AMQP 0-9-1, 3.1.3.3).</summary>
/// <remarks>Routing allocates nothing once the <see cref="RouteSet"/> has grown to the trie.</remarks>
public sealed class TopicExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "topic";

    private readonly TopicTrie _trie = new();

    /// <summary>An exchange as declared.</summary>
    public TopicExchange(ExchangeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes) => _trie.Match(input.RoutingKey, routes);

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => _trie.Add(binding.KeyUtf8, binding.Destination);

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => _trie.Remove(binding.KeyUtf8, binding.Destination);
}
