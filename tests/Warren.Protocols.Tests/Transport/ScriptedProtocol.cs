using Warren.Buffers.Scheduling;
using Warren.Transport;
using Xunit;

namespace Warren.Protocols.Tests.Transport;

/// <summary>A protocol whose sessions do what the test says: by default they echo.</summary>
internal sealed class ScriptedProtocol : IProtocol
{
    public delegate int Consumer(ScriptedSession session, ReadOnlySpan<byte> unread);

    public string Name => "scripted";

    public Consumer OnConsume { get; set; } = static (session, unread) => session.Echo(unread);

    public Action<ScriptedSession>? OnAccept { get; set; }

    public List<ScriptedSession> Sessions { get; } = [];

    public IProtocolSession Accept(Connection connection)
    {
        var session = new ScriptedSession(this, connection);
        lock (Sessions)
        {
            Sessions.Add(session);
        }

        OnAccept?.Invoke(session);
        return session;
    }
}

/// <summary>Records what a connection does with its session.</summary>
internal sealed class ScriptedSession(ScriptedProtocol protocol, Connection connection) : IProtocolSession
{
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Exception? _error;

    public Connection Connection => connection;

    public List<int> Offered { get; } = [];

    public List<long> Ticks { get; } = [];

    public Action? OnNextTick { get; set; }

    public Action? OnNextLook { get; set; }

    public int BatchEnds { get; private set; }

    public int DrainedCalls { get; private set; }

    public int ClosedCalls { get; private set; }

    public int ConsumedAfterClose { get; private set; }

    public Task<Exception?> Closed => _closed.Task;

    public Task Drained => _drained.Task;

    public int Consume(ReadOnlySpan<byte> unread)
    {
        Offered.Add(unread.Length);
        ConsumedAfterClose += ClosedCalls;
        return protocol.OnConsume(this, unread);
    }

    public void OnReadBatchEnd()
    {
        BatchEnds++;
        connection.Output.Flush();
    }

    public void OnDrained()
    {
        DrainedCalls++;
        _drained.TrySetResult();
    }

    public void OnTick(Uptime now)
    {
        Ticks.Add(now.Ms);
        OnNextTick?.Invoke();
    }

    public void OnLook(Uptime now) => OnNextLook?.Invoke();

    public void OnClosed(Exception? error)
    {
        ClosedCalls++;
        _error = error;
        _closed.TrySetResult(error);
    }

    /// <summary>What OnClosed was given; it must have been called, once.</summary>
    public Exception? ClosedWith()
    {
        Assert.Equal(1, ClosedCalls);
        return _error;
    }

    public int Echo(ReadOnlySpan<byte> unread)
    {
        Append(unread);
        return unread.Length;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (connection.Output.Lock)
        {
            connection.Output.Append(bytes);
        }
    }
}
