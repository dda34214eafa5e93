using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Warren.Core.Security;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/whoami</c>, <c>/auth</c> and <c>/login</c>.</summary>
internal static class WhoAmIEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/whoami").Get(Guard.Any, WhoAmI).WhileStopped();
        routes.At("/auth").Get(Guard.None, static _ => ApiReply.Json(new JsonObject { ["oauth_enabled"] = false })).WhileStopped();
        routes.At("/login").Post(Guard.None, LoginAsync).WhileStopped();
    }

    private static ApiReply WhoAmI(ApiRequest request)
    {
        var body = new JsonObject
        {
            ["name"] = request.User.Name,
            ["tags"] = JsonArrays.Of(request.User.Tags),
            ["is_internal_user"] = true,
        };
        if (request.Context.Options.LoginSessionMinutes is { } minutes)
        {
            body["login_session_timeout"] = minutes;
        }

        return ApiReply.Json(body);
    }

    // application/x-www-form-urlencoded, as a page's form sends it.
    private static async ValueTask<ApiReply> LoginAsync(ApiRequest request)
    {
        if (!request.Http.Request.HasFormContentType)
        {
            throw ApiError.BadRequest("a form with username and password is expected");
        }

        IFormCollection form = await request.Http.Request.ReadFormAsync(request.Aborted);
        var credentials = new Credentials(form["username"].ToString(), form["password"].ToString());
        User user = Logins.Check(credentials, request.Http, request.Context);
        Guards.Check(Guard.Any, user, request.Broker, virtualHost: null);
        request.Http.Response.Cookies.Append(Credentials.Cookie, credentials.Encoded, new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            Path = "/",
            SameSite = SameSiteMode.Strict,
            Secure = request.Http.Request.IsHttps,
            MaxAge = request.Context.Options.LoginSessionMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        });
        return ApiReply.Json(JsonValue.Create("ok"));
    }
}
