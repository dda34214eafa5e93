using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary>The resources that show a broker at work: overview, nodes, queues, exchanges, bindings, connections.</summary>
internal static class ObjectEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}
