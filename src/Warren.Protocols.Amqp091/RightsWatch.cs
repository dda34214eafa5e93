using Warren.Buffers;
using Warren.Core.Security;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Notices that rights were taken away from a user whose connection is open: of the virtual host, or of queues it consumes.</summary>
/// <remarks>What a client asks for is checked when it asks; this is for what goes on without being asked. On the tick's thread.</remarks>
internal sealed class RightsWatch(Amqp091Connection connection, ChannelTable channels)
{
    private long _version = connection.Broker.Authorizer.Version;

    /// <summary>Looks again if anything has changed. Under the session's lock.</summary>
    /// <exception cref="ConnectionError">530: the user may not be in its virtual host any more.</exception>
    public void Look(FlushSet flush)
    {
        Authorizer authorizer = connection.Broker.Authorizer;
        if (_version == authorizer.Version || connection.User is not { } user || connection.VirtualHost is not { } virtualHost)
        {
            return;
        }

        _version = authorizer.Version;
        if (!authorizer.MayAccess(user, virtualHost.Name))
        {
            throw new ConnectionError(
                ReplyCode.NotAllowed, $"access to vhost '{virtualHost.Name}' refused for user '{user.Name}'");
        }

        connection.User = connection.Broker.Users.Find(user.Name) ?? user;
        foreach (Channel? channel in channels.All)
        {
            channel?.CancelUnreadable(flush);
        }
    }
}
