namespace Warren.Core.Exchanges;

/// <summary>Routes to everything bound to it (AMQP 0-9-1, 3.1.3.2).</summary>
/// <remarks>The array readers use is made anew by the first reader after a change, so that many changes cost one copy.</remarks>
internal sealed class FanoutExchange(ExchangeDeclaration declaration) : Exchange(declaration)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RoutingTarget, int> _targets = [];
    private RoutingTarget[]? _snapshot;

    public override void Route(in RoutingInput input, RouteSet routes) => routes.Add(_snapshot ?? Snapshot());

    protected override void OnBind(Binding binding)
    {
        lock (_lock)
        {
            _targets[binding.Destination] = _targets.GetValueOrDefault(binding.Destination) + 1;
            _snapshot = null;
        }
    }

    protected override void OnUnbind(Binding binding)
    {
        lock (_lock)
        {
            if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                _targets, binding.Destination, out _) == 0)
            {
                _targets.Remove(binding.Destination);
            }

            _snapshot = null;
        }
    }

    private RoutingTarget[] Snapshot()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _targets.Keys];
        }
    }
}
