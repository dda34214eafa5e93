using Warren.Core;
using Warren.Core.Security;
using Warren.Management.Routing;

namespace Warren.Management.Security;

/// <summary>What the tags of a user allow, with RabbitMQ's texts.</summary>
public static class Guards
{
    private const string Administrator = "administrator";
    private const string Monitoring = "monitoring";
    private const string PolicyMaker = "policymaker";
    private const string Management = "management";

    /// <summary>Whether a user administers the broker.</summary>
    public static bool IsAdministrator(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.HasTag(Administrator);
    }

    /// <summary>Whether a user sees everything.</summary>
    public static bool IsMonitor(User user) => IsAdministrator(user) || user.HasTag(Monitoring);

    /// <summary>Whether a user may use the API at all.</summary>
    public static bool MayEnter(User user) => IsMonitor(user) || user.HasTag(PolicyMaker) || user.HasTag(Management);

    /// <summary>Refuses who may not pass.</summary>
    /// <exception cref="ApiError">401 with the reason.</exception>
    public static void Check(Guard guard, User user, Broker broker, string? virtualHost)
    {
        ArgumentNullException.ThrowIfNull(broker);
        if (!MayEnter(user))
        {
            throw ApiError.NotAuthorised("Not management user");
        }

        bool MayAccess() => virtualHost is null || IsAdministrator(user) || broker.Authorizer.MayAccess(user, virtualHost);
        string? refusal = guard switch
        {
            Guard.VirtualHost when !MayAccess() => "User not authorised to access virtual host",
            Guard.VirtualHostVisible when !MayAccess() && !IsMonitor(user) => "User not authorised to access virtual host",
            Guard.Policies when !IsAdministrator(user) && !(user.HasTag(PolicyMaker) && MayAccess()) =>
                "User not authorised to access object",
            Guard.GlobalParameters when !IsAdministrator(user) && !user.HasTag(PolicyMaker) => "User not authorised to access object",
            Guard.Monitor when !IsMonitor(user) => "Not monitor user",
            Guard.Admin when !IsAdministrator(user) => "Not administrator user",
            _ => null,
        };
        if (refusal is not null)
        {
            throw ApiError.NotAuthorised(refusal);
        }
    }
}
