using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary>The resources that show a broker at work: overview, nodes, queues, exchanges, bindings, connections.</summary>
internal static class ObjectEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        StatusEndpoints.Map(routes);
        QueueEndpoints.Map(routes);
        GetEndpoints.Map(routes);
        BrowseEndpoints.Map(routes);
        EditEndpoints.Map(routes);
        ExchangeEndpoints.Map(routes);
        PublishEndpoints.Map(routes);
        ExplainEndpoints.Map(routes);
        BindingEndpoints.Map(routes);
        ClientEndpoints.Map(routes);
        MqttEndpoints.Map(routes);
    }
}
