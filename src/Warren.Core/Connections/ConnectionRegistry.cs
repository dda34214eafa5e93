using System.Collections.Concurrent;
using Warren.Buffers.Scheduling;
using Warren.Core.Alarms;
using Warren.Core.Arguments;
using Warren.Core.Security;

namespace Warren.Core.Connections;

/// <summary>The client connections of a broker, from the accepted socket on.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<IClientConnection, bool> _all = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _entering = new();
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byVirtualHost = new(StringComparer.Ordinal);
    private readonly Dictionary<IClientConnection, (string User, string VirtualHost)> _entered =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>Told of connections that could not be closed; null: nobody.</summary>
    internal Scheduler? Faults { get; set; }

    /// <summary>Number of connections, those that still shake hands included.</summary>
    public int Count => _all.Count;

    /// <summary>The connections at this moment, those that still shake hands included.</summary>
    public IEnumerable<IClientConnection> All => _all.Keys;

    /// <summary>A client has connected.</summary>
    public void Add(IClientConnection connection) => _all[connection] = true;

    /// <summary>A client who has logged in enters a virtual host.</summary>
    /// <exception cref="BrokerError">530: the virtual host or the user has as many connections as it may.</exception>
    public void Enter(IClientConnection connection, User user, VirtualHost virtualHost)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(virtualHost);
        lock (_entering)
        {
            int there = _byVirtualHost.GetValueOrDefault(virtualHost.Name);
            if (virtualHost.Limits.MaxConnections is { } most && there >= most)
            {
                throw new BrokerError(
                    BrokerErrorKind.NotAllowed,
                    $"access to vhost '{virtualHost.Name}' refused for user '{user.Name}': connection limit ({most}) is reached");
            }

            int own = _byUser.GetValueOrDefault(user.Name);
            if (user.Limits.MaxConnections is { } allowed && own >= allowed)
            {
                throw new BrokerError(
                    BrokerErrorKind.NotAllowed,
                    $"connection refused for user '{user.Name}': user connection limit ({allowed}) is reached");
            }

            if (_entered.TryAdd(connection, (user.Name, virtualHost.Name)))
            {
                _byVirtualHost[virtualHost.Name] = there + 1;
                _byUser[user.Name] = own + 1;
            }
        }
    }

    /// <summary>Refuses one more channel to a user who has as many as it may.</summary>
    /// <exception cref="BrokerError">530.</exception>
    public void CheckChannelLimit(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (user.Limits.MaxChannels is not { } most)
        {
            return;
        }

        long open = 0;
        foreach (KeyValuePair<IClientConnection, bool> connection in _all)
        {
            open += string.Equals(connection.Key.User?.Name, user.Name, StringComparison.Ordinal) ? connection.Key.ChannelCount : 0;
        }

        if (open >= most)
        {
            throw new BrokerError(
                BrokerErrorKind.NotAllowed,
                $"number of channels opened for user '{user.Name}' has reached the maximum allowed user limit of ({most})");
        }
    }

    /// <summary>A connection is gone.</summary>
    public void Remove(IClientConnection connection)
    {
        _all.TryRemove(connection, out _);
        lock (_entering)
        {
            if (_entered.Remove(connection, out (string User, string VirtualHost) place))
            {
                CountDown(_byUser, place.User);
                CountDown(_byVirtualHost, place.VirtualHost);
            }
        }
    }

    /// <summary>Closes all.</summary>
    public void CloseAll(string reason) => CloseWhere(static _ => true, reason);

    /// <summary>Closes those that fit; the client is told why.</summary>
    /// <returns>How many.</returns>
    public int CloseWhere(Func<IClientConnection, bool> fits, string reason)
    {
        ArgumentNullException.ThrowIfNull(fits);
        int closed = 0;
        foreach (KeyValuePair<IClientConnection, bool> connection in _all)
        {
            if (fits(connection.Key))
            {
                try
                {
                    connection.Key.CloseFor(reason);
                }
                catch (Exception fault)
                {
                    Faults?.Report(connection.Key, fault); // the others are closed all the same
                }

                closed++;
            }
        }

        return closed;
    }

    /// <summary>Tells all of a change of the alarms.</summary>
    internal void TellAlarm(AlarmKinds alarms, Scheduler faults)
    {
        foreach (KeyValuePair<IClientConnection, bool> connection in _all)
        {
            try
            {
                connection.Key.OnAlarm(alarms);
            }
            catch (Exception fault)
            {
                faults.Report(connection.Key, fault); // the others must hear of it too
            }
        }
    }

    private static void CountDown(Dictionary<string, int> counts, string name)
    {
        if (--counts[name] == 0)
        {
            counts.Remove(name);
        }
    }
}
