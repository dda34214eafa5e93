using Microsoft.AspNetCore.Http;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Management.Definitions;
using Warren.Management.Hosting;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>/definitions</c>, of everything and of one virtual host.</summary>
internal static class DefinitionEndpoints
{
    private const string NotJson = "failed_to_parse_json";

    public static void Map(ApiRoutes routes)
    {
        routes.At("/definitions").Get(Guard.Admin, Export).Post(Guard.Admin, ImportAsync);
        routes.At("/all-configuration").Get(Guard.Admin, Export).Post(Guard.Admin, ImportAsync);
        routes.At("/definitions/{vhost}").Get(Guard.Admin, ExportVirtualHost).Post(Guard.Admin, ImportVirtualHostAsync);
    }

    private static ApiReply Export(ApiRequest request) => AsDownload(
        request, ApiReply.Stream("application/json", static (r, stream) => DefinitionsExport.WriteAsync(r.Context, stream)));

    private static ApiReply ExportVirtualHost(ApiRequest request)
    {
        VirtualHost virtualHost = Require(request);
        return AsDownload(
            request,
            ApiReply.Stream("application/json", (r, stream) => DefinitionsExport.WriteAsync(r.Context, virtualHost, stream)));
    }

    private static ApiReply AsDownload(ApiRequest request, ApiReply reply)
    {
        if (request.Query("download") is not { Length: > 0 } name)
        {
            return reply;
        }

        string safe = string.Concat(name.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@'));
        return reply.With("Content-Disposition", $"attachment; filename={(safe.Length == 0 ? "definitions.json" : safe)}");
    }

    private static async ValueTask<ApiReply> ImportAsync(ApiRequest request)
    {
        RequestBody document = await ReadAsync(request);
        CommitTicket ticket = DefinitionsImport.Run(request.Broker, document, request.User);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        request.Context.Log.DefinitionsImported(request.User.Name);
        return ApiReply.NoContent;
    }

    private static async ValueTask<ApiReply> ImportVirtualHostAsync(ApiRequest request)
    {
        RequestBody document = await ReadAsync(request);
        CommitTicket ticket = DefinitionsImport.Run(request.Broker, Require(request), document);
        await CommitWait.ForAsync(request.Broker.Commits, ticket, request.Aborted);
        request.Context.Log.DefinitionsImported(request.User.Name);
        return ApiReply.NoContent;
    }

    private static VirtualHost Require(ApiRequest request) =>
        request.Broker.FindVirtualHost(request.Name("vhost")) ?? throw ApiError.BadRequest("vhost_not_found");

    // JSON, or the file a page's form sends.
    private static async ValueTask<RequestBody> ReadAsync(ApiRequest request)
    {
        using var bytes = new MemoryStream();
        if (request.Http.Request.HasFormContentType && request.Http.Request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            IFormCollection form = await request.Http.Request.ReadFormAsync(request.Aborted);
            if (form.Files.GetFile("file") is { } file)
            {
                await file.CopyToAsync(bytes, request.Aborted);
            }
            else if (form["file"] is [{ } text, ..])
            {
                await bytes.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), request.Aborted);
            }
            else
            {
                throw ApiError.BadRequest(NotJson);
            }
        }
        else
        {
            await request.Http.Request.Body.CopyToAsync(bytes, request.Aborted);
        }

        return RequestBody.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), NotJson);
    }
}
