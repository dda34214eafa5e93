using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace Warren.Core.Exchanges;

/// <summary>Routes to what is bound with exactly the routing key (AMQP 0-9-1, 3.1.3.1).</summary>
/// <remarks>Readers take no lock: the array under a key is never changed, only replaced.</remarks>
internal sealed class DirectExchange(ExchangeDeclaration declaration) : Exchange(declaration)
{
    private readonly ConcurrentDictionary<byte[], RoutingTarget[]> _byKey = new(new Utf8KeyComparer());

    private readonly Dictionary<(string Key, RoutingTarget Destination), int> _counts = [];

    public override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(input.RoutingKey, out RoutingTarget[]? targets))
        {
            routes.Add(targets);
        }
    }

    protected override void OnBind(Binding binding)
    {
        if (++CollectionsMarshal.GetValueRefOrAddDefault(_counts, (binding.Key, binding.Destination), out _) == 1)
        {
            _byKey.AddOrUpdate(
                Encoding.UTF8.GetBytes(binding.Key),
                static (_, added) => [added],
                static (_, bound, added) => [.. bound, added],
                binding.Destination);
        }
    }

    protected override void OnUnbind(Binding binding)
    {
        // Another binding with other arguments may still lead there.
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_counts, (binding.Key, binding.Destination), out _) > 0)
        {
            return;
        }

        _counts.Remove((binding.Key, binding.Destination));
        byte[] key = Encoding.UTF8.GetBytes(binding.Key);
        RoutingTarget[] left = Array.FindAll(_byKey[key], t => !ReferenceEquals(t, binding.Destination));
        if (left.Length == 0)
        {
            _byKey.TryRemove(key, out _);
        }
        else
        {
            _byKey[key] = left;
        }
    }
}
