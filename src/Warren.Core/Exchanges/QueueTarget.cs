namespace Warren.Core.Exchanges;

/// <summary>A queue as routing sees it: something with a name that ends up in a <see cref="RouteSet"/>.</summary>
public abstract class QueueTarget : RoutingTarget
{
    /// <summary>A target of that name.</summary>
    protected QueueTarget(string name)
        : base(name)
    {
    }
}
