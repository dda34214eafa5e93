using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary>The resources that set a broker up: users, virtual hosts, policies, definitions, health.</summary>
internal static class AdministrationEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        WhoAmIEndpoints.Map(routes);
        UserEndpoints.Map(routes);
        PermissionEndpoints.Map(routes);
        VirtualHostEndpoints.Map(routes);
        LimitEndpoints.Map(routes);
        PolicyEndpoints.Map(routes);
        ParameterEndpoints.Map(routes);
        DefinitionEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        FeatureEndpoints.Map(routes);
        AuthEndpoints.Map(routes);
        NodeControlEndpoints.Map(routes);
    }
}
