using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary>Every resource of the API.</summary>
internal static class EndpointTable
{
    /// <summary>Puts them into the routes.</summary>
    public static void Map(ApiRoutes routes)
    {
        AdministrationEndpoints.Map(routes);
        ObjectEndpoints.Map(routes);
        OpenApiEndpoints.Map(routes);
    }
}
