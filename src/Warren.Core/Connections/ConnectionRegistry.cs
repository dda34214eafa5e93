using System.Collections.Concurrent;
using Warren.Core.Alarms;

namespace Warren.Core.Connections;

/// <summary>The client connections of a broker, from the accepted socket on.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<IClientConnection, bool> _all = new(ReferenceEqualityComparer.Instance);

    /// <summary>Number of connections, those that still shake hands included.</summary>
    public int Count => _all.Count;

    /// <summary>A client has connected.</summary>
    public void Add(IClientConnection connection) => _all[connection] = true;

    /// <summary>A connection is gone.</summary>
    public void Remove(IClientConnection connection) => _all.TryRemove(connection, out _);

    /// <summary>Closes all.</summary>
    public void CloseAll(string reason)
    {
        foreach (KeyValuePair<IClientConnection, bool> connection in _all)
        {
            connection.Key.CloseFor(reason);
        }
    }

    /// <summary>Tells all of a change of the alarms.</summary>
    internal void TellAlarm(AlarmKinds alarms)
    {
        foreach (KeyValuePair<IClientConnection, bool> connection in _all)
        {
            connection.Key.OnAlarm(alarms);
        }
    }
}
