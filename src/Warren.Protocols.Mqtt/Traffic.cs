namespace Warren.Protocols.Mqtt;

/// <summary>The connections of the protocol and what they have received and sent since the start.</summary>
/// <remarks>Thread-safe. Connections that end hand their numbers over, so that totals only grow.</remarks>
internal sealed class Traffic
{
    private readonly Lock _lock = new();
    private readonly HashSet<MqttConnection> _connections = [];
    private PacketCounts _retired;
    private long _sockets;
    private long _connects;
    private int _entered;
    private int _leaving;
    private int _peak;

    /// <summary>Connections, those that still shake hands included, those that we have ended not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count - _leaving;
            }
        }
    }

    /// <summary>Connections accepted since the start.</summary>
    public long Sockets => Volatile.Read(ref _sockets);

    /// <summary>CONNECT packets since the start.</summary>
    public long Connects => Volatile.Read(ref _connects);

    /// <summary>Most clients there were at a time.</summary>
    public int Peak => Volatile.Read(ref _peak);

    /// <summary>A client has connected.</summary>
    public void Add(MqttConnection connection)
    {
        lock (_lock)
        {
            _connections.Add(connection);
            _sockets++;
        }
    }

    /// <summary>A client asks to come in.</summary>
    public void OnConnect() => Interlocked.Increment(ref _connects);

    /// <summary>A client has come in.</summary>
    public void OnEntered()
    {
        lock (_lock)
        {
            _entered++;
            _peak = Math.Max(_peak, _entered);
        }
    }

    /// <summary>We have ended a connection. Its client may take its time to close it, but not the place of another.</summary>
    public void OnLeaving(MqttConnection connection)
    {
        lock (_lock)
        {
            if (!connection.IsLeaving && _connections.Contains(connection))
            {
                connection.IsLeaving = true;
                _leaving++;
            }
        }
    }

    /// <summary>A client is gone.</summary>
    public void Remove(MqttConnection connection)
    {
        lock (_lock)
        {
            if (_connections.Remove(connection))
            {
                _leaving -= connection.IsLeaving ? 1 : 0;
                _retired.Add(connection.Traffic);
                _entered -= connection.Session is null ? 0 : 1;
            }
        }
    }

    /// <summary>The totals of all connections there are and were.</summary>
    public PacketCounts Totals()
    {
        lock (_lock)
        {
            PacketCounts totals = _retired;
            foreach (MqttConnection connection in _connections)
            {
                totals.Add(connection.Traffic);
            }

            return totals;
        }
    }
}
