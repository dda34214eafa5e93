using System.Text.Json;
using Warren.Management.OpenApi;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>/openapi.json</c>: the API described for tools.</summary>
internal static class OpenApiEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        byte[]? document = null; // made when somebody asks; the routes do not change any more then
        routes.At("/openapi.json").Get(Guard.None, request =>
        {
            byte[] text = Volatile.Read(ref document)
                ?? JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Of(routes, request.Context.Options.PathPrefix));
            Volatile.Write(ref document, text);
            return ApiReply.Stream("application/json", (r, stream) => stream.WriteAsync(text, r.Aborted).AsTask());
        });
    }
}
