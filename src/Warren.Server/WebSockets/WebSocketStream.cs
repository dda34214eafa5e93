using System.Net.WebSockets;

namespace Warren.Server.WebSockets;

/// <summary>The binary messages of a WebSocket as one stream of bytes (RFC 6455; MQTT 5.0, 6.0).</summary>
/// <remarks>One reader and one writer at a time, as a connection has them. Where one message ends says nothing.</remarks>
internal sealed class WebSocketStream : Stream
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private bool _ended; // the reader's

    public WebSocketStream(WebSocket socket) => _socket = socket;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Tells the client that nothing more comes. Never faults.</summary>
    public Task FinishAsync() => CloseAsync(WebSocketCloseStatus.NormalClosure, null);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_ended)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await _socket.ReceiveAsync(buffer, cancellationToken);
            }
            catch (WebSocketException e)
            {
                // Without the closing handshake: as a socket that is closed without DISCONNECT.
                _ended = true;
                if (e.WebSocketErrorCode is WebSocketError.ConnectionClosedPrematurely or WebSocketError.InvalidState)
                {
                    return 0;
                }

                throw new IOException(e.Message, e);
            }

            if (received.MessageType == WebSocketMessageType.Binary)
            {
                // A read of nothing only waits; a message of nothing is no end.
                if (received.Count > 0 || buffer.IsEmpty)
                {
                    return received.Count;
                }

                continue;
            }

            _ended = true;
            if (received.MessageType == WebSocketMessageType.Text)
            {
                await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "MQTT is binary"); // [MQTT-6.0.0-1]
            }
            else
            {
                await FinishAsync();
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string? text)
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        using var patience = new CancellationTokenSource(CloseTimeout);
        try
        {
            await _socket.CloseOutputAsync(status, text, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The client was faster, or does not read: there is nobody left to tell, and the read loop sees it too.
        }
    }
}
