using Warren.Buffers.Fields;
using Warren.Core.Security;

namespace Warren.Core.Events;

/// <summary>The events of users and what they may do.</summary>
internal static class SecurityEvents
{
    /// <summary>A user came or has changed.</summary>
    public static void UserPut(this BrokerEvents events, User? old, User user)
    {
        if (!events.IsHeard)
        {
            return;
        }

        bool hasNewPassword = old is not null && old.PasswordHash != user.PasswordHash;
        if (old is null)
        {
            events.EmitUser("user.created", user.Name);
        }
        else if (hasNewPassword)
        {
            events.EmitUser(user.PasswordHash.Length == 0 ? "user.password.cleared" : "user.password.changed", user.Name);
        }

        bool hasOldLimits = old?.Limits == user.Limits || (old is null && user.Limits == UserLimits.None);
        if (old is null ? user.Tags.Count > 0 : !old.Tags.SequenceEqual(user.Tags) || (!hasNewPassword && hasOldLimits))
        {
            events.Emit(
                "user.tags.set", BrokerEvents.Of("name", user.Name), BrokerEvents.Of("tags", user.Tags), events.By(null));
        }

        if (!hasOldLimits)
        {
            (string, FieldValue)[] what =
                [BrokerEvents.Of("name", "limits"), BrokerEvents.Of("username", user.Name), events.By(null)];
            events.Emit(
                user.Limits == UserLimits.None ? "user.limits.cleared" : "user.limits.set",
                [.. what, .. user.Limits.Values.Select(static limit => BrokerEvents.Of(limit.Key, limit.Value))]);
        }
    }

    public static void UserDeleted(this BrokerEvents events, string name)
    {
        if (events.IsHeard)
        {
            events.EmitUser("user.deleted", name);
        }
    }

    public static void PermissionCreated(this BrokerEvents events, string user, string virtualHost, UserPermissions permissions)
    {
        if (events.IsHeard)
        {
            events.Emit(
                "permission.created",
                BrokerEvents.Of("user", user),
                BrokerEvents.Of("vhost", virtualHost),
                BrokerEvents.Of("configure", permissions.Configure),
                BrokerEvents.Of("write", permissions.Write),
                BrokerEvents.Of("read", permissions.Read),
                events.By(null));
        }
    }

    public static void TopicPermissionCreated(
        this BrokerEvents events, string user, string virtualHost, string exchange, TopicPermissions permissions)
    {
        if (events.IsHeard)
        {
            events.Emit(
                "topic.permission.created",
                BrokerEvents.Of("user", user),
                BrokerEvents.Of("vhost", virtualHost),
                BrokerEvents.Of("exchange", exchange),
                BrokerEvents.Of("write", permissions.Write),
                BrokerEvents.Of("read", permissions.Read),
                events.By(null));
        }
    }

    public static void PermissionDeleted(this BrokerEvents events, string user, string virtualHost) =>
        events.EmitDeleted("permission.deleted", user, virtualHost);

    public static void TopicPermissionDeleted(this BrokerEvents events, string user, string virtualHost) =>
        events.EmitDeleted("topic.permission.deleted", user, virtualHost);

    private static void EmitDeleted(this BrokerEvents events, string key, string user, string virtualHost)
    {
        if (events.IsHeard)
        {
            events.Emit(key, BrokerEvents.Of("user", user), BrokerEvents.Of("vhost", virtualHost), events.By(null));
        }
    }

    private static void EmitUser(this BrokerEvents events, string key, string name) =>
        events.Emit(key, BrokerEvents.Of("name", name), events.By(null));
}
