using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;

namespace Warren.Cli.Ctl.Commands;

/// <summary>The texts and exit codes of the errors that many commands share.</summary>
internal static class Refusals
{
    public static CtlError NoUser(string user) => new(CtlExit.NoUser, $"User \"{user}\" does not exist");

    public static CtlError NoVirtualHost(string name) => new(CtlExit.BadArgument, $"Virtual host '{name}' does not exist") { IsBare = true };

    /// <summary>Reads JSON that was given as an argument.</summary>
    /// <exception cref="CtlError">It is none.</exception>
    public static JsonNode Json(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? throw new CtlError(CtlExit.Unavailable, "JSON decoding error. Reason: null is no value here");
        }
        catch (JsonException e)
        {
            throw new CtlError(CtlExit.Unavailable, $"JSON decoding error. Reason: {e.Message}");
        }
    }

    /// <summary>The reason of a refusal in the words of rabbitmqctl: missing users and virtual hosts have codes of their own.</summary>
    public static CtlError Of(ApiError error, string? user = null, string? virtualHost = null)
    {
        if (user is not null && error.Message.Contains("no_such_user", StringComparison.Ordinal))
        {
            return new CtlError(CtlExit.NoUser, $"User {user} does not exist");
        }

        bool isVirtualHost = error.Message.Contains("vhost_not_found", StringComparison.Ordinal)
            || error.Message.Contains("no_such_vhost", StringComparison.Ordinal)
            || (error.IsNotFound && user is null);
        return virtualHost is not null && isVirtualHost
            ? new CtlError(CtlExit.Unavailable, $"Virtual host {virtualHost} does not exist")
            : error.ToCtlError();
    }
}
