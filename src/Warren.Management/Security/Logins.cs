using System.Net;
using Microsoft.AspNetCore.Http;
using Warren.Core.Security;
using Warren.Management.Hosting;
using Warren.Management.Routing;

namespace Warren.Management.Security;

/// <summary>Checks who sends a request.</summary>
/// <remarks>Thread-safe.</remarks>
internal static class Logins
{
    public const string Challenge = "Basic realm=\"RabbitMQ Management\"";

    private static readonly object Trusted = new();

    /// <summary>Lets a request in without a login; one that brings a login is still checked.</summary>
    public static void Trust(HttpContext http) => http.Items[Trusted] = true;

    /// <summary>The user of a request.</summary>
    /// <exception cref="ApiError">401.</exception>
    public static User Require(HttpContext http, ManagementContext context) =>
        Credentials.TryRead(http.Request, out Credentials credentials)
            ? Check(credentials, http, context)
            : http.Items.ContainsKey(Trusted) ? User.Operator
            : throw ApiError.NotAuthorised("");

    /// <summary>The user with that name and password.</summary>
    /// <exception cref="ApiError">401.</exception>
    public static User Check(Credentials credentials, HttpContext http, ManagementContext context)
    {
        IPAddress from = http.Connection.RemoteIpAddress ?? (http.Items.ContainsKey(Trusted) ? IPAddress.Loopback : IPAddress.None);
        AuthenticationResult result = context.Broker.Authenticator.Authenticate(credentials.Name, credentials.Password, from, "http");
        if (result.User is { } user)
        {
            return user;
        }

        bool isRemote = result.Refusal == LoginRefusal.NotFromLoopback;
        context.Log.LoginRefused(credentials.Name, from, isRemote ? "only from this machine" : "unknown user or wrong password");
        throw isRemote
            ? ApiError.NotAuthorised("User can only log in via localhost")
            : new ApiError(401, "not_authorized", "Login failed");
    }
}
