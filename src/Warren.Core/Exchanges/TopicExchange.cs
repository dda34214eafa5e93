using System.Text;

namespace Warren.Core.Exchanges;

/// <summary>Routes by patterns over the words of the routing key: * is one word, # any number (AMQP 0-9-1, 3.1.3.3).</summary>
/// <remarks>Readers share a lock: routes are cached by connection, so only the first message with a key comes here.</remarks>
internal sealed class TopicExchange(ExchangeDeclaration declaration) : Exchange(declaration)
{
    private readonly Lock _lock = new();
    private readonly TopicTrie _trie = new();

    public override void Route(in RoutingInput input, RouteSet routes)
    {
        lock (_lock)
        {
            _trie.Match(input.RoutingKey, routes);
        }
    }

    protected override void OnBind(Binding binding)
    {
        lock (_lock)
        {
            _trie.Add(Encoding.UTF8.GetBytes(binding.Key), binding.Destination);
        }
    }

    protected override void OnUnbind(Binding binding)
    {
        lock (_lock)
        {
            _trie.Remove(Encoding.UTF8.GetBytes(binding.Key), binding.Destination);
        }
    }
}
