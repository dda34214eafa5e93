using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Warren.Core;
using Warren.Management.Hosting;
using Warren.Server.Configuration;
using Warren.Server.Logging;

namespace Warren.Server;

/// <summary>Stops and starts what clients see of a server, which goes on itself.</summary>
/// <remarks>Thread-safe; one change at a time.</remarks>
internal sealed class NodeControl : INodeControl, IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Broker _broker;
    private readonly ProtocolListeners _listeners;
    private readonly ServerLog? _ownLog;
    private readonly ILogger _log;
    private int _state; // a NodeState
    private bool _isEnding; // guarded by _changing

    /// <param name="broker">The broker.</param>
    /// <param name="listeners">Its listeners.</param>
    /// <param name="ownLog">The log; null: it belongs to the program around the server.</param>
    /// <param name="log">Where changes are told.</param>
    public NodeControl(Broker broker, ProtocolListeners listeners, ServerLog? ownLog, ILogger log)
    {
        _broker = broker;
        _listeners = listeners;
        _ownLog = ownLog;
        _log = log;
    }

    /// <inheritdoc/>
    public NodeState State => (NodeState)Volatile.Read(ref _state);

    /// <inheritdoc/>
    public IReadOnlyList<string> LogFiles => _ownLog?.Files ?? [];

    /// <inheritdoc/>
    public Task SuspendListenersAsync() => ChangeAsync(
        static state => state == NodeState.Running, NodeState.Suspended, _listeners.SuspendAsync);

    /// <inheritdoc/>
    public Task ResumeListenersAsync() => ChangeAsync(
        static state => state == NodeState.Suspended, NodeState.Running, ListenAsync);

    /// <inheritdoc/>
    public Task DrainAsync() => ChangeAsync(
        static state => state is NodeState.Running or NodeState.Suspended,
        NodeState.Drained,
        () => CloseClientsAsync("broker forced connection closure with reason 'Node was put into maintenance mode'"));

    /// <inheritdoc/>
    public Task ReviveAsync() => ChangeAsync(
        static state => state is NodeState.Suspended or NodeState.Drained, NodeState.Running, ListenAsync);

    /// <inheritdoc/>
    public Task StopAsync() => ChangeAsync(
        static state => state != NodeState.Stopped, NodeState.Stopped, () => CloseClientsAsync(WarrenServer.StopReason));

    /// <inheritdoc/>
    public Task StartAsync() => ChangeAsync(static state => state == NodeState.Stopped, NodeState.Running, ListenAsync);

    /// <inheritdoc/>
    public async Task<bool> ResetAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (State != NodeState.Stopped || _isEnding)
            {
                return false;
            }

            _broker.Reset();
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public Task RotateLogsAsync() => _ownLog?.RotateAsync() ?? Task.CompletedTask;

    /// <inheritdoc/>
    public bool SetLogLevel(string? category, LogLevel level) => _ownLog?.SetLevel(category, level) ?? false;

    /// <inheritdoc/>
    public bool TryReadSize(string text, out long bytes)
    {
        long? size = OptionText.Size(text);
        bytes = size ?? 0;
        return size is not null;
    }

    /// <inheritdoc/>
    public bool TryReadLevel(string text, [NotNullWhen(true)] out LogLevel? level)
    {
        level = OptionText.Level(text);
        return level is not null;
    }

    /// <summary>Lets the change under way end; later ones do nothing, because the server stops.</summary>
    public async Task EndAsync()
    {
        await _changing.WaitAsync();
        _isEnding = true;
        _changing.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private async Task ChangeAsync(Func<NodeState, bool> isMeant, NodeState after, Func<Task> change)
    {
        await _changing.WaitAsync();
        try
        {
            NodeState before = State;
            if (_isEnding || !isMeant(before))
            {
                return;
            }

            // What closes is told at once, what opens when it is open.
            bool opens = after == NodeState.Running;
            Volatile.Write(ref _state, (int)(opens ? before : after));
            await change();
            Volatile.Write(ref _state, (int)after);
            _log.NodeStateChanged(before, after);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await _listeners.ResumeAsync();
        }
        catch (StartupError e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private async Task CloseClientsAsync(string reason)
    {
        await _listeners.SuspendAsync();
        _broker.Connections.CloseAll(reason);
        await _listeners.DrainAsync();
    }
}
