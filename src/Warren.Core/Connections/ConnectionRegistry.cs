using System.Collections.Concurrent;

namespace Warren.Core.Connections;

/// <summary>The open client connections of a broker, and how to close each from the broker's side.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<object, Action<string>> _open = new();

    /// <summary>Number of open connections.</summary>
    public int Count => _open.Count;

    /// <summary>A connection is open; <paramref name="close"/> closes it with a reason for the client.</summary>
    public void Add(object connection, Action<string> close) => _open[connection] = close;

    /// <summary>A connection is gone.</summary>
    public void Remove(object connection) => _open.TryRemove(connection, out _);

    /// <summary>Closes all that are open.</summary>
    public void CloseAll(string reason)
    {
        foreach (Action<string> close in _open.Values)
        {
            close(reason);
        }
    }
}
